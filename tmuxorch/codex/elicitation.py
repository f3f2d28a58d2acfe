"""What an MCP server asks of a human through Codex: whether its tool may run, a form to fill in, a page to
open.

Codex asks for the approval of an MCP tool in the same words, told apart by `_meta.codex_approval_kind`. The
forms are those of MCP 2025-11-25: an object of flat text, number, boolean and enum members.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from tmuxorch.codex.card import (
    ACCEPT,
    ACCEPT_FOR_SESSION,
    DECLINE,
    Answer,
    Card,
    Choice,
    Field,
    FieldType,
)
from tmuxorch.codex.items import ThreadItem
from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.errors import UsageError


class _Option(Struct, frozen=True):
    const: str
    title: str = ""


class _Items(Struct, frozen=True):
    enum: tuple[str, ...] | None = None
    any_of: tuple[_Option, ...] | None = msgspec.field(default=None, name="anyOf")


class _Member(Struct, frozen=True, rename="camel"):
    """One member of a form. Which of these it has depends on its type."""

    type: str
    title: str | None = None
    description: str | None = None
    default: Any = None
    enum: tuple[str, ...] | None = None
    enum_names: tuple[str, ...] | None = None
    one_of: tuple[_Option, ...] | None = None
    items: _Items | None = None
    format: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None

    @property
    def options(self) -> tuple[Choice, ...]:
        """What it may be, if it is closed."""
        items = self.items or _Items()
        if titled := self.one_of or items.any_of:
            return tuple(Choice(option.const, visible_line(option.title)) for option in titled)
        values = self.enum or items.enum or ()
        names = self.enum_names or ()
        return tuple(
            Choice(value, visible_line(names[at]) if at < len(names) else "")
            for at, value in enumerate(values)
        )


class _Form(Struct, frozen=True):
    properties: dict[str, _Member] = {}
    required: tuple[str, ...] | None = None


class _Meta(Struct, frozen=True):
    codex_approval_kind: str | None = None
    persist: tuple[str, ...] | str | None = None
    tool_description: str | None = None
    tool_params: Any = None


class Params(Struct, frozen=True, rename="camel"):
    server_name: str
    mode: str
    message: str = ""
    meta: _Meta | None = msgspec.field(default=None, name="_meta")
    requested_schema: _Form = _Form()
    url: str = ""

    @property
    def is_tool_approval(self) -> bool:
        """Whether Codex asks for itself: may this tool run?"""
        return self.meta is not None and self.meta.codex_approval_kind is not None

    @property
    def remembers(self) -> bool:
        """Whether Codex offers not to ask again in this session."""
        return self.meta is not None and "session" in (self.meta.persist or ())


_SECRET = re.compile(
    r"\b(pass(word|phrase|code|wd)|secret|token|credential|(api|private|access|secret)[ -]?key|pin)s?\b",
    re.IGNORECASE,
)

DISMISS = Choice("cancel", "Neither yes nor no; the agent goes on without it")

_UNSERVED = "tmuxorch cannot answer this kind of request; it can only be declined"


def card(p: Params, item: ThreadItem | None) -> Card:
    """A tool approval is an approval; everything else an elicitation, its form as fields."""
    server = visible_line(p.server_name)
    if p.is_tool_approval:
        return Card(
            kind="approval",
            title=visible_line(p.message),
            body=_tool_body(p),
            do=f"Decide whether this tool of the MCP server {server} may run.",
            expect="accept, accept-for-session or decline" if p.remembers else "accept or decline",
            choices=(ACCEPT, *((ACCEPT_FOR_SESSION,) if p.remembers else ()), DECLINE, DISMISS),
        )
    fields = tuple(
        _field(name, member, p.requested_schema) for name, member in p.requested_schema.properties.items()
    )
    served = p.mode in ("form", "url")
    return Card(
        kind="elicitation",
        title=f"{server} asks: {visible_line(p.message)}",
        body="\n".join(
            [visible(p.message), *([visible_line(p.url)] if p.url else []), *_form_lines(p.requested_schema)]
        ),
        do=_UNSERVED
        if not served
        else "Open the page and do what it asks."
        if p.url
        else "Fill in the form.",
        expect="accept when it is done, or decline" if served else "decline",
        choices=(*((ACCEPT,) if served else ()), DECLINE, DISMISS),
        fields=fields if served else (),
    )


def _tool_body(p: Params) -> str:
    meta = p.meta or _Meta()
    lines = [visible(p.message)]
    if meta.tool_description:
        lines.append(f"the tool's own description: {visible(meta.tool_description)}")
    if meta.tool_params:
        lines.append("with " + visible(json.dumps(meta.tool_params, ensure_ascii=False, indent=2)))
    return "\n".join(lines)


def _form_lines(form: _Form) -> list[str]:
    return [
        f"  {visible_line(name)}: {_expected(member)}"
        + (", passed on, never stored or shown" if _is_secret(name, member) else "")
        + (f" — {visible_line(member.description)}" if member.description else "")
        + ("" if name in (form.required or ()) else " (may be left out)")
        for name, member in form.properties.items()
    ]


def _is_secret(name: str, member: _Member) -> bool:
    """Whether the value is for nobody to see. A form cannot say it (Codex passes no mark of it on), but its names do;
    what is taken for a secret wrongly is only typed without being seen.
    """
    if member.type != "string" or member.options:
        return False
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", f"{name} {member.title or ''}").replace("_", " ")
    return _SECRET.search(words) is not None


def _field(name: str, member: _Member, form: _Form) -> Field:
    types: dict[str, FieldType] = {
        "number": "number",
        "integer": "integer",
        "boolean": "boolean",
        "array": "list",
    }
    return Field(
        id=name,
        label=visible_line(member.title or name),
        type=types.get(member.type, "string"),
        options=member.options,
        required=name in (form.required or ()),
        secret=_is_secret(name, member),
    )


def _expected(member: _Member) -> str:
    keys = ", ".join(visible_line(option.key) for option in member.options)
    match member.type:
        case "array":
            return f"any of {keys}, separated by commas"
        case "boolean":
            return "true or false"
        case "number" | "integer":
            kind = "a whole number" if member.type == "integer" else "a number"
            low = f" from {member.minimum:g}" if member.minimum is not None else ""
            return kind + low + (f" up to {member.maximum:g}" if member.maximum is not None else "")
        case _ if keys:
            return f"one of {keys}"
        case _:
            return f"a text ({member.format})" if member.format else "a text"


def reply(p: Params, answer: Answer) -> dict[str, Any]:
    """The action and, when accepted, the form's content, checked member by member."""
    values = dict(answer.values)
    members = p.requested_schema.properties
    if answer.text and len(members) == 1:
        values.setdefault(next(iter(members)), answer.text)
    choice = answer.choice or (ACCEPT.key if values else "")
    allowed = [choice.key for choice in card(p, None).choices]
    if choice not in allowed:
        raise UsageError(f"{choice!r} is no answer here", hint=f"one of: {', '.join(allowed)}")
    if choice in (DECLINE.key, DISMISS.key):
        return {"action": choice}
    accepted: dict[str, Any] = {"action": "accept", "content": _content(p.requested_schema, values)}
    return accepted | ({"_meta": {"persist": "session"}} if choice == ACCEPT_FOR_SESSION.key else {})


def _content(form: _Form, values: dict[str, str]) -> dict[str, Any]:
    for name in values.keys() - form.properties.keys():
        raise UsageError(f"there is no field {name!r}", hint=f"the fields are: {', '.join(form.properties)}")
    content = {}
    for name, member in form.properties.items():
        if given := values.get(name, ""):
            content[name] = _value(name, member, given)
        elif member.default is not None:
            content[name] = member.default
        elif name in (form.required or ()):
            raise UsageError(f"{name}: a value is needed", hint=f"{name}={_expected(member)}")
    return content


def _value(name: str, member: _Member, given: str) -> Any:
    """`given` as the type of the member; UsageError names the field and what is expected."""
    said = "that" if _is_secret(name, member) else repr(given)
    wrong = UsageError(f"{name}: {said} does not fit", hint=f"{name}: {_expected(member)}")
    keys = [option.key for option in member.options]
    match member.type:
        case "array":
            chosen = [part.strip() for part in given.split(",") if part.strip()]
            if any(part not in keys for part in chosen) or not _within(
                len(chosen), member.min_items, member.max_items
            ):
                raise wrong
            return chosen
        case "boolean":
            words = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}
            if (known := words.get(given.strip().lower())) is None:
                raise wrong
            return known
        case "number" | "integer":
            try:
                number = int(given) if member.type == "integer" else float(given)
            except ValueError:
                raise wrong from None
            if number != number or not _within(number, member.minimum, member.maximum):
                raise wrong
            return number
        case _:
            fits = given in keys if keys else _fits(given, member.format)
            if not fits or not _within(len(given), member.min_length, member.max_length):
                raise wrong
            return given


def _within(number: float, low: float | None, high: float | None) -> bool:
    return (low is None or low <= number) and (high is None or number <= high) and abs(number) != float("inf")


def _fits(text: str, form: str | None) -> bool:
    """Whether a text has the format that the form asks for; formats that we do not know fit."""
    try:
        match form:
            case "date":
                date.fromisoformat(text)
            case "date-time":
                datetime.fromisoformat(text)
            case "email":
                return re.fullmatch(r"[^@\s]+@[^@\s]+", text) is not None
            case "uri":
                return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S", text) is not None
    except ValueError:
        return False
    return True

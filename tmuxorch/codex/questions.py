"""Questions of an agent to a human (the tool `request_user_input`): one or several, with options or free
text."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from tmuxorch.codex.card import CANCEL, Answer, Card, Choice, Field
from tmuxorch.codex.items import ThreadItem
from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.errors import UsageError


class _Option(Struct, frozen=True):
    label: str
    description: str = ""


class _Question(Struct, frozen=True, rename="camel"):
    id: str
    question: str
    header: str = ""
    is_other: bool = False
    is_secret: bool = False
    options: tuple[_Option, ...] | None = None


class Params(Struct, frozen=True):
    questions: tuple[_Question, ...]


NO_ANSWER = Choice("decline", "Give no answer; the agent goes on without it")


def card(p: Params, item: ThreadItem | None) -> Card:
    """One field per question. The options' keys are their labels, which is what Codex wants back."""
    first = p.questions[0] if p.questions else _Question(id="", question="")
    return Card(
        kind="question",
        title=visible_line(first.question)
        + (f" (and {len(p.questions) - 1} more)" if len(p.questions) > 1 else ""),
        body="\n\n".join(_shown(question) for question in p.questions),
        do="Answer the agent's question." if len(p.questions) == 1 else "Answer the agent's questions.",
        expect="; ".join(f"{question.id}: {_expected(question)}" for question in p.questions),
        choices=(NO_ANSWER,),
        fields=tuple(_field(question) for question in p.questions),
    )


def _shown(question: _Question) -> str:
    lines = [visible(question.question)]
    for option in question.options or ():
        description = f" — {visible_line(option.description)}" if option.description else ""
        lines.append(f"  {visible_line(option.label)}{description}")
    if question.is_other and question.options:
        lines.append("  (or anything else)")
    return "\n".join(lines)


def _expected(question: _Question) -> str:
    text = "a secret text (passed on, never stored or shown)" if question.is_secret else "a text"
    if not question.options:
        return text
    labels = ", ".join(visible_line(option.label) for option in question.options)
    return f"one of {labels}" + (f", or {text}" if question.is_other else "")


def _field(question: _Question) -> Field:
    return Field(
        id=question.id,
        label=visible_line(question.header or question.question),
        options=tuple(
            Choice(option.label, visible_line(option.description)) for option in question.options or ()
        ),
        other=question.is_other or not question.options,
        secret=question.is_secret,
    )


def reply(p: Params, answer: Answer) -> dict[str, Any]:
    """Free text answers a lone question; several are answered by their ids; `decline` answers none."""
    if answer.choice in (NO_ANSWER.key, CANCEL.key):
        return {"answers": {}}
    values = dict(answer.values)
    if answer.text and len(p.questions) == 1:
        values.setdefault(p.questions[0].id, answer.text)
    known = [question.id for question in p.questions]
    for name in values.keys() - set(known):
        raise UsageError(f"there is no question {name!r}", hint=f"the questions are: {', '.join(known)}")
    return {"answers": {question.id: {"answers": [_value(question, values)]} for question in p.questions}}


def _value(question: _Question, values: dict[str, str]) -> str:
    """The label that was meant: as given, or in other upper and lower case, or its number from 1."""
    given = values.get(question.id, "")
    if not given.strip():
        raise UsageError(f"{question.id}: an answer is needed", hint=f"{question.id}: {_expected(question)}")
    labels = [option.label for option in question.options or ()]
    if not labels or given in labels:
        return given
    wanted = given.strip().casefold()
    for number, label in enumerate(labels, 1):
        if wanted in (label.casefold(), str(number)):
            return label
    if question.is_other:
        return given
    said = "that" if question.is_secret else repr(given)
    raise UsageError(f"{question.id}: {said} is not offered", hint=f"{question.id}: {_expected(question)}")

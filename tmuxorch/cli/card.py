"""A checkpoint's card as plain text, and the commands that answer it."""

from __future__ import annotations

import shlex
import sys
from datetime import datetime

from tmuxorch.cli.output import Json, aligned, columns, duration, joined, seconds_since, wrapped
from tmuxorch.cli.streams import styled, verbatim
from tmuxorch.codex.visible import visible, visible_line

RULE = "─" * 60

COMMANDS = {
    "accept": "tmuxorch approve {id}",
    "accept-for-session": "tmuxorch approve {id} --for-session",
    "decline": "tmuxorch decline {id}",
}
"""Choices that have a command of their own; the others are given to `answer`."""

NOTHING = "nothing waits for you"
"""Said where there is no card."""

WANTS_TEXT = {"revise", "instruct"}
"""Choices that go with words of the person's own."""


def card(point: Json) -> str:
    """The whole card: what it is, what to do, the matter verbatim, and how to answer."""
    parts = [heading(point), styled(visible_line(point["title"]), "bold"), "", *_rows(point)]
    parts += [styled(line, "red") for said in tried(point) for line in wrapped(said, columns())]
    rule = RULE[: columns()]
    if point.get("body"):
        parts += ["", rule, verbatim(point["body"], sys.stdout).rstrip("\n"), rule]
    if point["state"] == "open":
        parts += ["", *ways(point)]
    else:
        parts += ["", ended(point)]
    return "\n".join(parts)


def heading(point: Json) -> str:
    """`C3 · approval · backend · item 2 · 4 min`."""
    age = duration(seconds_since(point["opened"]))
    item = f"item {point['item']}" if point.get("item") else ""
    return joined(
        [point["id"], point["kind"], point["source"], item, age if point["state"] == "open" else ""]
    )


def _rows(point: Json) -> list[str]:
    rows = [("Do", point.get("do")), ("Expected", point.get("expect"))]
    if blocks := point.get("blocks"):
        rows.append(("Blocked", ", ".join(map(str, blocks))))
    return [_labelled(name, visible(text)) for name, text in rows if text]


def tried(point: Json) -> list[str]:
    """That agents tried to answer it, a line each: `W3 tried to answer this itself at 10:03:12, by the command …`."""
    found = []
    for one in point.get("attempts") or ():
        at = datetime.fromisoformat(one["at"]).astimezone()
        said = f"{one['by']} tried to answer this itself at {at:%H:%M:%S}, {one['how']}"
        found.append(visible_line(said))
    return found


def _labelled(name: str, text: str) -> str:
    room = max(columns() - 10, 20)
    first, *rest = (part for line in text.rstrip().split("\n") for part in wrapped(line, room))
    return "\n".join([f"{name + ':':<10}{first}", *(f"{'':10}{line}" for line in rest)])


def ways(point: Json) -> list[str]:
    """The commands that answer it, one line each."""
    rows = []
    for field in point.get("fields") or ():
        if field.get("secret"):
            label = visible_line(field.get("label") or field["id"])
            rows.append((f"tmuxorch answer {point['id']}", f"{label} (asked for, not shown; or - for stdin)"))
            continue
        options = " | ".join(option["key"] for option in field.get("options") or ())
        given = "…" if field.get("other") or not options else ""
        value = " | ".join(part for part in (options, given) if part)
        alone = len(point["fields"]) == 1
        words = _quoted(value) if alone else f"{shlex.quote(field['id'])}={_quoted(value)}"
        rows.append((f"tmuxorch answer {point['id']} {words}", field.get("label") or ""))
    for choice in point.get("choices") or ():
        words = ' "…"' if choice["key"] in WANTS_TEXT else ""
        usual = f"tmuxorch answer {point['id']} {shlex.quote(choice['key'])}{words}"
        command = COMMANDS[choice["key"]].format(id=point["id"]) if choice["key"] in COMMANDS else usual
        rows.append((command, choice.get("label") or ""))
    return aligned(rows, columns(), wrap=True)


def _quoted(value: str) -> str:
    """`value` as one word of a shell, which runs nothing in it: who copies the command may not have read it."""
    return f'"{value}"' if not set(value) & set('"$`\\!') else shlex.quote(value)


def ended(point: Json) -> str:
    """How it ended: `answered: accept, by alice`."""
    answer = point.get("answer")
    said = ""
    if isinstance(answer, dict):
        filled = {**(answer.get("values") or {}), **dict.fromkeys(answer.get("secrets") or (), "(secret)")}
        values = "; ".join(f"{name}: {value}" for name, value in filled.items())
        said = ", ".join(part for part in (answer.get("choice"), answer.get("text"), values) if part)
    elif answer:
        said = str(answer)
    told = said or str(point.get("reason") or "")
    by = f", by {point['answered_by']}" if point.get("answered_by") else ""
    return visible_line(f"{point['state']}{': ' + told if told else ''}{by}")

"""Answers that hold secrets: typed without being shown, or read from stdin, so that they are in no argument list."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence

from tmuxorch.cli import answering, output
from tmuxorch.cli.app import read_text
from tmuxorch.cli.output import Json
from tmuxorch.codex.visible import visible_line
from tmuxorch.errors import UsageError

STDIN = "-"


def answer(point: Json, words: Sequence[str]) -> Json:
    """The answer that `words` mean for the card of `point`; a word `-`, and the value `-` of a secret field, is stdin.
    Secrets that are not among them are asked for. Raises UsageError when there is nobody to ask.
    """
    secret = {field["id"]: field for field in point.get("fields") or () if field.get("secret")}
    given = [_read(word, secret) for word in words]
    if not secret or point.get("state") != "open":
        return answering.answer(point, given)
    only_secrets = len(secret) == len(point["fields"])
    found = answering.answer(point, given) if given or not only_secrets else answering.empty()
    if found["choice"] not in ("", "accept"):
        return found
    if any(name in found["values"] and _was_typed(found["values"][name], words) for name in secret):
        output.note(
            "tmuxorch: a secret on the command line is seen by whoever lists processes, and kept by your shell;\n"
            f"  better: tmuxorch answer {point['id']}  (it asks for it)"
        )
    for name, field in secret.items():
        if name not in found["values"] and (field.get("required", True) or only_secrets):
            found["values"][name] = _asked(point, field)
    offered = [choice["key"] for choice in point.get("choices") or ()]
    return {**found, "choice": "accept" if "accept" in offered else found["choice"]}


def _read(word: str, secret: dict[str, Json]) -> str:
    name, equals, value = word.partition("=")
    if word == STDIN:
        return read_text(word).rstrip("\n")
    if equals and name in secret and value == STDIN:
        return f"{name}={read_text(value).rstrip(chr(10))}"
    return word


def _was_typed(value: str, words: Sequence[str]) -> bool:
    return any(word == value or word.endswith(f"={value}") for word in words) or value == " ".join(words)


def _asked(point: Json, field: Json) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            f"{field['id']} of {point['id']} is secret, and there is no terminal to type it in",
            hint=f"tmuxorch answer {point['id']} - < FILE",
        )
    label = visible_line(field.get("label") or field["id"])
    typed = getpass.getpass(f"{label} (not shown): ", stream=sys.stderr)
    if not typed:
        raise UsageError("nothing was typed; nothing was answered", hint=f"tmuxorch show {point['id']}")
    return typed

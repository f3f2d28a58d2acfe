"""From what a person typed to an answer of a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxorch.cli.output import Json
from tmuxorch.errors import UsageError


def answer(point: Json, words: Sequence[str]) -> Json:
    """The `choice`, `text` and `values` that `words` mean for the card of `point`.

    In this order: a choice's key, and what follows is text; KEY=VALUE for the card's fields; else text, which answers
    a lone field. Raises UsageError when that leaves nothing.
    """
    choices = [choice["key"] for choice in point.get("choices") or ()]
    fields = {field["id"]: field for field in point.get("fields") or ()}
    if words and words[0] in choices:
        values, text = _values(words[1:], fields)
        return {"choice": words[0], "text": text, "values": values}
    values, text = _values(words, fields)
    if text and not values and len(fields) == 1:
        values, text = {next(iter(fields)): text}, ""
    if not values and not text:
        ways = [*choices, *(f"{name}=…" for name in fields)]
        raise UsageError(
            f"{point['id']} wants an answer: {' or '.join(ways) or 'a text'}",
            hint=f"tmuxorch show {point['id']}",
        )
    for name, value in values.items():
        values[name] = option(fields[name], value)
    # A filled form is sent off by accepting it; questions have nothing to accept.
    choice = "accept" if values and "accept" in choices else ""
    return {"choice": choice, "text": text, "values": values}


def empty() -> Json:
    """An answer that says nothing yet."""
    return {"choice": "", "text": "", "values": {}}


def _values(words: Sequence[str], fields: dict[str, Json]) -> tuple[dict[str, str], str]:
    values: dict[str, str] = {}
    rest = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in fields:
            values[name] = value
        else:
            rest.append(word)
    if values and rest:
        known = ", ".join(fields)
        said = "a word" if any(field.get("secret") for field in fields.values()) else repr(rest[0])
        raise UsageError(f"{said} is not FIELD=VALUE; the fields are: {known}")
    return values, " ".join(rest)


def option(field: Json, given: str) -> str:
    """The key of the field's option that was meant by its key, label or number from 1; else what was given, which the
    controller checks."""
    options = field.get("options") or ()
    wanted = given.strip().casefold()
    for number, one in enumerate(options, 1):
        if given == one["key"]:
            return given
        if (
            wanted in (str(one["key"]).casefold(), str(one.get("label") or "").casefold(), str(number))
            and wanted
        ):
            return str(one["key"])
    return given

"""What a person typed into the fields of a card: whether it is what is asked for."""

from __future__ import annotations

from tmuxorch.cli.answering import option
from tmuxorch.cli.output import Json
from tmuxorch.codex.visible import visible_line

BOOLEANS = {"y": "true", "yes": "true", "true": "true", "n": "false", "no": "false", "false": "false"}

EXPECTED = {
    "boolean": "yes or no",
    "integer": "a whole number",
    "number": "a number",
    "list": "any of these, with commas between",
}


def expected(field: Json) -> str:
    """What the field wants, in a few words; empty where anything goes."""
    kind = field.get("type") or "string"
    words = EXPECTED.get(kind, "")
    if field.get("options") and kind != "list":
        words = "one of these, or anything else" if field.get("other") else "one of these"
    if field.get("secret"):
        words = "not shown, and in no file"
    return ", ".join(
        [*([words] if words else []), *([] if field.get("required", True) else ["may be left empty"])]
    )


def checked(field: Json, typed: str) -> tuple[str, str]:
    """What was typed as the value to send, and what is wrong with it (empty: nothing). An empty value is none."""
    text = typed.strip()
    if not text:
        return "", "an answer is needed; Esc leaves it open" if field.get("required", True) else ""
    if field.get("secret"):
        return typed, ""
    kind = field.get("type") or "string"
    if kind == "list":
        return _list(field, text)
    if field.get("options"):
        value = option(field, text)
        return value, "" if field.get("other") else _unknown(field, value)
    if kind == "boolean":
        return BOOLEANS.get(text.casefold(), ""), "" if text.casefold() in BOOLEANS else "type yes or no"
    if kind in ("integer", "number") and not _is_number(text, kind):
        return "", f"type {EXPECTED[kind]}"
    return text, ""


def _list(field: Json, text: str) -> tuple[str, str]:
    values = [option(field, part.strip()) for part in text.split(",") if part.strip()]
    wrong = [problem for value in values if (problem := _unknown(field, value))]
    return ",".join(values), "".join(wrong[:1])


def _unknown(field: Json, value: str) -> str:
    """Why the value is none of the options."""
    keys = [str(one["key"]) for one in field.get("options") or ()]
    if not keys or value in keys:
        return ""
    return f"{visible_line(value)} is none of: {', '.join(map(visible_line, keys))}"


def _is_number(text: str, kind: str) -> bool:
    try:
        (int if kind == "integer" else float)(text)
    except ValueError:
        return False
    return True

"""Whether a worker's answer has the form that was asked for: Codex passes the schema on, and does not look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import DecodeError, json

from tmuxorch.codex import schemas
from tmuxorch.core import model as m
from tmuxorch.core import results, text
from tmuxorch.core.pattern import Answer

SHOWN, LENGTH = 5, 300
"""How many things are told that are wrong with an answer, and characters of each."""


def schema_of(answer: Answer) -> dict[str, Any] | None:
    """The JSON Schema of a form; None for plain text."""
    return None if answer is Answer.TEXT else schemas.of(results.FORMS[answer])


def misfit(directory: Path, spec: m.WorkerSpec, said: str) -> str:
    """What is wrong with the form of the answer `said`, for the model to mend; empty when nothing is, or no form was
    asked for. `directory` has the worker's schema.
    """
    if spec.answer is not Answer.TEXT:
        try:
            results.read(said, spec.answer)
        except ValueError as error:
            return text.clip(str(error), LENGTH)
        return ""
    if not spec.schema:
        return ""
    try:
        answer = json.decode(said)
    except (DecodeError, RecursionError) as error:
        return text.clip(f"it is not JSON: {text.line(str(error))}", LENGTH)
    return "; ".join(_violations(json.decode((directory / spec.schema).read_bytes()), answer))


def _violations(schema: dict[str, Any], answer: object) -> list[str]:
    from jsonschema import Draft202012Validator  # slow to import, and few workers have a schema of their own

    errors = sorted(Draft202012Validator(schema).iter_errors(answer), key=lambda error: error.json_path)
    return [text.clip(text.line(f"{error.json_path}: {error.message}"), LENGTH) for error in errors[:SHOWN]]

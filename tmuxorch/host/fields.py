"""Reading fields of JSON that may have any shape: what has not the expected type counts as missing."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def parse(line: bytes) -> Json | None:
    """The object of one line; None if it is no JSON object."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def text(source: Json, key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def number(source: Json, key: str) -> int | None:
    """A number without its fraction."""
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        return None
    return int(value)


def inner(source: Json, key: str) -> Json:
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def objects(source: Json, key: str) -> list[Json]:
    value = source.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(source: Json, key: str) -> list[str]:
    value = source.get(key)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

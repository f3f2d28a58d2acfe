"""What is told to a client: free of control characters, and no longer than Codex shows to its model."""

from __future__ import annotations

import json
from typing import Any

from tmuxorch.core import text

LIMIT = 40_000
"""Characters of a whole result as JSON. Codex shows 48,000 and cuts the middle out of what is longer."""

LONGEST, SHORTEST = 24_000, 120
"""Characters that are left of each of the long texts of a result that is too long: at first, and at last."""


def clean(value: Any) -> Any:
    """`value` (as JSON has it) with every text in the normal form of a block; a part of one keeps the blanks at its
    ends."""
    match value:
        case str():
            return value if text.is_block(value.strip(" \n")) else text.block(value)
        case dict():
            return {text.line(key): clean(one) for key, one in value.items()}
        case list() | tuple():
            return [clean(one) for one in value]
        case _:
            return value


def size(value: Any) -> int:
    """Characters of `value` as JSON."""
    return len(json.dumps(value, ensure_ascii=False))


def fitting(value: Any, whole: str) -> Any:
    """`value` with its longest texts cut until all of it fits; each says how long it was, and `whole` where it is to be
    had."""
    longest = LONGEST
    while size(value) > LIMIT and longest >= SHORTEST:
        value = _cut(value, longest, whole)
        longest = longest * 2 // 3
    return value


def _cut(value: Any, longest: int, whole: str) -> Any:
    match value:
        case str() if len(value) > longest:
            told = value.split(_MARK)[0]
            said = f"{_MARK}{len(value):,} characters in all{'; ' + whole if whole else ''}]"
            if _MARK in value:
                said = _MARK + value.split(_MARK)[1]
            return told[:longest] + said
        case dict():
            return {key: _cut(one, longest, whole) for key, one in value.items()}
        case list():
            return [_cut(one, longest, whole) for one in value]
        case _:
            return value


_MARK = " …[cut here: "

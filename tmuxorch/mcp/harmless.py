"""What is told to a client: free of control characters, and no longer than Codex shows to its model."""

from __future__ import annotations

import json
from typing import Any

from tmuxorch.core import text
from tmuxorch.errors import Refused

LIMIT = 40_000
"""Characters of a whole result as JSON. Codex shows 48,000 and cuts the middle out of what is longer."""

LONGEST, SHORTEST = 24_000, 120
"""Characters that are left of each of the long texts of a result that is too long: at first, and at last."""

ROOM = 2_000
"""Characters that are kept free for what is added to a result."""

LEFT_OUT = "left_out"
"""The field of any result that says what of its lists is missing; it is there only then."""

FEW = 50
"""Keys that are left of each object: those of our own shapes are fewer, and all belong to them."""

SAID = 1_000
"""Characters of what is missing."""

Missing = dict[str, tuple[int, int]]
"""By the place of lists, how many of how many are left out there."""


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


def whole(value: dict[str, Any], what: str, hint: str) -> dict[str, Any]:
    """`value`, which is of use only as a whole. Raises Refused with `hint` when it is too long."""
    if size(clean(value)) > LIMIT - ROOM:
        raise Refused(f"{what} has {size(value):,} characters, more than one result may have", hint=hint)
    return value


def part(message: str, offset: int, rest: dict[str, Any]) -> tuple[str, int | None]:
    """What of `message`, from `offset` on, fits into one result beside `rest`, and where the next part begins (None: it
    is the last)."""
    room = max(LIMIT - ROOM - size(clean(rest)), ROOM)
    end = min(offset + room, len(message))
    while (long := size(message[offset:end])) > room:
        end = offset + (end - offset) * room // long
    return message[offset:end], end if end < len(message) else None


def fitting(value: dict[str, Any], whole: str) -> dict[str, Any]:
    """`value` with its longest texts cut, then its longest lists, until all of it fits. A text says how long it was,
    LEFT_OUT what is missing of lists, and both, as `whole`, where it is to be had. Only what has many objects in many
    objects may still be too long."""
    longest = LONGEST
    while size(value) > LIMIT and longest >= SHORTEST:
        value = _cut(value, longest, whole)
        longest = longest * 2 // 3
    shown, most = value, _most(value)
    while size(shown) > LIMIT and most:
        most = most * 2 // 3
        missing: Missing = {}
        shown = _shortened(value, most, "", missing)
        shown[LEFT_OUT] = _said(missing, whole)
    return shown


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


def _most(value: Any) -> int:
    """How many the longest list or object of `value` has."""
    match value:
        case dict():
            return max([len(value), *map(_most, value.values())])
        case list():
            return max([len(value), *map(_most, value)])
        case _:
            return 0


def _shortened(value: Any, most: int, place: str, missing: Missing) -> Any:
    """The first `most` of each list, and of each object, which keeps FEW in any case."""
    match value:
        case dict():
            kept = _first(list(value), max(most, FEW), place, missing)
            return {key: _shortened(value[key], most, f"{place}.{key}", missing) for key in kept}
        case list():
            return [
                _shortened(one, most, f"{place}[]", missing) for one in _first(value, most, place, missing)
            ]
        case _:
            return value


def _first(every: list[Any], most: int, place: str, missing: Missing) -> list[Any]:
    if len(every) > most:
        left, all_of_them = missing.get(place, (0, 0))
        missing[place] = (left + len(every) - most, all_of_them + len(every))
    return every[:most]


def _said(missing: Missing, whole: str) -> str:
    lists = (f"{left:,} of {every:,} in {place[1:]}" for place, (left, every) in missing.items())
    return text.clip(", ".join(lists), SAID) + (f"; {whole}" if whole else "")


_MARK = " …[cut here: "

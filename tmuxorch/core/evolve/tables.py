"""Dictionaries that are never changed in place, and ids that are never used twice."""

from __future__ import annotations

import re
from typing import TypeVar

from msgspec.structs import replace

from tmuxorch.core import model as m

T = TypeVar("T")

_ID = re.compile(r"([A-Z])([0-9]+)\Z")


def without(table: dict[str, T], key: str) -> dict[str, T]:
    """`table` less `key`."""
    return {name: value for name, value in table.items() if name != key}


def counted(state: m.State, thing_id: str) -> m.State:
    """`state` with the counter of `thing_id` (like C3) advanced to it."""
    match = _ID.match(thing_id)
    if match is None:
        return state
    letter, number = match[1], int(match[2])
    return replace(state, counters={**state.counters, letter: max(number, state.counters.get(letter, 0))})


def next_id(state: m.State, letter: str) -> str:
    """The next id of that letter: C (checkpoint), W (worker), R (run), T (turn), K (check)."""
    return f"{letter}{state.counters.get(letter, 0) + 1}"


def accepted(state: m.State, account: str) -> m.State:
    """`state` after work of `account` succeeded; in a pause that says nothing, because it was begun before it."""
    if account in state.pauses or account not in state.refusals:
        return state
    return replace(state, refusals=without(state.refusals, account))

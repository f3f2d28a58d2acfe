"""Who said what, and which of it is the same: groups of what several workers gave.

A group is complete: each of it is like each other of it, so that nothing is drawn into one by a chain of likenesses;
and nobody agrees with themselves: what one worker tells apart stays apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

T = TypeVar("T")

_NUMBER = re.compile(r"[0-9]{1,9}\Z")


class Given(Struct, Generic[T], frozen=True, kw_only=True):
    """One entry of a worker's answer: the `number`th, counted from 1. `about` is what the worker had to look at."""

    worker: str
    about: str
    number: int
    said: T


class Link(NamedTuple):
    """That two things, named by their places, are alike, and how much."""

    strength: float
    one: int
    other: int


def order(worker: str) -> tuple[int, str]:
    """By which workers are sorted: by their number, W2 before W10."""
    number = _NUMBER.search(worker)
    return int(number[0]) if number else 0, worker


def sorted_given(given: Iterable[Given[T]]) -> list[Given[T]]:
    """In the order of the workers and of their answers, whatever the order in which they came."""
    return sorted(given, key=lambda one: (order(one.worker), one.number, one.about, repr(one.said)))


def grouped(given: Sequence[Given[T]], links: Iterable[Link]) -> list[list[Given[T]]]:
    """`given` in groups, each in the order of `given`, by the first of each.

    The strongest links come first, of equal ones the earliest. Links within what one worker gave count for nothing.
    """
    kept = [link for link in links if given[link.one].worker != given[link.other].worker]
    alike = {(link.one, link.other) for link in kept} | {(link.other, link.one) for link in kept}
    groups = {place: [place] for place in range(len(given))}
    group_of = list(range(len(given)))
    for link in sorted(kept, key=lambda link: (-link.strength, link.one, link.other)):
        one, other = sorted((group_of[link.one], group_of[link.other]))
        if one == other or any((a, b) not in alike for a in groups[one] for b in groups[other]):
            continue
        for place in groups.pop(other):
            groups[one].append(place)
            group_of[place] = one
    return [[given[place] for place in sorted(group)] for _, group in sorted(groups.items())]


def workers(group: Iterable[Given[T]]) -> list[str]:
    """Who said it, each once, in order."""
    return sorted({one.worker for one in group}, key=order)

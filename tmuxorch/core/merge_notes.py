"""Notes and options of several workers made one list each: what is said twice is there once, with all who said it.

Both merge less readily than findings, which have a place to hold on to. Two claims are the same only if they also have
the same numbers and turn the same way: `3.11` is not `3.12`, and one `not` makes the opposite of nearly the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice, zip_longest
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tmuxorch.core import alike, said, text
from tmuxorch.core.agreement import Given, Link, grouped, order, sorted_given, workers
from tmuxorch.core.results import Confidence, Note, Option

SAME = 75.0
"""Per cent from which two claims, or two options with different names, are the same."""
SAME_NAME = 20.0
"""The same for options with one name, unless that is no more than `Option A`."""
NAME = 200
"""Characters of an option's name, and of a note's source, that are kept."""
QUOTED = 80
"""Characters of a text in the reason of another."""

T = TypeVar("T")

CONFIDENCES = tuple(Confidence)
_NUMBERS = re.compile(r"[0-9]+(?:[.,:-][0-9]+)*")
_NO_NAME = re.compile(
    r"(?:(?:alternative|approach|option|plan|variant|way)\W*)?(?:[a-z]|[0-9]+)?\W*", re.IGNORECASE
)
_TURNS = re.compile(
    r"\b(?:no|not|never|neither|nor|none|cannot|without|unless|only)\b|n[’']t\b", re.IGNORECASE
)


class MergedNote(Struct, frozen=True, kw_only=True):
    """One claim, whoever made it; the words and the source are those of the surest, the first of `sources`."""

    claim: str
    source: str
    confidence: Confidence
    agreement: int
    sources: tuple[Given[Note], ...]
    why: str


class MergedOption(Struct, frozen=True, kw_only=True):
    """One way to go, whoever proposed it: the words of the first of `sources`, the pros and cons of all."""

    name: str
    summary: str
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    effort: str
    agreement: int
    sources: tuple[Given[Option], ...]
    why: str


def normal_notes(given: Iterable[Given[Note]]) -> list[Given[Note]]:
    """The notes with their texts in normal form and clipped, less those that claim nothing."""
    found = []
    for one in given:
        claim, source = (
            said.block(one.said.claim),
            text.clip(text.line(said.block(one.said.source)), said.LINE),
        )
        if claim:
            found.append(replace(one, said=replace(one.said, claim=claim, source=source)))
    return found


def normal_options(given: Iterable[Given[Option]]) -> list[Given[Option]]:
    """The options with their texts in normal form and clipped, less those that say nothing."""
    found = []
    for one in given:
        summary = said.block(one.said.summary)
        name = text.clip(text.line(said.block(one.said.name)) or text.line(summary), NAME)
        option = Option(
            name=name,
            summary=summary,
            pros=said.lines(one.said.pros),
            cons=said.lines(one.said.cons),
            effort=text.clip(text.line(said.block(one.said.effort)), said.LINE),
        )
        if name:
            found.append(replace(one, said=option))
    return found


def merge_notes(given: Iterable[Given[Note]]) -> tuple[MergedNote, ...]:
    """Notes in normal form: those on which most agree first, then the surest, then in the order of the workers."""
    every = sorted_given(given)
    groups = grouped(every, _same_claims(every))
    return tuple(sorted((_note(group) for group in groups), key=_note_rank))


def merge_options(given: Iterable[Given[Option]]) -> tuple[MergedOption, ...]:
    """Options in normal form: those that most propose first, then in the order of the workers."""
    every = sorted_given(given)
    groups = grouped(every, _same_options(every))
    return tuple(sorted((_option(group) for group in groups), key=_option_rank))


def _same_claims(every: Sequence[Given[Note]]) -> Iterator[Link]:
    texts = [alike.text(one.said.claim) for one in every]
    turns = [(_numbers(one.said.claim), len(_TURNS.findall(one.said.claim))) for one in every]
    for one, other in islice(_pairs(every), alike.PAIRS):
        if turns[one] == turns[other] and (found := alike.alike(texts[one], texts[other], SAME)):
            yield Link(found, one, other)


def _pairs(every: Sequence[Given[T]]) -> Iterator[tuple[int, int]]:
    """What different workers gave, two at a time."""
    for one, other in combinations(range(len(every)), 2):
        if every[one].worker != every[other].worker:
            yield one, other


def _numbers(claim: str) -> frozenset[str]:
    return frozenset(_NUMBERS.findall(claim))


def _same_options(every: Sequence[Given[Option]]) -> Iterator[Link]:
    names = [alike.text(one.said.name).words for one in every]
    texts = [alike.text(f"{one.said.name}. {one.said.summary}") for one in every]
    for one, other in islice(_pairs(every), alike.PAIRS):
        same_name = names[one] == names[other] and not _NO_NAME.fullmatch(every[one].said.name)
        if found := alike.alike(texts[one], texts[other], SAME_NAME if same_name else SAME):
            yield Link(found, one, other)


def _note(group: Sequence[Given[Note]]) -> MergedNote:
    ranked = sorted(
        group, key=lambda one: (CONFIDENCES.index(one.said.confidence), order(one.worker), one.number)
    )
    best, agreement = ranked[0].said, len(workers(group))
    told = [(one.worker, one.said.claim) for one in ranked]
    return MergedNote(
        claim=best.claim,
        source=next((one.said.source for one in ranked if one.said.source), ""),
        confidence=best.confidence,
        agreement=agreement,
        sources=tuple(ranked),
        why=_why(agreement, told, f"confidence {best.confidence}"),
    )


def _note_rank(one: MergedNote) -> tuple[object, ...]:
    first = one.sources[0]
    return -one.agreement, CONFIDENCES.index(one.confidence), order(first.worker), first.number, repr(first)


def _option(group: Sequence[Given[Option]]) -> MergedOption:
    best, agreement = group[0].said, len(workers(group))
    told = [(one.worker, one.said.name) for one in group]
    return MergedOption(
        name=best.name,
        summary=next((one.said.summary for one in group if one.said.summary), ""),
        pros=_together([one.said.pros for one in group]),
        cons=_together([one.said.cons for one in group]),
        effort=next((one.said.effort for one in group if one.said.effort), ""),
        agreement=agreement,
        sources=tuple(group),
        why=_why(agreement, told),
    )


def _option_rank(one: MergedOption) -> tuple[object, ...]:
    first = one.sources[0]
    return -one.agreement, order(first.worker), first.number, repr(first)


def _together(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The entries of all, by turns, so that what a limit cuts off is not all of one; the same words once."""
    once: dict[str, str] = {}
    for turn in zip_longest(*lists, fillvalue=""):
        for entry in filter(None, turn):
            once.setdefault(entry.casefold(), entry)
    return tuple(once.values())[: said.LINES]


def _why(agreement: int, group: Sequence[tuple[str, str]], *more: str) -> str:
    """What the place in the list rests on, and what was merged: `said by 2 · merged with W3's “…”`."""
    merged = (
        f"merged with {worker}'s “{text.clip(text.line(words), QUOTED)}”" for worker, words in group[1:]
    )
    return " · ".join((f"said by {agreement}", *more, *merged))

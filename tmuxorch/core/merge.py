"""Findings of several reviewers made one list: duplicates merged with all their sources kept, the worst first.

Two findings are the same if different workers gave them, for the same file, for lines that are near each other, in
texts that are alike (core.alike). Where a line or the whole place is missing, the texts must be nearly the same. When
in doubt they stay apart: a duplicate that is left costs a reader a moment, a finding that is hidden in another is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tmuxorch.core import alike, said, text
from tmuxorch.core.agreement import Given, Link, grouped, order, sorted_given, workers
from tmuxorch.core.locations import Files, location, without_sides
from tmuxorch.core.results import Confidence, Finding, Severity

NEAR = 5
"""Lines between two places that count as one: a reviewer points at the head of a loop, another into it."""
ALIKE, VERY_ALIKE = 65.0, 85.0
"""Per cent from which two texts are the same finding: of places that are near each other, of others."""
TITLE = 200
"""Characters of a title that are kept."""
QUOTED = 80
"""Characters of a title in the reason of another finding."""
UNTITLED = "(without a title)"

SEVERITIES, CONFIDENCES = tuple(Severity), tuple(Confidence)


class MergedFinding(Struct, frozen=True, kw_only=True):
    """One finding, whoever gave it: `agreement` workers of the `reviewers` who looked. Severity and confidence are the
    highest that it was given; the words are those of the first of `sources`, which are in order of preference. `why`
    says in one line what its rank rests on, and what was merged for which reason.
    """

    title: str
    severity: Severity
    file: str | None
    line: int | None
    evidence: str
    fix: str
    confidence: Confidence
    agreement: int
    reviewers: int
    sources: tuple[Given[Finding], ...]
    why: str


class _Near(NamedTuple):
    """How two places lie to each other: in words, how alike texts must be there, and how many lines are between."""

    words: str
    needed: float
    lines: int = 0


class _Read(NamedTuple):
    """A finding with its text as it is compared."""

    given: Given[Finding]
    text: alike.Text


def normal(given: Iterable[Given[Finding]], root: str = "") -> list[Given[Finding]]:
    """The findings with their texts in normal form and clipped, their paths relative to `root`."""
    found = [replace(one, said=_normal(one.said, root)) for one in given]
    bare = without_sides(one.said.file for one in found if one.said.file)
    return [
        replace(one, said=replace(one.said, file=bare[one.said.file])) if one.said.file else one
        for one in found
    ]


def _normal(finding: Finding, root: str) -> Finding:
    evidence, fix = said.block(finding.evidence), said.block(finding.fix)
    title = text.line(said.block(finding.title)) or text.line(evidence) or text.line(fix)
    file, line = location(finding.file, finding.line, root)
    return replace(
        finding, title=text.clip(title, TITLE) or UNTITLED, file=file, line=line, evidence=evidence, fix=fix
    )


def merge(given: Iterable[Given[Finding]], reviewers: int) -> tuple[MergedFinding, ...]:
    """Findings in normal form as one ranked list; `reviewers`: how many workers looked for some.

    Ranked by severity, agreement and confidence, then by file, line and title. The order in which they are given does
    not matter, and merging all `sources` of the result gives the result.
    """
    every = sorted_given(given)
    files = Files(one.said.file for one in every if one.said.file)
    groups = grouped(every, _links([_Read(one, _text(one.said)) for one in every], files))
    return tuple(sorted((_merged(group, files, reviewers) for group in groups), key=_rank))


def _text(finding: Finding) -> alike.Text:
    return alike.text(f"{finding.title}. {finding.evidence}", finding.fix)


def _links(every: Sequence[_Read], files: Files) -> Iterator[Link]:
    """Which findings are the same. The fewer lines are between them, the stronger."""
    for a, b, near in islice(_neighbours(every, files), alike.PAIRS):
        if found := alike.alike(every[a].text, every[b].text, near.needed):
            yield Link(found - 2 * near.lines, a, b)


def _neighbours(every: Sequence[_Read], files: Files) -> Iterator[tuple[int, int, _Near]]:
    by_name: dict[str, list[int]] = defaultdict(list)
    for place, read in enumerate(every):
        by_name[(read.given.said.file or "").rpartition("/")[2]].append(place)
    for places in by_name.values():
        for a, b in combinations(places, 2):
            one, other = every[a].given, every[b].given
            if one.worker != other.worker and (near := _near(one.said, other.said, files)):
                yield a, b, near


def _near(one: Finding, other: Finding, files: Files) -> _Near | None:
    """How the places lie to each other; None where they are certainly not, or not certainly, the same."""
    if one.file is None or other.file is None:
        return _Near("neither has a place", VERY_ALIKE) if one.file == other.file else None
    if not files.same(one.file, other.file):
        return None
    if one.line is None or other.line is None:
        return _Near("same file", VERY_ALIKE)
    lines = abs(one.line - other.line)
    if lines > NEAR:
        return None
    return _Near(f"{lines} line{'s' * (lines > 1)} apart" if lines else "same line", ALIKE, lines)


def _merged(group: Sequence[Given[Finding]], files: Files, reviewers: int) -> MergedFinding:
    ranked = sorted(group, key=lambda one: (*_weight(one.said), order(one.worker), one.number))
    best = ranked[0].said
    severity = min((one.said.severity for one in group), key=SEVERITIES.index)
    agreement = len(workers(group))
    confidence = min((one.said.confidence for one in group), key=CONFIDENCES.index)
    told = (
        severity + _other_severities(ranked, severity),
        f"{agreement} of {reviewers}",
        f"confidence {confidence}",
        *(_merging(best, one, files) for one in ranked[1:]),
    )
    return MergedFinding(
        title=best.title,
        severity=severity,
        file=max((one.said.file for one in ranked if one.said.file), key=len, default=None),
        line=next((one.said.line for one in ranked if one.said.line), None),
        evidence=next((one.said.evidence for one in ranked if one.said.evidence), ""),
        fix=next((one.said.fix for one in ranked if one.said.fix), ""),
        confidence=confidence,
        agreement=agreement,
        reviewers=reviewers,
        sources=tuple(ranked),
        why=" · ".join(told),
    )


def _weight(finding: Finding) -> tuple[int, int]:
    return SEVERITIES.index(finding.severity), CONFIDENCES.index(finding.confidence)


def _other_severities(group: Iterable[Given[Finding]], severity: Severity) -> str:
    others = [f"{one.worker}: {one.said.severity}" for one in group if one.said.severity is not severity]
    return f" ({', '.join(others)})" if others else ""


def _merging(best: Finding, one: Given[Finding], files: Files) -> str:
    near = _near(best, one.said, files)
    assert near, "a group is complete"
    like = round(alike.alike(_text(best), _text(one.said)))
    return f"merged with {one.worker}'s “{text.clip(one.said.title, QUOTED)}”: {near.words}, {like} % alike"


def _rank(one: MergedFinding) -> tuple[object, ...]:
    return (
        SEVERITIES.index(one.severity),
        -one.agreement,
        CONFIDENCES.index(one.confidence),
        (one.file is None, one.file or ""),
        (one.line is None, one.line or 0),
        one.title,
        [(order(source.worker), source.number, repr(source)) for source in one.sources],
    )

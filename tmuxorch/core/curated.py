"""What a pattern came to, as values: `Result` is result.json, which is public. Later versions only add to it, or raise
`version`.
"""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.merge import MergedFinding
from tmuxorch.core.merge_notes import MergedNote, MergedOption
from tmuxorch.core.pattern import Answer
from tmuxorch.core.results import Brief, Verdict


class Words(Struct, frozen=True, kw_only=True):
    """An answer in plain text, with who gave it."""

    worker: str
    step: str
    about: str
    text: str


class Ending(Struct, frozen=True, kw_only=True):
    """A brief or a verdict that is not the last one, with who gave it."""

    worker: str
    step: str
    about: str
    brief: Brief | None = None
    verdict: Verdict | None = None


class Missing(Struct, frozen=True, kw_only=True):
    """What a worker did not give, and why."""

    worker: str
    about: str
    problem: str


class Asked(Struct, frozen=True, kw_only=True):
    """A worker that took part: the form of what it gave, null for nothing, and how many entries."""

    worker: str
    step: str
    about: str
    form: Answer | None
    entries: int = 0


class Heading(Struct, frozen=True, kw_only=True):
    """What a result is of: the pattern's run, what was asked of it, when (RFC 3339, empty for unknown), and of whom."""

    version: int = 1
    run: str
    pattern: str
    title: str
    task: str
    started: str
    ended: str
    workers: tuple[Asked, ...]


class Curated(Struct, frozen=True, kw_only=True):
    """Everything that a result has. The last brief and the last verdict are its end, `next_step` is of the later one;
    without any it names what is worst. `given`: how many findings, notes and options there were before merging.
    """

    findings: tuple[MergedFinding, ...] = ()
    notes: tuple[MergedNote, ...] = ()
    options: tuple[MergedOption, ...] = ()
    open: tuple[str, ...] = ()
    texts: tuple[Words, ...] = ()
    earlier: tuple[Ending, ...] = ()
    brief: Brief | None = None
    verdict: Verdict | None = None
    missing: tuple[Missing, ...] = ()
    given: int = 0
    next_step: str = ""


class Result(Heading, frozen=True, kw_only=True):
    """result.json: the heading, then all that is curated."""

    findings: tuple[MergedFinding, ...] = ()
    notes: tuple[MergedNote, ...] = ()
    options: tuple[MergedOption, ...] = ()
    open: tuple[str, ...] = ()
    texts: tuple[Words, ...] = ()
    earlier: tuple[Ending, ...] = ()
    brief: Brief | None = None
    verdict: Verdict | None = None
    missing: tuple[Missing, ...] = ()
    given: int = 0
    next_step: str = ""


def result(heading: Heading, curated: Curated) -> Result:
    """Both in one."""
    parts = (heading, curated)
    return Result(**{name: getattr(part, name) for part in parts for name in part.__struct_fields__})

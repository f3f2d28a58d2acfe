"""Runs of patterns."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from tmuxorch.core.pattern import Pattern, Step


class PatternOutcome(StrEnum):
    """How a run of a pattern has ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PatternSpec(Struct, frozen=True, kw_only=True):
    """What somebody asked of a pattern: the whole pattern as it was then, what it is about, and how its workers work.

    `given` has the values of each of its parameters, `lease` what its editing workers may change. `by` is the lead that
    asked for it, empty for a person.
    """

    pattern: Pattern
    task: str
    cwd: str
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    lease: tuple[str, ...] = ()
    worktree: bool = False
    model: str = ""
    timeout: float = 0.0
    by: str = ""


class PatternEnd(Struct, frozen=True, kw_only=True):
    """The end of it; `reason` says why it did not succeed, `summary` in a line what it came to."""

    at: float
    outcome: PatternOutcome
    reason: str = ""
    summary: str = ""


class PatternRun(Struct, frozen=True, kw_only=True):
    """One run of a pattern. `workers` are those of each step that has begun, in the order of the steps; `stopped_by`
    somebody who wants it to end.
    """

    id: str
    spec: PatternSpec
    started: float
    workers: tuple[tuple[str, ...], ...] = ()
    stopped_by: str = ""
    end: PatternEnd | None = None

    @property
    def all_workers(self) -> tuple[str, ...]:
        """The workers of all steps so far."""
        return tuple(worker for step in self.workers for worker in step)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What it goes through, one after the other."""
        return self.spec.pattern.steps

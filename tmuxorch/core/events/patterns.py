"""What happened in runs of patterns."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import PatternOutcome, PatternSpec


class PatternStarted(Struct, frozen=True, kw_only=True, tag="pattern_started"):
    """A run of a pattern began."""

    id: str
    spec: PatternSpec


class StepBegun(Struct, frozen=True, kw_only=True, tag="step_begun"):
    """Its next step has these workers; their prompts are on disk."""

    pattern: str
    workers: tuple[str, ...]


class PatternStopping(Struct, frozen=True, kw_only=True, tag="pattern_stopping"):
    """It is to end; its workers are being stopped."""

    id: str
    by: str


class PatternEnded(Struct, frozen=True, kw_only=True, tag="pattern_ended"):
    """It has ended; if it came to a result, that is on disk."""

    id: str
    outcome: PatternOutcome
    reason: str = ""
    summary: str = ""


LaterPatternEvent = StepBegun | PatternStopping | PatternEnded
PatternEvent = PatternStarted | LaterPatternEvent

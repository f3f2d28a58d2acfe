"""What events of runs of patterns change."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve.tables import counted


def apply(state: m.State, event: e.PatternEvent, at: float) -> m.State:
    """The state after an event of a run of a pattern."""
    match event:
        case e.PatternStarted(id=name, spec=spec):
            state, run = counted(state, name), m.PatternRun(id=name, spec=spec, started=at)
        case e.StepBegun(pattern=name, workers=workers):
            run = state.patterns[name]
            run = replace(run, workers=(*run.workers, workers))
        case e.PatternStopping(id=name, by=by):
            run = replace(state.patterns[name], stopped_by=by)
        case e.PatternEnded(id=name, outcome=outcome, reason=reason, summary=summary):
            end = m.PatternEnd(at=at, outcome=outcome, reason=reason, summary=summary)
            run = replace(state.patterns[name], end=end)
        case _:
            assert_never(event)
    return replace(state, patterns={**state.patterns, run.id: run})

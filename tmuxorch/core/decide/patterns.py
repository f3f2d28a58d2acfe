"""Runs of patterns: one step after the other, each with all its workers at once, then the result.

Level, not edge: where a run is follows from its workers. What a step's workers are told has what the steps before it
came to, which is in files; so a step is prepared by an effect (`reconcile`), and begins when that has told its workers.
"""

from __future__ import annotations

from enum import Enum

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import workers
from tmuxorch.core.draft import Draft
from tmuxorch.errors import NotFound


class Due(Enum):
    """What a run waits for: its workers, the preparation of its next step, its result, or nothing any more."""

    WORKERS = "workers"
    STEP = "step"
    RESULT = "result"
    END = "end"


def start(draft: Draft, message: msg.StartPattern) -> None:
    """A run begins."""
    draft.emit(e.PatternStarted(id=draft.new_id("P"), spec=message.spec))


def known(state: m.State, name: str) -> m.PatternRun:
    """The run of that id. Raises NotFound."""
    found = state.patterns.get(name)
    if found is None:
        raise NotFound(f"no pattern run {name!r}", hint="tmuxorch ls")
    return found


def stop(draft: Draft, message: msg.StopPattern) -> None:
    """A run is to end; one that has ended already is left as it is."""
    run = known(draft.state, message.id)
    if run.end is None and not run.stopped_by:
        draft.emit(e.PatternStopping(id=run.id, by=message.by))


def prepared(draft: Draft, message: msg.StepPrepared) -> None:
    """The next step's workers can be started, unless that has happened, or the run was ended meanwhile, or somebody
    else has one of the ids; then the step is prepared anew.
    """
    run = draft.state.patterns[message.pattern]
    if due(draft.state, run) is not Due.STEP or len(run.workers) != message.step:
        return
    if any(worker in draft.state.workers for worker, _ in message.workers):
        return
    for worker, spec in message.workers:
        draft.emit(e.WorkerQueued(id=worker, spec=spec))
    draft.emit(e.StepBegun(pattern=run.id, workers=tuple(worker for worker, _ in message.workers)))


def impossible(draft: Draft, message: msg.StepImpossible) -> None:
    """The next step cannot be begun: the run has failed."""
    run = draft.state.patterns[message.pattern]
    if due(draft.state, run) is Due.STEP:
        draft.emit(e.PatternEnded(id=run.id, outcome=m.PatternOutcome.FAILED, reason=message.reason))


def curated(draft: Draft, message: msg.PatternCurated) -> None:
    """Its result is there."""
    run = draft.state.patterns[message.pattern]
    if due(draft.state, run) is Due.RESULT:
        outcome = m.PatternOutcome.FAILED if message.failed else m.PatternOutcome.SUCCEEDED
        draft.emit(e.PatternEnded(id=run.id, outcome=outcome, reason=message.failed, summary=message.summary))


def follow(draft: Draft) -> None:
    """Runs that are to end, or whose step came to nothing, end."""
    for run in draft.state.patterns.values():
        if run.end is None and run.stopped_by:
            _stopping(draft, run)
        elif run.end is None and (reason := _failure(draft.state, run)):
            draft.emit(e.PatternEnded(id=run.id, outcome=m.PatternOutcome.FAILED, reason=reason))


def due(state: m.State, run: m.PatternRun) -> Due:
    """What the run waits for."""
    if run.end:
        return Due.END
    if run.stopped_by or not all(isinstance(state.workers[one].life, m.Exited) for one in run.all_workers):
        return Due.WORKERS
    return Due.STEP if len(run.workers) < len(run.steps) else Due.RESULT


def _stopping(draft: Draft, run: m.PatternRun) -> None:
    quiet = True
    for name in run.all_workers:
        worker = draft.state.workers[name]
        match worker.life:
            case m.Queued():
                reason = f"stopped by {run.stopped_by}"
                workers.end(draft, e.JobExited(id=name, outcome=m.Outcome.CANCELLED, reason=reason))
            case m.Starting() | m.Running():
                draft.emit(e.JobStopping(id=name, by=run.stopped_by))
                quiet = False
            case m.Stopping():
                quiet = False
            case m.Exited():
                pass
    if quiet:
        draft.emit(
            e.PatternEnded(
                id=run.id, outcome=m.PatternOutcome.CANCELLED, reason=f"stopped by {run.stopped_by}"
            )
        )


def _failure(state: m.State, run: m.PatternRun) -> str:
    """Why the run cannot go on: nobody in its newest step came to anything. Of several, one is enough to go on with;
    the result says what is missing.
    """
    if not run.workers or due(state, run) is Due.WORKERS:
        return ""
    ends = [(name, state.workers[name].life) for name in run.workers[-1]]
    bad = [
        (name, life)
        for name, life in ends
        if isinstance(life, m.Exited) and life.outcome is not m.Outcome.SUCCEEDED
    ]
    if len(bad) < len(ends):
        return ""
    name, life = bad[0]
    step = run.steps[len(run.workers) - 1].name
    return f"step {step}: {name} {life.outcome}" + (f": {life.reason}" if life.reason else "")

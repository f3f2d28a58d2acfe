"""The entries of runs.md about workers, and about the patterns that they work for."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.evolve.note import WORDS, note, paste
from tmuxorch.core.plan import LEAD

PATHS = 20
"""Paths that an entry names; all are in the journal."""


def entry(state: m.State, event: e.Event, at: float) -> m.LogEntry | None:
    """The entry for `event`, after which the state is `state`; None where it is not meaningful enough."""
    match event:
        case e.JobExited(id=name) if name in state.workers:
            return _worker_ended(state, state.workers[name], event, at)
        case e.WorkerPutBack(id=name, reason=reason):
            worker = state.workers[name]
            what = "Asked once more for its answer" if event.kind is m.Kind.REPAIR else "Tried again"
            said = f"Try {worker.attempt - 1} ended without a result: {reason or 'unknown'}\n{what}."
            return note(at, _name(worker), text.clip(worker.spec.task, WORDS), said)
        case e.PatternEnded(id=name):
            return _pattern_ended(state, state.patterns[name], at)
        case _:
            return None


def _name(worker: m.Worker) -> str:
    return f"{worker.id}-{worker.spec.label}"


def _worker_ended(state: m.State, worker: m.Worker, event: e.JobExited, at: float) -> m.LogEntry:
    said = f"{event.outcome}, exit status {event.code}" + (f": {event.reason}" if event.reason else "")
    facts = [f".orchestrator/workers/{worker.id}"]
    if worker.place:
        facts.append(f"worktree {worker.place.path}\nbranch {worker.place.branch}")
    if worker.changed:
        facts.append(f"changed files {_some(worker.changed)}")
    if worker.tokens != m.Tokens():
        facts.append(f"tokens {worker.tokens.input} in, {worker.tokens.output} out")
    return note(
        at,
        _name(worker),
        text.clip(worker.spec.task, WORDS),
        said + (f"\nChanged outside of its paths: {_some(worker.violations)}" if worker.violations else ""),
        artifacts="\n".join(facts),
        resume=paste(state, "result", worker.id),
        next_step="A human looks at what was changed outside of its paths." if worker.violations else "",
    )


def _pattern_ended(state: m.State, run: m.PatternRun, at: float) -> m.LogEntry:
    assert run.end is not None
    steps = (
        f"{step.name}: {', '.join(_how(state.workers[one]) for one in workers)}"
        for step, workers in zip(run.steps, run.workers, strict=False)
    )
    said = [f"{run.end.outcome}" + (f": {run.end.reason}" if run.end.reason else ""), run.end.summary, *steps]
    return note(
        at,
        LEAD,
        f"{run.id}, pattern {run.spec.pattern.name}: {text.clip(run.spec.task, WORDS)}",
        "\n".join(line for line in said if line),
        artifacts=f".orchestrator/patterns/{run.id}",
        resume=paste(state, "result", run.id),
    )


def _how(worker: m.Worker) -> str:
    outcome = worker.life.outcome if isinstance(worker.life, m.Exited) else "not ended"
    return f"{_name(worker)} {outcome}"


def _some(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - PATHS} more" if len(paths) > PATHS else ""
    return ", ".join(paths[:PATHS]) + more

"""The public objects of workers and of the patterns that they work for; as in public.py, adding is free."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core import model as m
from tmuxorch.core.leases import Claim, claims, waits_for
from tmuxorch.core.pattern import Step
from tmuxorch.ledger import merging, words
from tmuxorch.ledger.words import PatternState, StepStatus, WorkerState, rfc3339

NAMED = 8
"""Of those that a worker waits for, how many are named."""


class Worker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One job for `codex exec`.

    `reason` says why it did not succeed, or is tried again at `retry_at`; `attempts` counts the tries. `paths` is what
    it alone may write while it is at work; a queued one waits for those of `waits_for` to let go, of whom the first few
    are named. `changed` and `violations` are what git saw it change, within those paths and elsewhere. `merge` are the
    commands that bring the work of its `worktree`, on `branch`, into the repo. `pattern` and `step` say for what it
    works, `parent` whose task it does again or goes on with. Nobody is called about one that is `muted`.
    """

    id: str
    label: str
    role: str
    task: str
    cwd: str
    window: str | None
    state: WorkerState
    outcome: m.Outcome | None
    exit_code: int | None
    reason: str | None
    thread: str | None
    queued: str
    started: str | None
    ended: str | None
    tokens: m.Tokens
    scope: str
    paths: tuple[str, ...]
    waits_for: tuple[str, ...]
    attempts: int
    retry_at: str | None
    changed: tuple[str, ...]
    violations: tuple[str, ...]
    worktree: str | None
    branch: str | None
    merge: tuple[str, ...]
    parent: str | None
    pattern: str | None
    step: str | None
    muted: bool


class PatternStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a pattern, and its workers as far as it has begun."""

    name: str
    status: StepStatus
    workers: tuple[str, ...]


class PatternRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run of a pattern. While it runs exactly one of its steps is in progress. `summary` is its result in a line;
    the whole is printed by `tmuxorch result`.
    """

    id: str
    pattern: str
    title: str
    task: str
    state: PatternState
    outcome: m.PatternOutcome | None
    reason: str | None
    summary: str | None
    started: str
    ended: str | None
    steps: tuple[PatternStep, ...]


def worker(state: m.State, of: m.Worker, known: list[Claim] | None = None) -> Worker:
    """A worker; `known` are `claims(state)`, where many are asked for."""
    ended = of.life if isinstance(of.life, m.Exited) else None
    queued = isinstance(of.life, m.Queued)
    waits = _waits_for(state, of, known) if queued and of.spec.lease else ()
    again = of.earliest if queued and of.earliest > of.life.at else 0.0
    window = state.windows.get(of.id)
    return Worker(
        id=of.id,
        label=of.spec.label,
        role=of.spec.role,
        task=of.spec.task,
        cwd=of.cwd,
        window=window.id if window else None,
        state=words.worker_state(state, of),
        outcome=ended.outcome if ended else None,
        exit_code=ended.code if ended and ended.code >= 0 else None,
        reason=(ended.reason if ended else of.reason if queued else "") or None,
        thread=of.thread or None,
        queued=rfc3339(of.queued),
        started=rfc3339(of.started) if of.started else None,
        ended=rfc3339(ended.at) if ended else None,
        tokens=of.tokens,
        scope=of.spec.scope,
        paths=of.spec.lease,
        waits_for=waits,
        attempts=of.attempt,
        retry_at=rfc3339(again) if again else None,
        changed=of.changed,
        violations=of.violations,
        worktree=of.place.path if of.place else None,
        branch=of.place.branch if of.place else None,
        merge=merging.of_worker(of),
        parent=of.spec.parent or None,
        pattern=of.spec.pattern or None,
        step=of.spec.step or None,
        muted=of.id in state.muted,
    )


def _waits_for(state: m.State, of: m.Worker, known: list[Claim] | None) -> tuple[str, ...]:
    return waits_for(claims(state) if known is None else known, of.id, NAMED)


def workers(state: m.State) -> tuple[Worker, ...]:
    """All workers. Those that have ended are by far the most and do not change any more, so theirs are made once."""
    known = claims(state)
    return tuple(
        _ended(state, one) if isinstance(one.life, m.Exited) else worker(state, one, known)
        for one in state.workers.values()
    )


_MADE: dict[str, tuple[m.Worker, m.Window | None, Worker]] = {}
"""By id, the object that was made last, and of what."""


def _ended(state: m.State, of: m.Worker) -> Worker:
    window = state.windows.get(of.id)
    made = _MADE.get(of.id)
    if made is None or made[0] is not of or made[1] is not window:
        made = _MADE[of.id] = (of, window, worker(state, of, []))
    return made[2]


def pattern(state: m.State, of: m.PatternRun) -> PatternRun:
    """A run of a pattern."""
    status = words.step_statuses(state, of)
    return PatternRun(
        id=of.id,
        pattern=of.spec.pattern.name,
        title=of.spec.pattern.title,
        task=of.spec.task,
        state=words.pattern_state(of),
        outcome=of.end.outcome if of.end else None,
        reason=of.end.reason or None if of.end else None,
        summary=of.end.summary or None if of.end else None,
        started=rfc3339(of.started),
        ended=rfc3339(of.end.at) if of.end else None,
        steps=tuple(_step(of, number, step, status[number]) for number, step in enumerate(of.steps)),
    )


def _step(of: m.PatternRun, number: int, step: Step, status: StepStatus) -> PatternStep:
    begun = of.workers[number] if number < len(of.workers) else ()
    return PatternStep(name=step.name, status=status, workers=begun)

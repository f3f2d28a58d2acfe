"""What events of workers and checks (jobs) change."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve.tables import accepted, counted
from tmuxorch.core.transitions import move


def apply(state: m.State, event: e.JobEvent, at: float) -> m.State:
    """The state after an event of a worker or a check."""
    match event:
        case e.WorkerQueued(id=worker_id, spec=spec):
            worker = m.Worker(id=worker_id, spec=spec, life=m.Queued(at=at), queued=at, place=spec.place)
            return replace(counted(state, worker_id), workers={**state.workers, worker_id: worker})
        case e.CheckQueued(id=check_id):
            check = m.Check(
                id=check_id,
                run=event.run,
                stage=event.stage,
                item=event.item,
                number=event.number,
                child=event.child,
                cwd=event.cwd,
                command=event.command,
                life=m.Queued(at=at),
            )
            return replace(counted(state, check_id), checks={**state.checks, check_id: check})
        case e.WorkerSeen() | e.WorkerPutBack() | e.WorkerPlaced() | e.HookWanted() | e.HookRan():
            worker = _worker_told(state.workers[event.id], event, at)
            return replace(state, workers={**state.workers, event.id: worker})
        case e.JobStarting() | e.JobStarted() | e.JobStopping() | e.JobExited():
            if event.id in state.workers:
                worker = _worker_after(state.workers[event.id], event, at)
                if isinstance(event, e.JobExited) and event.outcome is m.Outcome.SUCCEEDED:
                    state = accepted(state, m.OURS)
                return replace(state, workers={**state.workers, event.id: worker})
            check = _check_after(state.checks[event.id], event, at)
            return replace(state, checks={**state.checks, event.id: check})
        case _:
            assert_never(event)


def _life_after(job: str, life: m.Life, event: e.LifeEvent, at: float) -> m.Life:
    new: m.Life
    match event:
        case e.JobStarting():
            new = m.Starting(at=at)
        case e.JobStarted(pid=pid, host_pid=host_pid):
            new = m.Running(at=at, pid=pid, host_pid=host_pid)
        case e.JobStopping(by=by):
            new = m.Stopping(at=at, by=by)
        case e.JobExited(outcome=outcome, code=code, reason=reason):
            new = m.Exited(at=at, outcome=outcome, code=code, reason=reason)
        case _:
            assert_never(event)
    move(job, life, new)
    return new


def _worker_after(worker: m.Worker, event: e.LifeEvent, at: float) -> m.Worker:
    worker = replace(worker, life=_life_after(worker.id, worker.life, event, at))
    if isinstance(event, e.JobStarted):
        return replace(worker, started=worker.started or at)
    if isinstance(event, e.JobExited):
        tokens = _used(worker, event.tokens)
        return replace(_seen(worker, event), tokens=tokens, thread=event.thread or worker.thread)
    return worker


def _worker_told(worker: m.Worker, event: e.WorkerEvent, at: float) -> m.Worker:
    match event:
        case e.WorkerSeen(thread=thread):
            return replace(worker, thread=thread)
        case e.WorkerPlaced(place=place):
            return replace(worker, place=place)
        case e.HookWanted():
            return replace(worker, hook=m.Hook.DUE)
        case e.HookRan():
            return replace(worker, hook=m.Hook.RAN)
        case e.WorkerPutBack():
            return _put_back(worker, event, at)
        case _:
            assert_never(event)


def _put_back(worker: m.Worker, event: e.WorkerPutBack, at: float) -> m.Worker:
    """What was used in the thread is not spent yet when the next try goes on in it."""
    queued, tokens = m.Queued(at=at), _used(worker, event.tokens)
    move(worker.id, worker.life, queued)
    same = event.kind is m.Kind.REPAIR or bool(worker.spec.resume)
    return replace(
        _seen(worker, event),
        life=queued,
        attempt=worker.attempt + 1,
        kind=event.kind,
        earliest=event.earliest,
        reason=event.reason,
        retries=worker.retries + event.counts,
        spent=worker.spent if same else tokens,
        tokens=tokens,
        thread=event.thread or worker.thread,
    )


def _seen(worker: m.Worker, event: e.JobExited | e.WorkerPutBack) -> m.Worker:
    """With what git saw in this try, beside what it saw in those before."""
    return replace(
        worker,
        changed=tuple(sorted({*worker.changed, *event.changed})),
        violations=tuple(sorted({*worker.violations, *event.violations})),
    )


def _used(worker: m.Worker, told: m.Tokens) -> m.Tokens:
    """All tokens after a try that told those of its thread. Codex counts a thread's from its beginning, so those of
    the tries before in the same thread are in them; a try that was cut off tells none.
    """
    known, spent = worker.tokens, worker.spent
    return m.Tokens(
        max(known.input, spent.input + told.input),
        max(known.cached, spent.cached + told.cached),
        max(known.output, spent.output + told.output),
    )


def _check_after(check: m.Check, event: e.LifeEvent, at: float) -> m.Check:
    check = replace(check, life=_life_after(check.id, check.life, event, at))
    if isinstance(event, e.JobExited):
        return replace(check, seconds=event.seconds, tail=event.tail)
    return check

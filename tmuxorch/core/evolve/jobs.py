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
            worker = m.Worker(id=worker_id, spec=spec, life=m.Queued(at=at), queued=at)
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
        case e.WorkerSeen(id=worker_id, thread=thread):
            worker = replace(state.workers[worker_id], thread=thread)
            return replace(state, workers={**state.workers, worker_id: worker})
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


LifeEvent = e.JobStarting | e.JobStarted | e.JobStopping | e.JobExited


def _life_after(job: str, life: m.Life, event: LifeEvent, at: float) -> m.Life:
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


def _worker_after(worker: m.Worker, event: LifeEvent, at: float) -> m.Worker:
    worker = replace(worker, life=_life_after(worker.id, worker.life, event, at))
    if isinstance(event, e.JobStarted):
        return replace(worker, started=at)
    if isinstance(event, e.JobExited):
        return replace(worker, tokens=event.tokens, thread=event.thread or worker.thread)
    return worker


def _check_after(check: m.Check, event: LifeEvent, at: float) -> m.Check:
    check = replace(check, life=_life_after(check.id, check.life, event, at))
    if isinstance(event, e.JobExited):
        return replace(check, seconds=event.seconds, tail=event.tail)
    return check

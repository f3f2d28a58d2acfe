"""Workers and checks (jobs): how their processes start, end and are stopped."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import workers
from tmuxorch.core.draft import Draft
from tmuxorch.errors import NotFound


def job(state: m.State, job_id: str) -> m.Worker | m.Check:
    """The worker or check of that id. Raises NotFound."""
    found = state.workers.get(job_id) or state.checks.get(job_id)
    if found is None:
        raise NotFound(f"no worker or check {job_id!r}", hint="tmuxorch ls")
    return found


def process(draft: Draft, message: msg.ProcessStarted | msg.ProcessEnded) -> None:
    """The process of a worker or check has started or ended; of a worker's former tries nothing is heard any more."""
    name = msg.job_id(message.ref)
    found = draft.state.workers.get(name) or draft.state.checks.get(name)
    if found is None or not m.is_live(found.life) or msg.job_ref(found) != message.ref:
        return
    if isinstance(message, msg.ProcessStarted):
        if isinstance(found.life, m.Starting):
            draft.emit(e.JobStarted(id=found.id, pid=message.pid, host_pid=message.host_pid))
    elif isinstance(found, m.Worker):
        workers.ended(draft, found, message)
    else:
        _check_ended(draft, found, message)


def _check_ended(draft: Draft, check: m.Check, message: msg.ProcessEnded) -> None:
    outcome, reason = message.outcome, message.reason
    ended_by_us = (m.Outcome.FAILED, m.Outcome.KILLED, m.Outcome.LOST)
    if isinstance(check.life, m.Stopping) and outcome in ended_by_us:
        outcome, reason = m.Outcome.CANCELLED, f"stopped by {check.life.by}"
    draft.emit(
        e.JobExited(
            id=check.id,
            outcome=outcome,
            code=message.code,
            reason=reason,
            seconds=message.seconds,
            tail=message.tail,
            tokens=message.tokens,
            thread=message.thread,
        )
    )


def stop(draft: Draft, message: msg.StopJob) -> None:
    """A worker or check is to end; one that has ended already is left as it is."""
    life = job(draft.state, message.id).life
    match life:
        case m.Queued():
            gone = e.JobExited(id=message.id, outcome=m.Outcome.CANCELLED, reason=f"stopped by {message.by}")
            workers.end(draft, gone) if message.id in draft.state.workers else draft.emit(gone)
        case m.Starting() | m.Running():
            draft.emit(e.JobStopping(id=message.id, by=message.by))
        case m.Stopping() | m.Exited():
            pass


def queue_check(
    draft: Draft, run: m.Run, stage: m.Stage, item: str, number: int, child: str, command: str
) -> str:
    """Queues one check, where the child's items are worked on; returns its id."""
    check = draft.new_id("K")
    place = draft.state.runs[run.id].places.get(child)
    draft.emit(
        e.CheckQueued(
            id=check,
            run=run.id,
            stage=stage,
            item=item,
            number=number,
            child=child,
            cwd=place.path if place else draft.state.agents[child].path,
            command=command,
        )
    )
    return check

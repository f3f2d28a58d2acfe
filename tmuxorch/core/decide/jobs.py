"""Workers and checks: one process each, which starts once and ends once."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import refusals
from tmuxorch.core.draft import Draft
from tmuxorch.errors import NotFound, Refused


def job(state: m.State, job_id: str) -> m.Worker | m.Check:
    """The worker or check of that id. Raises NotFound."""
    found = state.workers.get(job_id) or state.checks.get(job_id)
    if found is None:
        raise NotFound(f"no worker or check {job_id!r}", hint="tmuxorch ls")
    return found


def queue_worker(draft: Draft, message: msg.QueueWorker) -> None:
    """A worker is wanted."""
    if message.id in draft.state.workers:
        raise Refused(f"worker {message.id} exists already")
    draft.emit(e.WorkerQueued(id=message.id, spec=message.spec))


def worker_told(draft: Draft, message: msg.WorkerTold) -> None:
    """A worker has told its thread."""
    worker = draft.state.workers.get(message.id)
    if worker and worker.thread != message.thread:
        draft.emit(e.WorkerSeen(id=worker.id, thread=message.thread))


def process(draft: Draft, message: msg.ProcessStarted | msg.ProcessEnded) -> None:
    """The process of a worker or check has started or ended."""
    found = draft.state.workers.get(message.ref) or draft.state.checks.get(message.ref)
    if found is None or not m.is_live(found.life):
        return
    life = found.life
    if isinstance(message, msg.ProcessStarted):
        if isinstance(life, m.Starting):
            draft.emit(e.JobStarted(id=message.ref, pid=message.pid, host_pid=message.host_pid))
        return
    outcome = message.outcome
    stopped_by = life.by if isinstance(life, m.Stopping) else ""
    if stopped_by and outcome in (m.Outcome.FAILED, m.Outcome.KILLED, m.Outcome.LOST):
        outcome = m.Outcome.CANCELLED
    draft.emit(
        e.JobExited(
            id=message.ref,
            outcome=outcome,
            code=message.code,
            reason=f"stopped by {stopped_by}" if outcome is m.Outcome.CANCELLED else message.reason,
            seconds=message.seconds,
            tail=message.tail,
            tokens=message.tokens,
            thread=message.thread,
        )
    )
    if message.limit:
        refusals.pause(draft, m.OURS, message.limit, message.reason, message.ref)


def stop(draft: Draft, message: msg.StopJob) -> None:
    """A worker or check is to end; one that has ended already is left as it is."""
    life = job(draft.state, message.id).life
    match life:
        case m.Queued():
            draft.emit(
                e.JobExited(id=message.id, outcome=m.Outcome.CANCELLED, reason=f"stopped by {message.by}")
            )
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

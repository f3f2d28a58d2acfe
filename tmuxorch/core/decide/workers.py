"""Exec workers: which start, and what the end of a try comes to."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import refusals
from tmuxorch.core.draft import Draft
from tmuxorch.core.leases import claims, waiting
from tmuxorch.errors import Refused


def queue(draft: Draft, message: msg.QueueWorker) -> None:
    """A worker is wanted."""
    if message.id in draft.state.workers:
        raise Refused(f"worker {message.id} exists already")
    draft.emit(e.WorkerQueued(id=message.id, spec=message.spec))


def told(draft: Draft, message: msg.WorkerTold) -> None:
    """A worker has told its thread. What is heard only after its end says less than that end did."""
    worker = draft.state.workers.get(message.id)
    if worker and isinstance(worker.life, m.Running | m.Stopping) and worker.thread != message.thread:
        draft.emit(e.WorkerSeen(id=worker.id, thread=message.thread))


def has_place(draft: Draft, message: msg.WorkerHasPlace) -> None:
    """Its worktree was made; also that of one that was stopped meanwhile, or nobody would know of it."""
    worker = draft.state.workers[message.id]
    if worker.place is None:
        draft.emit(e.WorkerPlaced(id=worker.id, place=message.place))


def has_no_place(draft: Draft, message: msg.WorkerHasNoPlace) -> None:
    """Without its worktree it cannot be started."""
    worker = draft.state.workers[message.id]
    if isinstance(worker.life, m.Starting | m.Stopping):
        end(draft, e.JobExited(id=worker.id, outcome=m.Outcome.SPAWN_FAILED, reason=message.reason))


def start(draft: Draft) -> None:
    """Queued workers start in the order in which they were asked for, as far as the limit and the leases of others let
    them, none while its account is paused. One that waits for a lease keeps no place within the limit.
    """
    queued = [worker for worker in draft.state.workers.values() if isinstance(worker.life, m.Queued)]
    if not queued or m.OURS in draft.state.pauses:
        return
    live = sum(m.is_live(worker.life) for worker in draft.state.workers.values())
    if live >= draft.settings.exec_workers:
        return
    held_up = waiting(claims(draft.state))
    for worker in queued:
        if worker.earliest > draft.now or worker.id in held_up:
            continue
        draft.emit(e.JobStarting(id=worker.id))
        live += 1
        if live >= draft.settings.exec_workers:
            return


def ended(draft: Draft, worker: m.Worker, message: msg.ProcessEnded) -> None:
    """A try has ended: with the worker's end, or with another try."""
    if message.limit:
        refusals.pause(draft, m.OURS, message.limit, message.reason, worker.id)
    stopping = isinstance(worker.life, m.Stopping)
    if not stopping and (back := _again(draft, worker, message)):
        draft.emit(back)
        return
    outcome, reason = _judged(worker, message)
    end(
        draft,
        e.JobExited(
            id=worker.id,
            outcome=outcome,
            code=message.code,
            reason=reason,
            seconds=message.seconds,
            tokens=message.tokens,
            thread=message.thread,
            changed=message.changed,
            violations=message.violations,
        ),
    )


def end(draft: Draft, event: e.JobExited) -> None:
    """The worker's end; whoever wants to be told by a command of theirs, will be."""
    draft.emit(event)
    if draft.settings.hook:
        draft.emit(e.HookWanted(id=event.id))


def hook_done(draft: Draft, message: msg.HookDone) -> None:
    """The command for workers that have ended was run."""
    if draft.state.workers[message.id].hook is m.Hook.DUE:
        draft.emit(e.HookRan(id=message.id, problem=message.problem))


def _judged(worker: m.Worker, message: msg.ProcessEnded) -> tuple[m.Outcome, str]:
    if isinstance(worker.life, m.Stopping) and message.outcome in (
        m.Outcome.FAILED,
        m.Outcome.KILLED,
        m.Outcome.LOST,
    ):
        return m.Outcome.CANCELLED, f"stopped by {worker.life.by}"
    if message.outcome is m.Outcome.SUCCEEDED and message.misfit:
        return m.Outcome.FAILED, f"its answer is not in the form asked for: {message.misfit}"
    again = worker.retries and (message.passing or message.outcome is m.Outcome.LOST)
    tries = f" (tried {worker.attempt} times)" if again else ""
    return message.outcome, f"{message.reason}{tries}"


def _again(draft: Draft, worker: m.Worker, message: msg.ProcessEnded) -> e.WorkerPutBack | None:
    """Another try, where there should be one: as soon as the account has an allowance again; after a while, where it
    failed by what may pass; at once, in the same thread, where its answer has another form than was asked for.
    """
    kind, reason, earliest, counts = m.Kind.AGAIN, message.reason, 0.0, False
    if message.limit and message.limit.kind is m.LimitKind.AUTH:
        return None
    if message.limit:
        pass
    elif message.passing or message.outcome is m.Outcome.LOST:
        if worker.retries >= draft.settings.retries:
            return None
        earliest, counts = draft.now + draft.settings.backoff * 2.0**worker.retries, True
    elif message.outcome is m.Outcome.SUCCEEDED and message.misfit and worker.kind is not m.Kind.REPAIR:
        if not (message.thread or worker.thread):
            return None
        kind, reason = m.Kind.REPAIR, message.misfit
    else:
        return None
    if kind is m.Kind.AGAIN and worker.kind is m.Kind.REPAIR:
        kind, reason = m.Kind.REPAIR, worker.reason
    return e.WorkerPutBack(
        id=worker.id,
        kind=kind,
        reason=reason,
        earliest=earliest,
        counts=counts,
        tokens=message.tokens,
        thread=message.thread,
        changed=message.changed,
        violations=message.violations,
    )

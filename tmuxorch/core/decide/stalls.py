"""A worker that is silent for long is a human's matter: it is told, and never ended by itself."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates
from tmuxorch.core.draft import Draft

WAIT = m.Choice("wait", "leave it at work; you are told again when it stays silent")
STOP = m.Choice("stop", "stop it")


def silent(draft: Draft, message: msg.WorkerSilent) -> None:
    """Opens a checkpoint, unless one is open, or a human has said to wait and not enough time has passed since."""
    worker = draft.state.workers.get(message.id)
    if worker is None or not isinstance(worker.life, m.Running):
        return
    since = message.since
    for checkpoint in _of(draft.state, worker.id):
        if checkpoint.is_open:
            return
        if isinstance(checkpoint.state, m.Closed):
            since = max(since, checkpoint.state.at)
    if draft.now - since < draft.settings.stall:
        return
    origin = m.FromWorker(worker=worker.id)
    gates.open_gate(
        draft, worker.id, "", origin, _card(worker, draft.now - message.since), blocks=(worker.id,)
    )


def spoke(draft: Draft, message: msg.WorkerSpoke) -> None:
    """It goes on, so nobody needs to decide."""
    _lapse(draft, message.id, "the worker goes on")


def follow(draft: Draft) -> None:
    """What does not run any more is not silent."""
    for checkpoint in draft.state.checkpoints.values():
        origin = checkpoint.origin
        if isinstance(origin, m.FromWorker) and checkpoint.is_open:
            life = draft.state.workers[origin.worker].life
            if not isinstance(life, m.Running):
                draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason="the worker does not run any more"))


def take(draft: Draft, worker: str, answer: m.Answer, by: str) -> None:
    """A human has decided."""
    if answer.choice == STOP.key and isinstance(draft.state.workers[worker].life, m.Starting | m.Running):
        draft.emit(e.JobStopping(id=worker, by=by))


def _of(state: m.State, worker: str) -> list[m.Checkpoint]:
    return [one for one in state.checkpoints.values() if one.origin == m.FromWorker(worker=worker)]


def _lapse(draft: Draft, worker: str, reason: str) -> None:
    for checkpoint in _of(draft.state, worker):
        if checkpoint.is_open:
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason=reason))


def _card(worker: m.Worker, seconds: float) -> m.Card:
    name = f"{worker.id}-{worker.spec.label}"
    return m.Card(
        kind=m.CheckpointKind.STALL,
        title=f"{name} has been silent for {seconds / 60:.0f} min",
        body=f"Its task:\n{worker.spec.task}",
        do=f"Look at its window (tmuxorch attach {worker.id}) or at its log (tmuxorch logs {worker.id}).",
        expect="wait or stop. A long command is silent too. Stopped, it can be run again with more said: "
        f"tmuxorch rerun {worker.id} --context …",
        choices=(WAIT, STOP),
    )

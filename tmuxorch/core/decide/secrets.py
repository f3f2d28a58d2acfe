"""Secret answers that were lost with the controller that had them: a human is asked again, where they still matter."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.draft import Draft
from tmuxorch.core.secrets import is_secret, needed, task

REASON = "the secret was only in the memory of a controller that has ended"


def woke(draft: Draft) -> None:
    """A controller starts, and remembers none: what items that have not begun will need is asked for at once. What
    else turns out to be missing when it is to be sent is told by `SecretLost`.
    """
    run = draft.state.active_run
    if run is None or run.plan is None:
        return
    for item in run.plan.items:
        checkpoint = task(draft.state, run.id, item.id)
        if checkpoint and is_secret(checkpoint) and _awaits(draft.state, run, item.id):
            _ask_again(draft, checkpoint)


def _awaits(state: m.State, run: m.Run, task_id: str) -> bool:
    """Whether an item needs that answer and has not been told it."""
    assert run.plan is not None
    for item in run.plan.items:
        if task_id not in run.plan.needs(item):
            continue
        progress = run.items[item.id].progress
        if isinstance(progress, m.ItemPending):
            return True
        if isinstance(progress, m.ItemWorking):
            turn = state.turns[progress.turn]
            if isinstance(turn.state, m.TurnPending) and needed(state, turn):
                return True
    return False


def lost(draft: Draft, message: msg.SecretLost) -> None:
    """The answer is to be passed on, and nobody knows it any more."""
    checkpoint = draft.state.checkpoints.get(message.checkpoint)
    if checkpoint:
        _ask_again(draft, checkpoint)


def _ask_again(draft: Draft, checkpoint: m.Checkpoint) -> None:
    origin, state = checkpoint.origin, checkpoint.state
    if isinstance(origin, m.FromServer) and isinstance(state, m.Answered):
        draft.emit(e.CheckpointReopened(id=checkpoint.id, reason=REASON))
    elif isinstance(origin, m.FromHumanItem) and isinstance(state, m.Closed):
        known = draft.state.runs[origin.run].items.get(origin.item)
        if known and isinstance(known.progress, m.ItemDone):
            draft.emit(e.CheckpointReopened(id=checkpoint.id, reason=REASON))
            progress = m.ItemDeciding(checkpoint=checkpoint.id)
            draft.emit(e.ItemMoved(run=origin.run, item=origin.item, progress=progress))

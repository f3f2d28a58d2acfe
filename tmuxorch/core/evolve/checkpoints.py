"""What events of checkpoints change."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve.tables import counted, without
from tmuxorch.core.transitions import move

Move = e.CheckpointAnswered | e.CheckpointClosed | e.CheckpointLapsed | e.CheckpointReopened


def apply(state: m.State, event: e.CheckpointEvent, at: float) -> m.State:
    """The state after an event of a checkpoint."""
    if isinstance(event, e.CheckpointOpened):
        checkpoint = m.Checkpoint(
            id=event.id,
            source=event.source,
            item=event.item,
            origin=event.origin,
            card=event.card,
            digest=event.digest,
            blocks=event.blocks,
            opened=at,
        )
        state = _waits(counted(state, event.id), event.origin, event.id, event.blocks)
    elif isinstance(event, e.AnswerAttempted):
        checkpoint = state.checkpoints[event.id]
        attempt = m.Attempt(at=at, by=event.by, how=event.how, refused=event.refused)
        checkpoint = replace(checkpoint, attempts=(*checkpoint.attempts, attempt))
    elif isinstance(event, e.CheckpointChanged):
        checkpoint = replace(state.checkpoints[event.id], card=event.card, digest=event.digest)
    else:
        checkpoint = state.checkpoints[event.id]
        new = _state_after(checkpoint.state, event, at)
        move(f"checkpoint {event.id}", checkpoint.state, new)
        checkpoint = replace(checkpoint, state=new)
        if not checkpoint.is_open:
            state = _waits(state, checkpoint.origin, checkpoint.id, ())
    return replace(state, checkpoints={**state.checkpoints, event.id: checkpoint})


def _waits(state: m.State, origin: m.Origin, checkpoint: str, blocks: tuple[str, ...]) -> m.State:
    """`state` with these items of the run waiting for what a lead asks a human."""
    if not isinstance(origin, m.FromLead) or origin.run not in state.runs:
        return state
    run = state.runs[origin.run]
    asked = {**without(run.asked, checkpoint), **({checkpoint: blocks} if blocks else {})}
    return replace(state, runs={**state.runs, run.id: replace(run, asked=asked)})


def _state_after(old: m.CheckpointState, event: Move, at: float) -> m.CheckpointState:
    match event:
        case e.CheckpointAnswered(answer=answer, by=by):
            return m.Answered(at=at, by=by, answer=answer)
        case e.CheckpointClosed(by=by):
            if isinstance(old, m.Answered):
                return m.Closed(at=at, by=old.by, answer=old.answer)
            return m.Closed(at=at, by=by, answer=m.Answer())
        case e.CheckpointLapsed(reason=reason):
            return m.Lapsed(at=at, reason=reason)
        case e.CheckpointReopened():
            return m.Open()
        case _:
            assert_never(event)

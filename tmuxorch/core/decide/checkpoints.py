"""Checkpoints: what opens them, who may answer, and what ends them.

An answer is recorded before it has any effect. What the effect is depends on the origin: an answer to
Codex goes over the wire and is closed when Codex says that the request is resolved; the others take effect
in the core at once.
"""

from __future__ import annotations

from typing import assert_never

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates, taken
from tmuxorch.core.draft import Draft
from tmuxorch.errors import Bug, NotFound, Refused, UsageError

CODEX = "Codex's own TUI"
"""Who has answered when nobody did here."""

APPROVAL, CANCEL = "/requestApproval", "cancel"
"""The end of the methods that Codex ends the turn for, with every other request of it, when that is the answer."""


def asked(draft: Draft, message: msg.ServerAsked) -> None:
    """Codex asks. One that was asked before (it is replayed after a reconnect) is the same checkpoint."""
    agent = draft.state.agents.get(message.agent)
    if agent is None or agent.generation != message.generation or not agent.is_up:
        return
    if known := _of_request(draft.state, message.agent, message.generation, message.request):
        assert isinstance(known.origin, m.FromServer)
        if known.origin.params == message.params:
            return
        # A server that is not ours was started anew, and counts its requests from the beginning.
        if isinstance(known.state, m.Open | m.Answered):
            draft.emit(e.CheckpointLapsed(id=known.id, reason="the server that asked is gone"))
    turn = _turn_of(draft.state, message)
    origin = m.FromServer(
        agent=message.agent,
        generation=message.generation,
        request=message.request,
        method=message.method,
        params=message.params,
        turn=turn.id if turn else "",
    )
    draft.emit(
        e.CheckpointOpened(
            id=draft.new_id("C"),
            source=message.agent,
            item=turn.item if turn else "",
            origin=origin,
            card=message.card,
            digest=message.digest,
            blocks=_blocked(draft.state, turn),
        )
    )


def _turn_of(state: m.State, message: msg.ServerAsked) -> m.Turn | None:
    for turn in reversed(state.turns.values()):
        active = turn.state
        if isinstance(active, m.TurnActive) and active.codex_turn == message.codex_turn:
            return turn
    return None


def _blocked(state: m.State, turn: m.Turn | None) -> tuple[str, ...]:
    if turn is None or not turn.item or not turn.run:
        return ()
    return gates.held_up(state.runs[turn.run], turn.agent, turn.item)


def _of_request(state: m.State, agent: str, generation: int, request: int | str) -> m.Checkpoint | None:
    for checkpoint in reversed(state.checkpoints.values()):
        origin = checkpoint.origin
        if isinstance(origin, m.FromServer) and (origin.agent, origin.generation, origin.request) == (
            agent,
            generation,
            request,
        ):
            return checkpoint
    return None


def resolved(draft: Draft, message: msg.ServerResolved) -> None:
    """Codex needs no answer any more: ours arrived, somebody answered in Codex's own TUI, or its turn is being
    interrupted. An answer that was recorded and not sent yet has lost against one that was given there.
    """
    found = _of_request(draft.state, message.agent, message.generation, message.request)
    if found is None or not isinstance(found.state, m.Open | m.Answered):
        return
    lost = isinstance(found.state, m.Answered) and message.elsewhere
    if (lost or found.is_open) and (reason := _withdrawn(draft.state, found)):
        draft.emit(e.CheckpointLapsed(id=found.id, reason=reason))
        return
    if lost:
        draft.emit(e.CheckpointReopened(id=found.id, reason="an answer was given in Codex's own TUI before"))
    draft.emit(e.CheckpointClosed(id=found.id, by=CODEX))


def _withdrawn(state: m.State, checkpoint: m.Checkpoint) -> str:
    """Why Codex asks no more although nobody has answered; empty if somebody must have."""
    assert isinstance(checkpoint.origin, m.FromServer)
    turn = state.turns.get(checkpoint.origin.turn)
    if turn is None:
        return ""
    if isinstance(turn.state, m.TurnActive) and turn.state.interrupting:
        return "the turn that asked was interrupted"
    for other in state.checkpoints.values():
        if not isinstance(other.origin, m.FromServer) or not isinstance(other.state, m.Answered | m.Closed):
            continue
        ends = other.origin.method.endswith(APPROVAL) and other.state.answer.choice == CANCEL
        if ends and other.origin.turn == turn.id:
            return f"the turn that asked was ended by the answer to {other.id}"
    return ""


def impossible(draft: Draft, message: msg.ReplyImpossible) -> None:
    """An answer that nothing waits for any more."""
    checkpoint = draft.state.checkpoints[message.checkpoint]
    if isinstance(checkpoint.state, m.Open | m.Answered):
        draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason=message.reason))


def lapse_requests(draft: Draft, agent: str, generation: int, reason: str) -> None:
    """Every request of that server process is gone with it."""
    for checkpoint in draft.state.checkpoints.values():
        origin = checkpoint.origin
        mine = isinstance(origin, m.FromServer) and (origin.agent, origin.generation) == (agent, generation)
        if mine and isinstance(checkpoint.state, m.Open | m.Answered):
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason=reason))


def answered(draft: Draft, message: msg.AnswerCheckpoint) -> None:
    """A human decides. Raises NotFound, Refused (not open, or not what they saw), UsageError (not an
    answer).
    """
    checkpoint = draft.state.checkpoints.get(message.id)
    if checkpoint is None:
        raise NotFound(f"no checkpoint {message.id!r}", hint="tmuxorch checkpoints")
    check_open(checkpoint)
    if message.digest and message.digest != checkpoint.digest:
        raise Refused(
            f"{checkpoint.id} has changed since it was shown", hint=f"tmuxorch show {checkpoint.id}"
        )
    _check_answer(checkpoint, message.answer)
    draft.emit(
        e.CheckpointAnswered(id=checkpoint.id, answer=message.answer, by=message.by, digest=checkpoint.digest)
    )
    taken.take(draft, draft.state.checkpoints[checkpoint.id])


PLAN = "plan"
"""Stands for the checkpoint at which a plan, or a change of it, waits."""

ATTEMPTS, ALL_ATTEMPTS = 5, 20
"""Attempts of one agent, and of all, to answer a checkpoint that are recorded: they may go on trying for ever."""

ONE_ACT = 10.0
"""Seconds in which a command that was seen and a refusal of the controller are one attempt of an agent."""


def attempted(draft: Draft, message: msg.AttemptSeen) -> None:
    """An agent tried to decide what only a human can: people see that it did."""
    checkpoint = _meant(draft.state, message.checkpoint)
    if checkpoint is None or len(checkpoint.attempts) >= ALL_ATTEMPTS:
        return
    before = [one for one in checkpoint.attempts if one.by == message.by]
    known = any(
        one.how == message.how or (one.refused != message.refused and draft.now - one.at < ONE_ACT)
        for one in before
    )
    if len(before) < ATTEMPTS and not known:
        event = e.AnswerAttempted(id=checkpoint.id, by=message.by, how=message.how, refused=message.refused)
        draft.emit(event)


def _meant(state: m.State, name: str) -> m.Checkpoint | None:
    if name != PLAN:
        return state.checkpoints.get(name)
    plans = (
        one
        for one in reversed(state.checkpoints.values())
        if one.is_open and isinstance(one.origin, m.FromPlan | m.FromReplan)
    )
    return next(plans, None)


def check_open(checkpoint: m.Checkpoint) -> None:
    """Returns if it can be answered. Raises Refused, which says who did or why it has lapsed."""
    look = f"tmuxorch show {checkpoint.id}"
    match checkpoint.state:
        case m.Open():
            return
        case m.Answered(by=by) | m.Closed(by=by):
            raise Refused(f"{checkpoint.id} was answered already, by {by}", hint=look)
        case m.Lapsed(reason=reason):
            raise Refused(f"{checkpoint.id} has lapsed: {reason}", hint=_instead(checkpoint))
        case _:
            assert_never(checkpoint.state)


def _instead(checkpoint: m.Checkpoint) -> str:
    """What somebody can do who wanted to answer what nothing waits for any more."""
    if isinstance(checkpoint.origin, m.FromServer):
        return f'tmuxorch ask {checkpoint.source} "…"'
    return "tmuxorch checkpoints"


def _check_answer(checkpoint: m.Checkpoint, answer: m.Answer) -> None:
    card, look = checkpoint.card, f"tmuxorch show {checkpoint.id}"
    keys = [choice.key for choice in card.choices]
    if answer.choice and answer.choice not in keys:
        known = ", ".join(keys) or "none"
        raise UsageError(f"{checkpoint.id} has no choice {answer.choice!r}; there are: {known}", hint=look)
    fields = {field.id for field in card.fields}
    filled = bool(fields and (answer.values or answer.text or answer.secrets))
    if not answer.choice and not filled:
        wanted = [*keys, *(f"{name}=…" for name in sorted(fields))]
        raise UsageError(f"{checkpoint.id} wants one of: {', '.join(wanted)}", hint=look)
    secret = {field.id for field in card.fields if field.secret}
    if shown := secret & answer.values.keys():
        raise Bug(f"the secret {', '.join(sorted(shown))} of {checkpoint.id} was about to be recorded")
    for name in (*answer.values, *answer.secrets):
        if name not in fields:
            known = ", ".join(sorted(fields)) or "none"
            raise UsageError(f"{checkpoint.id} has no field {name!r}; there are: {known}", hint=look)

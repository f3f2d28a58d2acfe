"""Servers that are not ours, and connections that cannot be had.

Such a server is connected to and let go of; it is never started or ended. A turn that it works on when we let go goes
on there, and is found again by its mark.
"""

from __future__ import annotations

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import checkpoints, gates, turns
from tmuxorch.core.draft import Draft


def moved(draft: Draft, agent: m.Agent) -> None:
    """The server of `agent` (as it was before) is to be another one: what the old one was asked is asked again."""
    reason = "it has another server now"
    checkpoints.lapse_requests(draft, agent.name, agent.generation, reason)
    turns.lose(draft, agent.name, reason)
    if isinstance(agent.server, m.Starting | m.Running):
        draft.emit(e.ServerStopping(name=agent.name, by="the configuration"))


def let_go(draft: Draft, agent: m.Agent, by: str) -> None:
    """The connection to a server that is not ours is to end; while it is wanted, a new one is made."""
    if agent.endpoint and agent.ready:
        draft.emit(e.AgentUnready(name=agent.name, generation=agent.generation, reason=f"let go of by {by}"))


def is_missing(agent: m.Agent) -> bool:
    """Whether a connection to a server that is not ours should be there, and is not."""
    return agent.is_connectable and bool(agent.endpoint) and not agent.ready


def tried_again(draft: Draft, agent: m.Agent, by: str) -> None:
    """Somebody wants a server that is not ours to be tried again: nobody needs to be asked about it just now."""
    asked = m.given_up(draft.state, agent.name)
    if asked and agent.endpoint:
        draft.emit(e.CheckpointLapsed(id=asked.id, reason=f"it is tried again, as {by} wants"))


def link_down(draft: Draft, message: msg.LinkDown) -> None:
    """The connection to a server that is not ours is gone."""
    agent = draft.state.agents.get(message.agent)
    if agent and agent.endpoint and agent.ready and agent.generation == message.generation:
        draft.emit(e.AgentUnready(name=agent.name, generation=agent.generation, reason=message.reason))


def unreachable(draft: Draft, message: msg.Unreachable) -> None:
    """A server or its thread cannot be had: a human's matter, until it can."""
    agent = draft.state.agents.get(message.agent)
    if agent is None or agent.generation != message.generation or not agent.is_connectable:
        return
    if agent.ready:
        draft.emit(e.AgentUnready(name=agent.name, generation=agent.generation, reason=message.reason))
    card = _card(agent.name, message.reason)
    asked = m.given_up(draft.state, agent.name)
    if asked is None:
        gates.open_gate(draft, agent.name, "", m.FromAgent(agent=agent.name), card)
    elif asked.card != card:
        draft.emit(e.CheckpointChanged(id=asked.id, card=card, digest=gates.digest(card)))


def abandoned(draft: Draft, turn: m.Turn, needless: bool) -> None:
    """A turn that nobody needs, of an agent that was let go of: nobody will hear how it ends."""
    agent = draft.state.agents.get(turn.agent)
    if not turn.in_flight or agent is None or not agent.endpoint or agent.wanted:
        return
    if needless or (isinstance(turn.state, m.TurnActive) and turn.state.interrupting):
        why = f"nobody is connected any more to {agent.endpoint}"
        draft.emit(e.TurnEnded(id=turn.id, outcome=m.TurnOutcome.CANCELLED, error=why))


def _card(name: str, reason: str) -> m.Card:
    card = gates.failure_card(f"no connection to the thread of {name}", reason, gates.RETRY, gates.ABORT)
    return replace(
        card, expect="One of the choices. It is also tried again by itself, and this ends when it works."
    )

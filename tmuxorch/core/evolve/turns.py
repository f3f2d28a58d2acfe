"""What events of turns change."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve import lead
from tmuxorch.core.evolve.tables import accepted, counted
from tmuxorch.core.plan import LEAD
from tmuxorch.core.transitions import move


def apply(state: m.State, event: e.TurnEvent, at: float) -> m.State:
    """The state after an event of a turn."""
    if isinstance(event, e.TurnQueued):
        turn = m.Turn(
            id=event.id,
            agent=event.agent,
            purpose=event.purpose,
            state=m.TurnPending(at=at),
            run=event.run,
            item=event.item,
            text=event.text,
            writes=event.writes,
            topic=event.topic,
            by=event.by,
            news=event.news,
        )
        if turn.purpose is m.Purpose.WAKE:
            state = lead.waking(state, turn)
        return replace(counted(state, event.id), turns={**state.turns, event.id: turn})
    if isinstance(event, e.TurnSeen):
        active = m.TurnActive(at=at, generation=event.generation, codex_turn=event.codex_turn)
        turn = m.Turn(id=event.id, agent=event.agent, purpose=m.Purpose.TALK, state=active)
        return replace(counted(state, event.id), turns={**state.turns, event.id: turn})
    turn_id = event.turn if isinstance(event, e.SteerQueued | e.SteerSent | e.InterruptWanted) else event.id
    turn = _turn_after(state.turns[turn_id], event, at)
    if turn.agent == LEAD:
        state, turn = _of_lead(state, turn, event)
    state = replace(state, turns={**state.turns, turn_id: turn})
    return _counted_tokens(state, turn, event) if isinstance(event, e.TurnEnded) else state


def _of_lead(state: m.State, turn: m.Turn, event: e.LaterTurnEvent) -> tuple[m.State, m.Turn]:
    """What the lead has heard of, and its turn: one that wakes it tells all that there is when it is sent. When it has
    done any turn, it may be woken again with what it could not be woken with.
    """
    if isinstance(event, e.TurnEnded) and event.outcome is m.TurnOutcome.COMPLETED:
        state = lead.told(state, turn.news[1])
        return replace(state, lead=replace(state.lead, woken=state.lead.told)), turn
    if turn.purpose is not m.Purpose.WAKE:
        return state, turn
    match event:
        case e.TurnSending():
            turn = replace(turn, news=(turn.news[0], state.news_count))
            return lead.waking(state, turn), turn
        case e.TurnRequeued():
            return lead.waking(state, turn), turn
        case e.TurnStarted():
            return lead.told(state, turn.news[1]), turn
        case _:
            return state, turn


def _turn_after(turn: m.Turn, event: e.LaterTurnEvent, at: float) -> m.Turn:
    match event:
        case e.TurnSending(generation=generation):
            return _goes(turn, m.TurnSent(at=at, generation=generation))
        case e.TurnStarted(codex_turn=codex_turn, generation=generation):
            return _goes(turn, m.TurnActive(at=at, generation=generation, codex_turn=codex_turn))
        case e.TurnRequeued(paused=paused):
            again = _goes(turn, m.TurnPending(at=at))
            return replace(again, attempt=turn.attempt + 1, lost=turn.lost + (not paused))
        case e.TurnEnded(outcome=outcome, message=message, error=error, seconds=seconds):
            over = m.TurnOver(at=at, outcome=outcome, message=message, error=error, seconds=seconds)
            seen = replace(
                turn,
                touched=event.touched,
                strays=event.strays,
                moved=event.moved,
                after=event.after,
                diff=event.diff,
            )
            return _goes(seen, over)
        case e.SteerQueued(number=number, text=text):
            return replace(turn, steers=(*turn.steers, (number, text)))
        case e.SteerSent(number=number):
            return replace(turn, steers=tuple(pair for pair in turn.steers if pair[0] != number))
        case e.InterruptWanted(by=by):
            assert isinstance(turn.state, m.TurnActive)
            return replace(turn, state=replace(turn.state, interrupting=True, by=by))
        case _:
            assert_never(event)


def _goes(turn: m.Turn, new: m.TurnState) -> m.Turn:
    move(f"turn {turn.id}", turn.state, new)
    return replace(turn, state=new)


def _counted_tokens(state: m.State, turn: m.Turn, event: e.TurnEnded) -> m.State:
    """The turn's own tokens are what its thread's total grew by; a completed turn also forgives crashes."""
    agent = state.agents.get(turn.agent)
    if agent is None:
        return state
    if event.outcome is m.TurnOutcome.COMPLETED:
        agent = replace(agent, crashes=0)
        state = accepted(state, agent.account)
    if event.tokens is not None:
        before, now = agent.tokens, event.tokens
        used = m.Tokens(now.input - before.input, now.cached - before.cached, now.output - before.output)
        agent = replace(agent, tokens=now)
        state = replace(state, turns={**state.turns, turn.id: replace(turn, tokens=used)})
    return replace(state, agents={**state.agents, agent.name: agent})

"""What events of agents and their turns change."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve.tables import accepted, counted, without
from tmuxorch.core.transitions import move

AgentEvent = (
    e.AgentAdded
    | e.AgentRemoved
    | e.AgentWanted
    | e.ServerStarting
    | e.ServerStarted
    | e.ServerStopping
    | e.ServerExited
    | e.AgentReady
    | e.AgentUnready
    | e.GitSeen
    | e.RepoSeen
)
TurnEvent = (
    e.TurnQueued
    | e.TurnSending
    | e.TurnStarted
    | e.TurnRequeued
    | e.TurnEnded
    | e.SteerQueued
    | e.SteerSent
    | e.InterruptWanted
)


def apply_agent(state: m.State, event: AgentEvent, at: float) -> m.State:
    """The state after an event of an agent."""
    match event:
        case e.AgentAdded(name=name, path=path, endpoint=endpoint):
            known = state.agents.get(name)
            never = m.Exited(at=at, outcome=m.Outcome.CANCELLED, reason="never started")
            generation = state.counters.get(f"{name}#", 0)  # of a child that was here before
            fresh = m.Agent(name=name, path=path, server=never, generation=generation, endpoint=endpoint)
            if known and known.endpoint != endpoint:
                known = replace(known, endpoint=endpoint, ready=False)
            agent = replace(known, path=path) if known else fresh
            return replace(state, agents={**state.agents, name: agent})
        case e.AgentRemoved(name=name):
            counters = {**state.counters, f"{name}#": state.agents[name].generation}
            return replace(state, agents=without(state.agents, name), counters=counters)
        case _:
            agent = _agent_after(state.agents[event.name], event, at)
            return replace(state, agents={**state.agents, event.name: agent})


def _agent_after(
    agent: m.Agent,
    event: e.AgentWanted
    | e.ServerStarting
    | e.ServerStarted
    | e.ServerStopping
    | e.ServerExited
    | e.AgentReady
    | e.AgentUnready
    | e.GitSeen
    | e.RepoSeen,
    at: float,
) -> m.Agent:
    match event:
        case e.AgentWanted(wanted=wanted, by=by):
            return replace(agent, wanted=wanted, stopped_by="" if wanted else by, crashes=0)
        case e.ServerStarting(generation=generation):
            return replace(_lives(agent, m.Starting(at=at)), generation=generation)
        case e.ServerStarted(pid=pid, host_pid=host_pid):
            return _lives(agent, m.Running(at=at, pid=pid, host_pid=host_pid))
        case e.ServerStopping(by=by):
            return replace(_lives(agent, m.Stopping(at=at, by=by)), ready=False)
        case e.ServerExited(outcome=outcome, code=code, reason=reason):
            crashed = agent.wanted and not isinstance(agent.server, m.Stopping)
            ended = _lives(agent, m.Exited(at=at, outcome=outcome, code=code, reason=reason))
            return replace(ended, ready=False, crashes=agent.crashes + crashed)
        case e.AgentReady(generation=generation, thread=thread):
            return replace(agent, ready=True, thread=thread, generation=generation)
        case e.AgentUnready():
            return replace(agent, ready=False)
        case e.GitSeen(git=git):
            return replace(agent, git=git)
        case e.RepoSeen(repo=repo):
            return replace(agent, repo=repo)
        case _:
            assert_never(event)


def _lives(agent: m.Agent, life: m.Life) -> m.Agent:
    move(f"server of {agent.name}", agent.server, life)
    return replace(agent, server=life)


def apply_turn(state: m.State, event: TurnEvent, at: float) -> m.State:
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
        )
        return replace(counted(state, event.id), turns={**state.turns, event.id: turn})
    turn_id = event.turn if isinstance(event, e.SteerQueued | e.SteerSent | e.InterruptWanted) else event.id
    turn = _turn_after(state.turns[turn_id], event, at)
    state = replace(state, turns={**state.turns, turn_id: turn})
    return _counted_tokens(state, turn, event) if isinstance(event, e.TurnEnded) else state


def _turn_after(
    turn: m.Turn,
    event: e.TurnSending
    | e.TurnStarted
    | e.TurnRequeued
    | e.TurnEnded
    | e.SteerQueued
    | e.SteerSent
    | e.InterruptWanted,
    at: float,
) -> m.Turn:
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
                turn, touched=event.touched, strays=event.strays, moved=event.moved, after=event.after
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

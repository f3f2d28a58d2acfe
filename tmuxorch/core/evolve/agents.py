"""What events of agents change."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve.tables import without
from tmuxorch.core.transitions import move


def apply(state: m.State, event: e.AgentEvent, at: float) -> m.State:
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
            muted = without(state.muted, name)
            return replace(state, agents=without(state.agents, name), counters=counters, muted=muted)
        case _:
            agent = _agent_after(state.agents[event.name], event, at)
            return replace(state, agents={**state.agents, event.name: agent})


def _agent_after(agent: m.Agent, event: e.LaterAgentEvent, at: float) -> m.Agent:
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

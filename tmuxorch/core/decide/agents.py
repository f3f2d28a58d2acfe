"""Agents and their server processes."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import checkpoints, endpoints, turns
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import NotFound, Refused


def known(draft: Draft, name: str) -> m.Agent:
    """The agent of that name. Raises NotFound with the names there are."""
    agent = draft.state.agents.get(name)
    if agent is None:
        names = ", ".join(draft.state.agents) or "none"
        raise NotFound(f"no agent named {name!r}; there are: {names}", hint="tmuxorch child ls")
    return agent


def add(draft: Draft, message: msg.AddAgent) -> None:
    """A child of the configuration; known already when nothing of it is new."""
    agent = draft.state.agents.get(message.name)
    if agent is None or (agent.path, agent.endpoint) != (message.path, message.endpoint):
        draft.emit(e.AgentAdded(name=message.name, path=message.path, endpoint=message.endpoint))
    if agent and agent.endpoint != message.endpoint:
        endpoints.moved(draft, agent)


def remove(draft: Draft, message: msg.RemoveAgent) -> None:
    """A child is taken out; its server must be down, and no run may need it. What it was asked is given up."""
    agent = known(draft, message.name)
    run = draft.state.active_run
    if run and agent.name in (*run.children, LEAD):
        raise Refused(f"{agent.name} takes part in {run.id}", hint=f"tmuxorch cancel {run.id}")
    if m.is_live(agent.server) or (agent.endpoint and agent.wanted):
        raise Refused(f"the server of {agent.name} runs", hint=f"tmuxorch child stop {agent.name}")
    for turn in draft.state.turns.values():
        if turn.agent == agent.name:
            turns.give_up(draft, turn, "the removal of its agent")
            endpoints.abandoned(draft, draft.state.turns[turn.id], needless=True)
    draft.emit(e.AgentRemoved(name=agent.name))


def want(draft: Draft, message: msg.WantAgent) -> None:
    """Its server is to be up, or down. Asking again forgives the crashes so far."""
    agent = known(draft, message.name)
    if agent.wanted != message.wanted or agent.crashes or endpoints.is_missing(agent):
        draft.emit(e.AgentWanted(name=agent.name, wanted=message.wanted, by=message.by))
    if message.wanted:
        endpoints.tried_again(draft, agent, message.by)
    if not message.wanted and isinstance(agent.server, m.Starting | m.Running):
        draft.emit(e.ServerStopping(name=agent.name, by=message.by))
    if not message.wanted:
        endpoints.let_go(draft, agent, message.by)


def restart(draft: Draft, message: msg.RestartAgent) -> None:
    """Its server is stopped; being wanted, it comes up again. One that is not ours is connected to anew."""
    agent = known(draft, message.name)
    if not agent.wanted or agent.crashes or endpoints.is_missing(agent):
        draft.emit(e.AgentWanted(name=agent.name, wanted=True, by=message.by))
    endpoints.tried_again(draft, agent, message.by)
    endpoints.let_go(draft, agent, message.by)
    if isinstance(agent.server, m.Starting | m.Running):
        draft.emit(e.ServerStopping(name=agent.name, by=message.by))


def process(draft: Draft, message: msg.ProcessStarted | msg.ProcessEnded) -> None:
    """A server process has started or ended; what it was doing is lost with it."""
    name, _, generation = message.ref.rpartition("#")
    agent = draft.state.agents.get(name)
    if agent is None or agent.generation != int(generation) or not m.is_live(agent.server):
        return
    if isinstance(message, msg.ProcessStarted):
        if isinstance(agent.server, m.Starting):
            draft.emit(
                e.ServerStarted(
                    name=name, generation=agent.generation, pid=message.pid, host_pid=message.host_pid
                )
            )
        return
    draft.emit(
        e.ServerExited(
            name=name,
            generation=agent.generation,
            outcome=message.outcome,
            code=message.code,
            reason=message.reason,
        )
    )
    checkpoints.lapse_requests(draft, name, agent.generation, "the server that asked is gone")
    turns.lose(draft, name, message.reason or str(message.outcome))

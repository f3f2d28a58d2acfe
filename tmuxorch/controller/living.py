"""Which processes of ours may be alive, and whose a process of the system is."""

from __future__ import annotations

from pathlib import Path

from tmuxorch.controller import specs
from tmuxorch.controller.peers import agent_of
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.reconcile import window_key


def lives(state: m.State) -> list[tuple[str, m.Life]]:
    """Every process there is or was, by reference."""
    servers = [(msg.server_ref(a.name, a.generation), a.server) for a in state.agents.values()]
    jobs = [(msg.job_ref(job), job.life) for job in state.jobs]
    return [*servers, *jobs]


def hosts(kit: specs.Kit, state: m.State) -> list[tuple[str, Path]]:
    """Name and host directory of every one that may be alive."""
    return [(window_key(ref), specs.directory(kit, state, ref)) for ref in _alive(state)]


def window_of(kit: specs.Kit, state: m.State, pid: int) -> str:
    """The name of our window that a process belongs to, empty if it is none of ours."""
    for ref in _alive(state):
        process = specs.find(kit, state, ref)
        if agent_of(pid, [(ref, process.directory)]):
            return process.window
    return ""


def _alive(state: m.State) -> list[str]:
    return [ref for ref, life in lives(state) if m.is_live(life)]

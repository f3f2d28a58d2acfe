"""Who is at the other end of a connection: only the same user, and for answers no agent of ours."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

from tmuxorch.core import model as m

LOCAL_PEERPID = 2
"""Option of SOL_LOCAL on macOS; Python has no name for it."""


def peer(connection: socket.socket) -> tuple[int, int]:
    """(process, user) that connected; 0 and our own where the system does not tell (the socket's mode keeps
    others out)."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is not None:
        raw = connection.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i"))
        pid, uid, _ = struct.unpack("3i", raw)
        return pid, uid
    try:
        return connection.getsockopt(0, LOCAL_PEERPID), os.getuid()
    except OSError:
        return 0, os.getuid()


def ancestry(pid: int) -> list[int]:
    """`pid` and its parents, nearest first; as far as the system tells."""
    chain: list[int] = []
    while pid > 1 and pid not in chain:
        chain.append(pid)
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            break
        pid = int(stat.rpartition(")")[2].split()[1])
    return chain


def agent_of(pid: int, state: m.State) -> str:
    """The agent, worker or check among whose processes `pid` is; empty when it is none of them."""
    chain = set(ancestry(pid))
    lives = [(name, agent.server) for name, agent in state.agents.items()]
    lives += [(name, worker.life) for name, worker in state.workers.items()]
    lives += [(name, check.life) for name, check in state.checks.items()]
    for name, life in lives:
        if isinstance(life, m.Running) and chain & {life.pid, life.host_pid}:
            return name
    return ""

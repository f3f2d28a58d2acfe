"""Who is at the other end of a connection: only the same user, and for answers no agent of ours."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from tmuxorch.host import records, tree

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
    everyone = (
        {} if sys.platform == "linux" else tree.table()
    )  # one look at all is dear where there is no /proc
    chain: list[int] = []
    while pid > 1 and pid not in chain:
        parent = _parent(pid) if sys.platform == "linux" else everyone[pid].parent if pid in everyone else 0
        if parent:  # else there is no such process any more
            chain.append(pid)
        pid = parent
    return chain


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def agent_of(pid: int, hosts: Iterable[tuple[str, Path]]) -> str:
    """As `agent_among`, of the ancestry of `pid`."""
    return agent_among(ancestry(pid), hosts)


def agent_among(chain: Iterable[int], hosts: Iterable[tuple[str, Path]]) -> str:
    """The agent, worker or check among whose processes one with that ancestry is; empty when it is none of them.

    `hosts` are the names and host directories of all that may be alive; their own records count, since a process may
    call before the state knows that it runs, and while it is being stopped.
    """
    chain = set(chain)
    for name, directory in hosts:
        start = records.read_start(directory)
        if start and chain & {start.pid, start.host_pid}:
            return name
    return ""

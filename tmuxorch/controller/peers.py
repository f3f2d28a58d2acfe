"""Who is at the other end of a connection: only the same user, and for answers no agent of ours."""

from __future__ import annotations

import errno
import os
import select
import socket
import stat
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tmuxorch.host import lease, records, tree

LOCAL_PEERPID = 2
"""Option of SOL_LOCAL on macOS; Python has no name for it."""

SO_PEERPIDFD = 77
"""Option of SOL_SOCKET on Linux since 6.5; Python has no name for it either."""

UNSETTLED = 20
"""Looks at a process that has another parent at each look, after which nobody can tell whose it is."""

EVERYBODYS = frozenset({"tmux: server", "systemd", "init", "launchd"})
"""Programs that start what people type in as well: none of them leads anything."""


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


def chain(connection: socket.socket, pid: int) -> list[int]:
    """The ancestry of the process `pid` that connected. Empty if it is gone: its number may be another's by now."""
    found = ancestry(pid)
    return [] if _is_gone(connection) else found


def _is_gone(connection: socket.socket) -> bool:
    """Whether the process that connected has ended, where the kernel tells that of this one and no later one."""
    if sys.platform != "linux":
        return False
    try:
        fd = connection.getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD)
    except OSError as error:
        return error.errno not in (errno.ENOPROTOOPT, errno.EOPNOTSUPP)  # an older kernel cannot tell
    try:
        return bool(select.select([fd], [], [], 0)[0])
    finally:
        os.close(fd)


def ancestry(pid: int) -> list[int]:
    """`pid` and its parents, nearest first; as far as the system tells. Empty if there is no such process, or if its
    parents change faster than one can look."""
    return _ancestry_proc(pid) if sys.platform == "linux" else _ancestry_ps(pid)


def _ancestry_ps(pid: int) -> list[int]:
    everyone = tree.table()
    chain: list[int] = []
    while pid > 1 and pid in everyone and pid not in chain:
        chain.append(pid)
        pid = everyone[pid].parent
    return chain


def _ancestry_proc(pid: int) -> list[int]:
    for _ in range(UNSETTLED):
        if (chain := _look(pid)) is not None:
            return chain
    return []


def _look(pid: int) -> list[int] | None:
    """The ancestry of `pid`, or None if a parent ended meanwhile, and so its child has another one.

    Each parent is looked at between two looks at its child: so it was the parent then, and its own is the grandparent.
    """
    chain: list[int] = []
    parent = _parent(pid)
    while parent is not None:
        above = _parent(parent) if parent > 1 else None
        if _parent(pid) != parent:
            return None
        chain.append(pid)
        if parent <= 1:
            return chain
        if above is None:  # hidden from us: it is another user's
            return [*chain, parent]
        pid, parent = parent, above
    return chain


def _parent(pid: int) -> int | None:
    """None if there is no such process, or none that we may see; 0 of one that has none."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    return int(said.rpartition(")")[2].split()[1])


def client(chain: Sequence[int]) -> int:
    """The program that talks to the MCP server at the beginning of `chain` through its stdin: the nearest parent that
    does not merely hand its own stdin on, as a shell and `uvx` do. 0 if there is none of which all that it starts could
    be taken for its own."""
    if sys.platform != "linux":
        return chain[1] if len(chain) > 1 else 0
    own = _stdin(chain[0]) if chain else None
    if own is None or not (stat.S_ISFIFO(own.st_mode) or stat.S_ISSOCK(own.st_mode)):
        return 0
    for pid in chain[1:]:
        there = _stdin(pid)
        if there is None or not os.path.samestat(own, there):
            return 0 if is_everybodys(pid) else pid
    return 0


def is_everybodys(pid: int) -> bool:
    """Whether that process starts what people type in as well."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip() in EVERYBODYS
    except OSError:
        return False


def _stdin(pid: int) -> os.stat_result | None:
    try:
        return os.stat(f"/proc/{pid}/fd/0")
    except OSError:
        return None


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


def left_by(chain: Iterable[int], hosts: Iterable[tuple[str, Path]]) -> str:
    """The same of what was cut loose from its host, which was killed: by the lease, which it still has. Linux only."""
    held = lease.files_of(chain) if sys.platform == "linux" else set()
    return next((name for name, directory in hosts if lease.file(str(directory)) in held), "") if held else ""

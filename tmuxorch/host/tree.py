"""The processes of one tree: who is alive, and telling a process from a later one of the same number."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple


class Process(NamedTuple):
    """One process, for ever: `born` is its start time in the kernel's words, so a reused pid is another process."""

    pid: int
    born: str


class Seen(NamedTuple):
    """What one look at the process table tells of a process."""

    parent: int
    born: str
    zombie: bool


def become_subreaper() -> None:
    """Lets orphans of our tree become our children, not init's. Linux only; elsewhere nothing happens, and what left
    the tree of parents is found by the lease instead."""
    if sys.platform == "linux":
        import ctypes

        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def table() -> dict[int, Seen]:
    """All processes by pid."""
    return _table_proc() if sys.platform == "linux" else _table_ps()


def descendants(roots: set[int], seen: dict[int, Seen]) -> set[Process]:
    """The living processes below `roots`, those themselves not counted unless one is below another."""
    children: dict[int, list[int]] = {}
    for pid, process in seen.items():
        children.setdefault(process.parent, []).append(pid)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        new = [pid for pid in children.get(waiting.pop(), []) if pid not in found]
        found.update(new)
        waiting += new
    return {Process(pid, seen[pid].born) for pid in found if not seen[pid].zombie}


def find(pid: int) -> Process | None:
    """The living process of this number; None if there is none, or only a zombie. Costs one file read on Linux."""
    seen = _seen_proc(pid) if sys.platform == "linux" else _table_ps().get(pid)
    return Process(pid, seen.born) if seen and not seen.zombie else None


def send(processes: set[Process], signum: int) -> None:
    """Signals each that is still alive and ours to signal."""
    for process in processes:
        try:
            os.kill(process.pid, signum)
        except (ProcessLookupError, PermissionError):
            continue


def _table_proc() -> dict[int, Seen]:
    pids = (int(name) for name in os.listdir("/proc") if name.isdecimal())
    return {pid: seen for pid in pids if (seen := _seen_proc(pid))}


def _seen_proc(pid: int) -> Seen | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # proc(5): the program's name in parentheses may hold anything; state, parent … start time (22nd) follow.
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return Seen(int(fields[1]), fields[19].decode(), fields[0] in (b"Z", b"X"))


def _table_ps() -> dict[int, Seen]:
    import subprocess  # here, because it is dear to import and Linux does without

    command = ["ps", "-axo", "pid=,ppid=,stat=,lstart="]
    same_words = os.environ | {"LC_ALL": "C", "TZ": "UTC"}  # `born` must not depend on who asks
    listing = subprocess.run(command, env=same_words, capture_output=True, check=True).stdout
    rows = [line.split(None, 3) for line in listing.decode(errors="replace").splitlines()]
    return {int(row[0]): Seen(int(row[1]), row[3].strip(), "Z" in row[2]) for row in rows if len(row) == 4}

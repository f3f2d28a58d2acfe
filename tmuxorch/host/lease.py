"""The lease: a lock that lives as long as any process of the host's tree does.

It is a flock on DIR/lease. The lock belongs to the open file, which every process of the tree inherits, so the kernel
frees it with the last of them: immune to reused process ids, to kill -9 and to a reboot.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterable

NAME = "lease"
PATIENCE = 0.3  # seconds that `take` tries: `held` of somebody else takes the lock for some microseconds


def take(directory: str) -> int | None:
    """Takes the lease of a host directory; its file descriptor (not inheritable), None if it is held."""
    fd = os.open(os.path.join(directory, NAME), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(fd)
                return None
            time.sleep(0.01)


def held(directory: str) -> bool:
    """Whether anything of the tree of a host directory is alive. Costs some microseconds."""
    try:
        fd = os.open(os.path.join(directory, NAME), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who ask do not hinder each other
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(fd)


def file(directory: str) -> tuple[int, int] | None:
    """What the kernel knows the lease of a host directory by; None if it has none."""
    try:
        found = os.stat(os.path.join(directory, NAME))
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def files_of(pids: Iterable[int]) -> set[tuple[int, int]]:
    """The files that these processes have open, in the words of `file`; Linux only. Of those that we may not look into,
    none."""
    found = set()
    for pid in pids:
        folder = f"/proc/{pid}/fd"
        with contextlib.suppress(OSError):
            for fd in os.listdir(folder):
                with contextlib.suppress(OSError):  # closed meanwhile
                    seen = os.stat(f"{folder}/{fd}")
                    found.add((seen.st_dev, seen.st_ino))
    return found


def holders(directory: str) -> set[int]:
    """The pids of the processes that have the lease's file open, without this one: the tree, as far as its programs
    keep files open that they inherited. Those of other users are not seen."""
    path = os.path.join(directory, NAME)
    found = _holders_proc(path) if sys.platform == "linux" else _holders_lsof(path)
    return found - {os.getpid()}


def _holders_proc(path: str) -> set[int]:
    try:
        wanted = os.stat(path)
    except FileNotFoundError:
        return set()
    return {int(name) for name in os.listdir("/proc") if name.isdecimal() and _has_open(name, wanted)}


def _has_open(pid: str, wanted: os.stat_result) -> bool:
    folder = f"/proc/{pid}/fd"
    try:
        return any(os.path.samestat(os.stat(f"{folder}/{fd}"), wanted) for fd in os.listdir(folder))
    except OSError:  # gone meanwhile, a file of it closed meanwhile, or another user's
        return False


def _holders_lsof(path: str) -> set[int]:
    import subprocess  # here, because it is dear to import and no host needs it

    listing = subprocess.run(["lsof", "-t", "--", path], capture_output=True, check=False).stdout
    return {int(pid) for pid in listing.split()}

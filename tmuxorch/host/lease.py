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
PATIENCE = 0.3  # seconds that `take` tries while another has the lease, who may be about to let go of it
ASKING = 10.0  # seconds that it tries while `held` of others asks, which takes microseconds with a CPU


def take(directory: str) -> int | None:
    """Takes the lease of a host directory; its file descriptor (not inheritable), None if it is held."""
    fd = os.open(os.path.join(directory, NAME), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    begin = time.monotonic()
    while not _locks(fd, fcntl.LOCK_EX):
        asked = _locks(fd, fcntl.LOCK_SH)
        fcntl.flock(fd, fcntl.LOCK_UN)
        if time.monotonic() > begin + (ASKING if asked else PATIENCE):
            os.close(fd)
            return None
        time.sleep(0.01)
    return fd


def held(directory: str) -> bool:
    """Whether anything of the tree of a host directory is alive. Costs some microseconds."""
    try:
        fd = os.open(os.path.join(directory, NAME), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _locks(fd, fcntl.LOCK_SH)  # shared: two who ask do not hinder each other
    finally:
        os.close(fd)


def _locks(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
    found = _holders_proc(directory) if sys.platform == "linux" else _holders_lsof(directory)
    return found - {os.getpid()}


def _holders_proc(directory: str) -> set[int]:
    wanted = file(directory)
    if wanted is None:
        return set()
    return {int(name) for name in os.listdir("/proc") if name.isdecimal() and wanted in files_of([int(name)])}


def _holders_lsof(directory: str) -> set[int]:
    import subprocess  # here, because it is dear to import and no host needs it

    path = os.path.join(directory, NAME)
    listing = subprocess.run(["lsof", "-t", "--", path], capture_output=True, check=False).stdout
    return {int(pid) for pid in listing.split()}

"""Finding and ending what a test left running: processes whose environment or command line names a directory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.waiting import until


def processes_of(directory: Path) -> dict[int, str]:
    """Pid and command line of every other process started with `directory` in its environment or arguments.

    Only processes that we may look into; zombies have neither, and so do not count."""
    needle = os.fsencode(directory)
    found = {}
    for pid, environment, command in _processes_linux() if sys.platform == "linux" else _processes_ps():
        if pid != os.getpid() and (needle in environment or needle in command):
            found[pid] = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def left_of(directory: Path) -> dict[int, str]:
    """Waits until there is none; those that do not end, which are killed."""
    left: dict[int, str] = {}

    def gone() -> bool:
        left.clear()
        left.update(processes_of(directory))
        return not left

    with contextlib.suppress(AssertionError):
        until(gone)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return left


def _processes_linux() -> list[tuple[int, bytes, bytes]]:
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                environment = Path(entry.path, "environ").read_bytes()
                found.append((int(entry.name), environment, Path(entry.path, "cmdline").read_bytes()))
    return found


def _processes_ps() -> list[tuple[int, bytes, bytes]]:
    listing = subprocess.run(["ps", "-axwwE", "-o", "pid=,command="], capture_output=True, check=True).stdout
    rows = [line.split(maxsplit=1) for line in listing.splitlines()]
    return [(int(row[0]), b"", row[1]) for row in rows if len(row) == 2]

"""Real tmux servers for tests: private sockets below the test's own home, ended and unlinked afterwards.

Another package's conftest gets the fixtures by importing them from here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.waiting import until
from tmuxorch.tmux.binary import find_tmux
from tmuxorch.tmux.server import Address


def sockets() -> list[Path]:
    """The sockets of all servers that this test has started, running or not."""
    return list(Path(os.environ["TMUX_TMPDIR"]).glob("tmux-*/*"))


def run_tmux(*args: str) -> str:
    """What the tmux program prints; the test fails if tmux does."""
    return subprocess.run([find_tmux(), *args], check=True, capture_output=True, text=True).stdout


def commands() -> dict[int, str]:
    """The command line of every running process; a bare Debian has no ps, macOS no /proc."""
    if sys.platform != "linux":
        told = subprocess.run(["ps", "-axwwo", "pid=,args="], capture_output=True, check=True).stdout
        rows = [line.strip().partition(" ") for line in told.decode(errors="replace").splitlines()]
        return {int(pid): command.strip() for pid, _, command in rows if command.strip() != "<defunct>"}
    found = {}
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (
                (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            )
            if command:  # a zombie has none
                found[int(directory.name)] = command
    return found


def end_servers() -> None:
    """Ends every server of this test and waits until it is gone."""
    for socket in sockets():
        with suppress(subprocess.CalledProcessError):
            pid = int(run_tmux("-S", str(socket), "display-message", "-p", "#{pid}"))
            run_tmux("-S", str(socket), "kill-server")
            until(lambda pid=pid: pid not in commands(), what=f"end of tmux server {pid}")  # type: ignore[misc]
        socket.unlink(missing_ok=True)


@pytest.fixture
def own_tmux(home: Path) -> Iterator[Address]:
    """The default server, which in a test is one of its own and reads ~/.tmux.conf of the test's home."""
    yield Address()
    end_servers()


@pytest.fixture
def private_tmux(home: Path) -> Iterator[Address]:
    """A private server by a socket name of its own; not started yet."""
    yield Address(socket_name=f"t{uuid.uuid4().hex[:8]}")
    end_servers()

"""Real tmux servers for tests: private sockets below the test's own home, ended and unlinked afterwards.

Another package's conftest gets the fixtures by importing them from here.
"""

from __future__ import annotations

import os
import subprocess
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


def is_running(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def end_servers() -> None:
    """Ends every server of this test and waits until it is gone."""
    for socket in sockets():
        with suppress(subprocess.CalledProcessError):
            pid = int(run_tmux("-S", str(socket), "display-message", "-p", "#{pid}"))
            run_tmux("-S", str(socket), "kill-server")
            until(lambda pid=pid: not is_running(pid), what=f"end of tmux server {pid}")  # type: ignore[misc]
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

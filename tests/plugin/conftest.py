"""The plugin as TPM has it on a disk, a tmux server of its own, and people attached to it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.person import Person, at_terminal
from tests.tmuxfixture import end_servers
from tmuxorch.tmux.quote import literal_path

ROOT = Path(__file__).parents[2]
PROGRAM = f"{shlex.quote(sys.executable)} -m tmuxorch"


def clone(directory: Path) -> Path:
    """A clone of the plugin as TPM makes it, of what tmux runs of it; its tmuxorch.tmux."""
    directory.mkdir(parents=True)
    for found in ROOT.glob("*.tmux"):
        shutil.copy(found, directory)
    return directory / "tmuxorch.tmux"


def load(tmux: Callable[..., str], plugin: Path, *words: str) -> None:
    """As `run-shell PATH` of a configuration does; returns when it is done, whether tmux notices that or not."""
    tmux("run-shell", "-b", literal_path(shlex.join([str(plugin), *words])) + "; tmux wait-for -S loaded")
    tmux("wait-for", "loaded")


class Tmux:
    """A server with the configuration `conf`, which sources what the test wants; by default one session, `mine`."""

    def __init__(self, socket: str, env: dict[str, str] | None = None) -> None:
        self.socket = socket
        self.env = dict(os.environ) if env is None else env

    def start(self, conf: str, home: Path) -> None:
        """Starts it as a person does who has `conf` in ~/.tmux.conf."""
        (home / ".tmux.conf").write_text(conf)
        self("new-session", "-d", "-s", "mine", "-n", "cat", "-x", "80", "-y", "24", "cat")

    def __call__(self, *words: str) -> str:
        """What tmux prints; the test fails if tmux does."""
        argv = ["tmux", "-u", "-L", self.socket, *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True, env=self.env).stdout

    def settings(self) -> list[str]:
        """All that a user can see of the server's options, hooks and keys."""
        asked = ("show -g", "showw -g", "show -s", "show-hooks -g", "list-keys", "list-keys -N")
        return [line for words in asked for line in self(*words.split()).splitlines()]

    @contextmanager
    def attached(
        self,
        session: str = "mine",
        *,
        columns: int = 80,
        rows: int = 24,
        term: str = "xterm-256color",
        locale: str = "C.UTF-8",
    ) -> Iterator[Person]:
        """Somebody at a terminal that shows the session."""
        argv = ["tmux", "-L", self.socket, "attach-session", "-t", f"={session}"]
        with at_terminal(argv, columns=columns, rows=rows, env=self.env, term=term, locale=locale) as person:
            yield person


@pytest.fixture
def tmux(home: Path) -> Iterator[Tmux]:
    """A server that is not started yet."""
    yield Tmux("plugin")
    end_servers()

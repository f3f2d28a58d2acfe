"""A program in a window of a real tmux, with a person attached to it."""

from __future__ import annotations

import shlex
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command import REPO
from tests.person import Person, at_terminal
from tests.tmuxfixture import end_servers, run_tmux

COMMAND = [sys.executable, "-m", "tmuxorch"]

IN_EACH_TERMINAL = pytest.mark.parametrize(
    ("term", "locale", "sizes"),
    [
        ("screen", "C.UTF-8", [(80, 24), (60, 15), (200, 50)]),
        ("tmux-256color", "C", [(200, 50), (80, 24)]),
        ("tmux-256color", "C.UTF-8", [(80, 24), (200, 50)]),
        ("screen", "C", [(200, 50), (80, 24)]),
    ],
)
"""TERM, locale, and the sizes (columns, rows) that a screen has one after the other."""


class Tmux:
    """A private server; `socket` is its name."""

    def __init__(self, term: str) -> None:
        self.socket = f"t{uuid.uuid4().hex[:8]}"
        self.conf = Path.home() / f"{self.socket}.conf"
        self.conf.write_text(f"set -g default-terminal {term}\nset -g status off\nset -sg escape-time 0\n")

    def __call__(self, *words: str) -> str:
        return run_tmux("-L", self.socket, *words)

    @property
    def pane(self) -> str:
        """What tmux has on the screen of the window."""
        return self("-u", "capture-pane", "-p")


@contextmanager
def in_tmux(
    project: Path,
    *words: str,
    columns: int = 80,
    rows: int = 24,
    term: str = "screen",
    locale: str = "C.UTF-8",
    env: Sequence[str] = (),
) -> Iterator[tuple[Person, Tmux]]:
    """`tmuxorch WORDS` in a new session on a private server, in whose windows TERM is `term`; `env` has NAME=VALUE. The
    command is what the window was opened for."""
    tmux = Tmux(term)
    command = ["env", f"PYTHONPATH={REPO}", *env, *COMMAND, "-C", str(project), *words]
    argv = ["tmux", "-L", tmux.socket, "-f", str(tmux.conf), "new-session", f"exec {shlex.join(command)}"]
    try:
        with at_terminal(argv, columns=columns, rows=rows, locale=locale, cwd=project) as person:
            yield person, tmux
    finally:
        end_servers()

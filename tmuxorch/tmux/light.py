"""tmux asked without libtmux, whose import takes longer than all that a key of the plugin does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from tmuxorch.tmux.binary import find_tmux
from tmuxorch.tmux.errors import failure
from tmuxorch.tmux.quote import Word, line

DEADLINE: Final = 10.0
"""Seconds in which a server answers."""

SHOWN: Final = 0.3
"""Seconds after which what tmux has not refused is on the screen."""


def ask(socket: str, *commands: Sequence[str]) -> list[str]:
    """The lines that the commands print, run by one client up to the first that fails, on the server at that path.

    Raises TmuxGone without a server, and the error of the first command that fails.
    """
    words = [word for command in commands for word in (*map(_whole, command), ";")]
    # -u: under LC_ALL=C tmux would print names mangled.
    argv = [find_tmux(), "-u", "-S", socket, *words[:-1]]
    done = subprocess.run(argv, capture_output=True, timeout=DEADLINE)
    if done.returncode != 0:
        raise failure(commands[0][0], _said(done.stderr))
    return done.stdout.decode(errors="replace").splitlines()


def leave(socket: str, command: Iterable[Word]) -> None:
    """Runs one command that lasts, as a menu until somebody has chosen; returns once it is on the screen.

    Its words go through stdin, as there is little room in an argument list. Raises as `ask`.
    """
    argv = [find_tmux(), "-u", "-S", socket, "source-file", "-"]
    running = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert running.stdin is not None
    assert running.stderr is not None
    with suppress(BrokenPipeError):  # of a server that is gone; its client says so
        running.stdin.write(line(command))
        running.stdin.close()
    try:
        refused = running.wait(SHOWN) != 0
    except subprocess.TimeoutExpired:
        running.returncode = 0  # it goes on without us
        refused = False
    complaint = running.stderr.read() if refused else b""
    running.stderr.close()
    if refused:
        raise failure("display", _said(complaint))


def _said(complaint: bytes) -> str:
    return " ".join(complaint.decode(errors="replace").split())


def _whole(word: str) -> str:
    """tmux takes a semicolon at the end of a word for the end of the command."""
    return word[:-1] + "\\;" if word.endswith(";") else word

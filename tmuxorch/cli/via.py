"""Where an answer was given, for the others: several people may be one user."""

from __future__ import annotations

import os
import sys

from tmuxorch.errors import TmuxorchError

POPUP = "popup"


def in_tmux() -> bool:
    """Whether this process runs in a pane or a popup of tmux."""
    return bool(os.environ.get("TMUX"))


def in_popup() -> bool:
    """Whether it is a popup: that is no pane."""
    return in_tmux() and "TMUX_PANE" not in os.environ


def of_command() -> str:
    """For a command that was typed in a shell: `command line, pts/4`."""
    return _placed("command line", _own_terminal())


def of_screen(where: str) -> str:
    """For a key on a screen: `checkpoints window, pts/3`, with the terminal of the person: the one that was used last
    of those that show it. Asks tmux, which takes some milliseconds."""
    terminal = _terminal_in_tmux() if in_tmux() else _own_terminal()
    return _placed(POPUP if in_popup() else where, terminal)


def _placed(where: str, terminal: str) -> str:
    name = terminal.removeprefix("/dev/")
    return f"{where}, {name}" if name else where


def _terminal_in_tmux() -> str:
    from tmuxorch.tmux.clients import used_last

    socket = os.environ["TMUX"].split(",")[0]
    try:
        return used_last(socket, os.environ.get("TMUX_PANE", ""))
    except TmuxorchError:
        return ""


def _own_terminal() -> str:
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None:
                return os.ttyname(stream.fileno())
        except (OSError, ValueError):
            continue
    return ""

"""Where an interactive command runs."""

from __future__ import annotations

import os
import sys

from tmuxorch.cli.streams import can_draw


def is_interactive() -> bool:
    """Whether stdin and stdout are a terminal that can be drawn on."""
    return sys.stdin.isatty() and can_draw(sys.stdout)


def is_the_window() -> bool:
    """Whether this process is what its tmux window was opened for: the window would be dead without it."""
    server = os.environ.get("TMUX", "").split(",")[1:2]
    return bool(server) and server[0] == str(os.getppid()) and "TMUX_PANE" in os.environ

"""A tmux server of one test, on a socket of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.host.hosting import alive
from tests.waiting import until


class Tmux:
    """The real tmux. The socket is in the test's TMUX_TMPDIR; no configuration is read."""

    def __init__(self, name: str) -> None:
        self._prefix = ["tmux", "-L", name, "-f", os.devnull]

    def __call__(self, *command: str) -> str:
        done = subprocess.run([*self._prefix, *command], capture_output=True, text=True, check=True)
        return done.stdout.rstrip("\n")

    def start(self, *, width: int = 80) -> None:
        """Starts the server with one idle window."""
        self("new-session", "-d", "-x", str(width), "-y", "24", "sleep 600")
        self("set", "-g", "remain-on-exit", "on")
        self.pid = int(self("display-message", "-p", "#{pid}"))

    def window(self, command: list[str], **environment: str) -> str:
        """Opens a window that runs the command; its pane's id."""
        given = [option for name, value in environment.items() for option in ("-e", f"{name}={value}")]
        return self("new-window", "-d", "-P", "-F", "#{pane_id}", *given, *command)

    def lines(self, pane: str, *options: str) -> list[str]:
        """What a person sees there."""
        return self("capture-pane", "-p", *options, "-t", pane).splitlines()

    def sees(self, pane: str, text: str) -> None:
        """Waits until a person sees the text."""
        until(lambda: text in "\n".join(self.lines(pane)), what=f"{text!r} in the pane")

    def has_size(self, pane: str, columns: int, rows: int) -> None:
        """Waits until the window's program can know its size: tmux tells it some time after it has drawn."""
        tty = os.open(self("display-message", "-p", "-t", pane, "#{pane_tty}"), os.O_RDONLY | os.O_NOCTTY)
        try:
            until(lambda: os.get_terminal_size(tty) == (columns, rows), what="the new size")
        finally:
            os.close(tty)

    def kill(self) -> None:
        """The server dies as if by accident."""
        os.kill(self.pid, signal.SIGKILL)
        until(lambda: not alive(self.pid), what="the server's end")

    def clear_away(self, directory: Path) -> None:
        subprocess.run([*self._prefix, "kill-server"], capture_output=True, check=False)
        for socket in directory.glob("**/*"):
            if socket.is_socket():
                socket.unlink()

"""The tmux server of our window: whether it is still there when the window is gone."""

from __future__ import annotations

import contextlib
import os

from tmuxorch.host import tree


class Server:
    """The server named by $TMUX (`socket,pid,session`) at the time when we started."""

    def __init__(self, variable: str) -> None:
        """An empty or strange `variable` is a server that is not alive."""
        pid = variable.split(",")[1:2]
        self._process = tree.find(int(pid[0])) if pid and pid[0].isdecimal() else None

    def alive(self) -> bool:
        return self._process is not None and tree.find(self._process.pid) == self._process

    def ending(self) -> bool:
        """Whether it has closed the terminals of all its windows, as one that ends and still waits for its clients.
        Linux only; elsewhere nobody can tell."""
        folder = f"/proc/{self._process.pid}/fd" if self._process else ""
        try:
            handles = os.listdir(folder)
        except OSError:
            return False
        for handle in handles:
            with contextlib.suppress(OSError):  # closed meanwhile
                if os.readlink(f"{folder}/{handle}").endswith("/ptmx"):
                    return False
        return True

"""The tmux server of our window: whether it is still there when the window is gone."""

from __future__ import annotations

from tmuxorch.host import tree


class Server:
    """The server named by $TMUX (`socket,pid,session`) at the time when we started."""

    def __init__(self, variable: str) -> None:
        """An empty or strange `variable` is a server that is not alive."""
        pid = variable.split(",")[1:2]
        self._process = tree.find(int(pid[0])) if pid and pid[0].isdecimal() else None

    def alive(self) -> bool:
        return self._process is not None and tree.find(self._process.pid) == self._process

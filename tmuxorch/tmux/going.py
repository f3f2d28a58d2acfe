"""Making a terminal show a window."""

from __future__ import annotations

from tmuxorch.tmux.oneshot import ask, at


def go(socket: str, window_id: str, client: str = "") -> None:
    """Makes `client` (the name that tmux has for it) show a window, whichever session that is in.

    Without one it is the client that shows the caller's pane; for a caller in a popup, the one that was used last.
    `socket` is the path of the tmux server. Raises TmuxTargetMissing for a window that is gone, TmuxGone without a
    server, TmuxorchError where nobody is attached.
    """
    ask(at(socket), ["switch-client", *(["-c", client] if client else []), "-t", window_id])

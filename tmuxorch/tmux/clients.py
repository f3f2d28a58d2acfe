"""Who looks at a window."""

from __future__ import annotations

from tmuxorch.tmux.oneshot import ask, at


def used_last(socket: str, pane: str) -> str:
    """The terminal of the client that was used last, of those that show the pane, or if none does (or `pane` is empty,
    as in a popup) of all; empty if nobody is attached. `socket` is the path of the server. Raises TmuxorchError."""
    lines = ask(at(socket), ["list-clients", "-F", "#{client_activity} #{client_tty} #{pane_id}"])
    found = []
    for line in lines:
        activity, _, rest = line.partition(" ")
        tty, _, shown = rest.rpartition(" ")
        if tty:  # clients in control mode have none
            found.append((shown == pane, int(activity), tty))
    return max(found)[2] if found else ""

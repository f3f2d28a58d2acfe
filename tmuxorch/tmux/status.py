"""What people see without looking at a window: the status line and the bell."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import Final

from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.quote import literal

STATUS: Final = "TMUXORCH_STATUS"
NOTICE_LENGTH: Final = 200
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


async def push_status(client: ControlClient, text: str) -> None:
    """Makes `text`, shown literally, the value of the format #{TMUXORCH_STATUS}, and redraws the status lines of our
    session.

    The session's own value wins over the server's, so that two projects on one server each show their own; the
    server's is what other sessions show. Hidden: no program in a pane gets it.
    """
    value = literal(CONTROLS.sub(" ", text))
    session = ["-t", client.session.session_id]
    *_, clients = await client.batch(
        [
            ["set-environment", "-gh", "--", STATUS, value],
            ["set-environment", "-h", *session, "--", STATUS, value],
            _list_clients(client),
        ]
    )
    # refresh-client without -t would redraw the control client alone. One that has detached since is no error.
    await client.batch([["refresh-client", "-S", "-t", tty] for tty in clients.lines if tty])


async def notify(client: ControlClient, text: str) -> None:
    """Rings the bell and shows `text` as a desktop notification (OSC 9) on the terminals that show our session.

    Straight to their ttys, as tmux swallows OSC 9; over SSH it reaches the terminal at the other end. A terminal that
    does not take it is left out.
    """
    notice = CONTROLS.sub(" ", text)[:NOTICE_LENGTH]
    # "9;4;…" and the like are commands of some terminals.
    payload = f"\a\x1b]9; {notice}\a".encode(errors="replace")
    for tty in await client.cmd(*_list_clients(client)):
        if tty:
            with suppress(OSError):
                _write(tty, payload)


def _list_clients(client: ControlClient) -> list[str]:
    """Prints a tty each, and an empty line for control clients."""
    return ["list-clients", "-t", client.session.session_id, "-F", "#{client_tty}"]


def _write(tty: str, payload: bytes) -> None:
    handle = os.open(tty, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        if os.isatty(handle):
            os.write(handle, payload)
    finally:
        os.close(handle)

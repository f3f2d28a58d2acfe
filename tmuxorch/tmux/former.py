"""Control clients of controllers that were killed: told from all others, and ended."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

from tmuxorch.errors import TimedOut
from tmuxorch.tmux.control import DEADLINE, ControlClient

STEP = 0.01
"""Seconds between two looks at whether tmux has let go of them."""


async def end_former(client: ControlClient) -> None:
    """Ends every other control client of the project; returns when tmux does nothing for them any more.

    Only for who holds the project's lock, as tmux does not know that nobody uses the others. TimedOut if it does not
    let go of them.
    """
    former: list[int] = []
    try:
        async with asyncio.timeout(DEADLINE):
            while former := await _others(client):
                for pid in former:
                    # Detaching does not end a client that tmux cannot write to.
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(STEP)
    except TimeoutError:
        raise TimedOut(f"tmux keeps the clients of a former controller: {former}") from None


async def _others(client: ControlClient) -> list[int]:
    """Their pids, by the terminal's name: people's clients have another, a control client of theirs too."""
    listed = await client.cmd("list-clients", "-F", "#{client_pid} #{client_termname}")
    clients = (line.split(" ", 1) for line in listed)
    return [
        int(pid) for pid, term in clients if term == client.session.client_term and int(pid) != client.pid
    ]

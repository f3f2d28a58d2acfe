"""Calling a human: once for each checkpoint, and only if it is still open after a moment.

Bell and desktop notification go to the terminals that show our session (over SSH too); `notify.command` gets the title
as its last argument, without a shell.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from tmuxorch.controller.desk import Desk
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.errors import TmuxorchError
from tmuxorch.store.config import Notify

log = logging.getLogger(__name__)

DWELL = 1.0
"""Seconds that a checkpoint must stay open before anybody is called."""

COOLDOWN = 5.0
"""Seconds between two calls; what opened in between is named together."""

COMMAND_TIME = 20.0
"""Seconds that the command may take."""


class Notices:
    """Listens to the engine and calls."""

    def __init__(self, desk: Desk, settings: Callable[[], Notify], env: dict[str, str]) -> None:
        self._desk = desk
        self._settings = settings
        self._env = env
        self._state = m.State()
        self._new: list[str] = []
        self._opened = asyncio.Event()

    def listen(self, state: m.State, events: list[e.Event]) -> None:
        """Notes what has opened."""
        self._state = state
        if opened := [event.id for event in events if isinstance(event, e.CheckpointOpened)]:
            self._new += opened
            self._opened.set()

    async def run(self) -> None:
        """Calls for ever."""
        while True:
            await self._opened.wait()
            await asyncio.sleep(DWELL)
            self._opened.clear()
            fresh, self._new = self._new, []
            still = [self._state.checkpoints[one] for one in fresh if self._state.checkpoints[one].is_open]
            if still:
                await self._call(" · ".join(f"{one.id} {one.source}: {one.card.title}" for one in still))
                await asyncio.sleep(COOLDOWN)

    async def _call(self, line: str) -> None:
        line, settings = text.line(line), self._settings()
        if settings.bell:
            with contextlib.suppress(TmuxorchError, OSError):
                await self._desk.notify(line)
        if settings.command:
            await self._run([*settings.command, line])

    async def _run(self, argv: list[str]) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._env,
            )
            try:
                await asyncio.wait_for(process.wait(), COMMAND_TIME)
            except TimeoutError:
                process.kill()
                await process.wait()
        except OSError as error:
            log.warning("notify.command %s cannot be run: %s", argv[0], error)

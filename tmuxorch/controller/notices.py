"""Calling a human, at every terminal and by `notify.command`: about what, and when, is in calls.py.

Nobody is called about what somebody has before their eyes. The command gets the line as its last argument, without a
shell.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable

from tmuxorch.controller import calls
from tmuxorch.controller.alarm import Alarm
from tmuxorch.controller.calls import News, Pending
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.people import People
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.muting import CONFIG
from tmuxorch.errors import TmuxorchError
from tmuxorch.store.config import Notify
from tmuxorch.tmux.calling import Signal

log = logging.getLogger(__name__)

COMMAND_TIME = 20.0
"""Seconds that the command may take."""


def signal_of(settings: Notify) -> Signal:
    """How terminals are used to call people."""
    return Signal(bell=settings.bell, osc=settings.osc, everywhere=settings.clients == "server")


async def mute_configured(engine: Engine, settings: Notify) -> None:
    """Mutes those whom the configuration names, and no others that it has named before."""
    agents = list(engine.state.agents)
    for name in agents:
        await engine.submit(msg.Mute(name=name, muted=name in settings.mute, by=CONFIG))
    for name in settings.mute:
        if name not in agents:
            log.warning("%s names %s, which is no child", CONFIG, name)


class Notices:
    """Listens to the engine and calls."""

    def __init__(
        self,
        people: People,
        settings: Callable[[], Notify],
        env: dict[str, str],
        clock: Callable[[], float],
    ) -> None:
        """`clock` gives epoch seconds; the controller has begun now."""
        self._people = people
        self._settings = settings
        self._env = env
        self._clock = clock
        self._state = m.State()
        self._pending = Pending(begun=clock())
        self._ripe = asyncio.Event()
        self._alarm = Alarm(clock, self._ripe.set)

    def listen(self, state: m.State, events: list[e.Event]) -> None:
        """Notes what there is to tell."""
        self._state = state
        settings = self._settings()
        self._pending = calls.heard(self._pending, state, events, settings, self._clock())
        self._alarm.set(calls.due(self._pending, settings))

    async def run(self) -> None:
        """Calls for ever."""
        while True:
            await self._ripe.wait()
            self._ripe.clear()
            now, settings = self._clock(), self._settings()
            self._pending, news = calls.take(self._pending, self._state, settings, now)
            if unseen := await self._unseen(news, now):
                self._pending = calls.told(self._pending, now)
                await self._call(unseen, settings)
            self._alarm.set(calls.due(self._pending, settings))

    async def _unseen(self, news: tuple[News, ...], now: float) -> list[News]:
        """Those of which nobody has a window before their eyes."""
        if not news:
            return []
        try:
            seen = await self._people.seen(now)
        except TmuxorchError as error:
            log.info("who looks at what is not known: %s", error)
            seen = frozenset()
        return [one for one in news if seen.isdisjoint(one.windows)]

    async def _call(self, news: list[News], settings: Notify) -> None:
        line = calls.summary(news)
        try:
            await self._people.call(line, [one.windows for one in news])
        except TmuxorchError as error:
            log.info("nobody could be called at a terminal: %s", error)
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
        except OSError as error:
            log.warning("notify.command %s cannot be run: %s", argv[0], error)
            return
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(COMMAND_TIME):
                    await process.wait()
        finally:  # also when the controller ends meanwhile
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)  # Process.kill may reap it before asyncio does
            await process.wait()

"""Waking the lead: when what it waits for has happened, it is idle, and nobody types to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tmuxorch.controller.engine import Engine
from tmuxorch.core import messages as msg
from tmuxorch.core.decide.lead import to_wake
from tmuxorch.core.plan import LEAD


class Waking:
    """Begins the lead's next turn with the news that it waits for.

    `typed` says when somebody typed last where its window is shown, `quiet` how many seconds that keeps us from it.
    """

    def __init__(
        self,
        engine: Engine,
        typed: Callable[[str], Awaitable[float]],
        quiet: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._typed = typed
        self._quiet = quiet
        self._clock = clock

    async def wake(self) -> None:
        """Waits until nobody types, then has it woken. What has come meanwhile is told with the rest."""
        while to_wake(self._engine.state):
            # tmux tells whole seconds, so a key may be almost one younger than it says.
            pause = (await self._typed(LEAD)) + self._quiet() - self._clock()
            if pause <= 0 or not self._quiet():
                await self._engine.submit(msg.WakeLead())
                return
            await asyncio.sleep(min(pause, self._quiet()))

"""Waking the lead: when what it waits for has happened, it is idle, and nobody types to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tmuxorch.controller.engine import Engine
from tmuxorch.core import messages as msg
from tmuxorch.core.plan import LEAD

GRAIN = 1.0
"""Seconds by which a key may be younger than tmux tells: it tells whole ones."""


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
        """Has it woken; or returns when somebody who types may have stopped: then it is looked anew whether they have,
        and whether it is still to be woken.
        """
        quiet = self._quiet() + GRAIN if self._quiet() else 0.0
        left = min((await self._typed(LEAD)) + quiet - self._clock(), quiet)
        if left > 0:
            await asyncio.sleep(left)
        else:
            await self._engine.submit(msg.WakeLead())

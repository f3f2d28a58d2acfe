"""The clock's only say: one timer, set for when the clock alone will change a decision (core.schedule)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LONGEST = 60.0
"""Seconds that the timer is set for at most: the loop's clock stands still while a laptop sleeps, ours does not."""


class Alarm:
    """Calls `ring` once the clock has reached the time it is set for."""

    def __init__(self, clock: Callable[[], float], ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, due: float | None) -> None:
        """Rings at `due` (epoch seconds) and no more at the time it was set for; never when None."""
        if due != self._due or self._timer is None:
            self._due = due
            self._wait()

    def _wait(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._due is not None:
            seconds = min(max(self._due - self._clock(), 0.0), LONGEST)
            self._timer = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._timer = None
        if self._due is not None and self._due <= self._clock():
            self._due = None
            self._ring()
        else:
            self._wait()

"""Hints that files have changed, spread to those who wait for a directory.

A hint says only "look again"; whoever waits reads the file itself, so a lost or late hint costs time, never truth.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tmuxorch.store.watch import watch

SWEEP = 2.0
"""Seconds after which one looks again without any hint."""


class Hints:
    """One watch of `roots`, shared by all who wait."""

    def __init__(self, *roots: Path) -> None:
        self._roots = roots
        self._waiting: dict[Path, set[asyncio.Event]] = {}

    async def run(self) -> None:
        """Watches for ever."""
        async for batch in watch(*self._roots):
            for place in {parent for path in batch for parent in (path, path.parent)}:
                self.hint(place)

    def hint(self, directory: Path) -> None:
        """Wakes those who wait for changes in `directory`."""
        for event in self._waiting.get(directory, ()):
            event.set()

    async def looks(self, directory: Path) -> AsyncIterator[None]:
        """Yields whenever something in `directory` may have changed; at once first, and at least every SWEEP."""
        event = asyncio.Event()
        self._waiting.setdefault(directory, set()).add(event)
        try:
            while True:
                event.clear()
                yield
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP):
                        await event.wait()
        finally:
            self._waiting[directory].discard(event)
            if not self._waiting[directory]:
                del self._waiting[directory]

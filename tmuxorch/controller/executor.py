"""Effects become actions: each in a task of its own, of one key at most one, failures tried again with a growing pause.

A handler returns only when the effect has happened and the engine has been told, so that the same effect is never
begun twice. One that fails is due again at the next look, after its pause.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tmuxorch.core.effects import Effect
from tmuxorch.errors import TmuxorchError

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0
"""Seconds between tries of an effect that fails."""


class Executor:
    """Runs effects. `again` is called when one has ended, so that what is due is looked at anew."""

    def __init__(self, handle: Callable[[Effect], Awaitable[None]], again: Callable[[], None]) -> None:
        self._handle = handle
        self._again = again
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failures: dict[str, int] = {}
        self._paused: set[str] = set()

    def begin(self, effects: list[Effect]) -> None:
        """Starts every effect that is not under way and not pausing after a failure."""
        for effect in effects:
            if effect.key not in self._tasks and effect.key not in self._paused:
                self._tasks[effect.key] = asyncio.create_task(self._run(effect), name=effect.key)

    def forget_pauses(self) -> None:
        """Lets what has failed be tried at once; somebody asked for it."""
        self._paused.clear()
        self._failures.clear()

    async def close(self) -> None:
        """Ends all tasks."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, effect: Effect) -> None:
        try:
            await self._handle(effect)
        except (TmuxorchError, OSError) as error:
            self._pause(effect, error)
        except Exception:
            log.exception("effect %s", effect)
            self._pause(effect, None)
        else:
            self._failures.pop(effect.key, None)
        finally:
            self._tasks.pop(effect.key, None)
            self._again()

    def _pause(self, effect: Effect, error: Exception | None) -> None:
        count = self._failures.get(effect.key, 0)
        pause = min(FIRST_PAUSE * 2**count, LONGEST_PAUSE)
        if error:
            log.warning("%s: %s; again in %g s", effect.key, error, pause)
        self._failures[effect.key] = count + 1
        self._paused.add(effect.key)
        asyncio.get_running_loop().call_later(pause, self._resume, effect.key)

    def _resume(self, key: str) -> None:
        self._paused.discard(key)
        self._again()

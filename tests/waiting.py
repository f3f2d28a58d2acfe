"""Waiting for a condition, the only kind of waiting a test does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

STEP, LONGEST = 0.01, 0.05
"""Seconds between two looks, the first and the last: each look takes time from what is waited for."""


def until(condition: Callable[[], T], timeout: float = 20.0, what: str = "") -> T:
    """The first true value of `condition`; fails the test with `what` after `timeout` seconds."""
    for pause in _pauses(timeout, what or str(condition)):
        if value := condition():
            return value
        time.sleep(pause)
    raise AssertionError  # never: the pauses end by the failure


async def auntil(condition: Callable[[], T], timeout: float = 20.0, what: str = "") -> T:
    """As `until`, letting other tasks run in between."""
    for pause in _pauses(timeout, what or str(condition)):
        if value := condition():
            return value
        await asyncio.sleep(pause)
    raise AssertionError  # never: the pauses end by the failure


def _pauses(timeout: float, what: str) -> Iterator[float]:
    """Raises AssertionError once a look after the end of the time has found nothing."""
    deadline, pause = time.monotonic() + timeout, STEP
    late = False
    while not late:
        late = time.monotonic() > deadline
        yield pause
        pause = min(pause * 1.03, LONGEST)
    raise AssertionError(f"not within {timeout} s: {what}")

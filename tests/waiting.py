"""Waiting for a condition, the only kind of waiting a test does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

STEP = 0.01


def until(condition: Callable[[], T], timeout: float = 20.0, what: str = "") -> T:
    """The first true value of `condition`; fails the test with `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or condition}")
        time.sleep(STEP)


async def auntil(condition: Callable[[], T], timeout: float = 20.0, what: str = "") -> T:
    """As `until`, letting other tasks run in between."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or condition}")
        await asyncio.sleep(STEP)

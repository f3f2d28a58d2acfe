"""Hints that files may have changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from watchfiles import awatch

STEP, DEBOUNCE = 10, 50
"""Milliseconds of quiet that end a gathering of changes, and its longest time."""

SWEEP = 1000
"""Milliseconds without a change after which everything is to be looked at anyway."""


async def watch(*directories: Path, recursive: bool = True) -> AsyncGenerator[set[Path], None]:
    """The paths that changed below `directories`, also in directories that are made later.

    A hint says only "look again": paths may be named late or more than once, and what happens in a new directory
    before it is watched is named by that directory alone, so look at everything below what is named. An empty set,
    at first and after each second without a change, says: look at everything; some file systems tell nothing.
    Close it (contextlib.aclosing) when it is not iterated to its end. Raises OSError if the system cannot watch.
    """
    yield set()
    changes = awatch(
        *directories,
        recursive=recursive,
        watch_filter=None,
        step=STEP,
        debounce=DEBOUNCE,
        rust_timeout=SWEEP,
        yield_on_timeout=True,
    )
    async with aclosing(changes):
        async for batch in changes:
            yield {Path(path) for _, path in batch}

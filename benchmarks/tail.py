"""Following a file that grows, against reading it once when it is whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path

from benchmarks.measure import Row, row
from tmuxorch.store.tail import Tail
from tmuxorch.store.watch import watch

LINES = 1000
LINE = (
    b'{"type":"item.completed","item":{"id":"item_7","type":"agent_message","text":"done, all tests pass"}}\n'
)
ROUNDS = 10


def rows(directory: Path) -> Iterator[Row]:
    """What a reader waits, and what the processor does."""
    waits, works = asyncio.run(_measured(directory))
    against = "reading the file once"
    yield row(f"{LINES} lines delivered by watch and Tail", against, waits)
    yield row(f"{LINES} lines delivered, processor time of all threads", against, works)


async def _measured(directory: Path) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    waits, works = [], []
    async with aclosing(watch(directory)) as hints:
        for number in range(1 + ROUNDS):
            path = directory / f"{number}.jsonl"
            ours = await _followed(path, hints)
            once = _at_once(path)
            waits.append((ours[0], once[0]))
            works.append((ours[1], once[1]))
    return waits, works


async def _followed(path: Path, hints: AsyncGenerator[set[Path], None]) -> tuple[float, float]:
    """Seconds on the clock and of the processor, from the last write to the last line."""
    with path.open("ab", buffering=0) as file:
        for _ in range(LINES):
            file.write(LINE)
    begin = _now()
    tail, count = Tail(path), 0
    async for _ in hints:
        while lines := tail.read():
            count += len(lines)
        if count == LINES:
            break
    return _since(begin)


def _at_once(path: Path) -> tuple[float, float]:
    begin = _now()
    assert len(path.read_bytes().splitlines()) == LINES
    return _since(begin)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(begin: tuple[float, float]) -> tuple[float, float]:
    clock, processor = _now()
    return clock - begin[0], processor - begin[1]

"""What workers do now, from their event streams as they grow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tmuxorch.codex import execstream
from tmuxorch.controller.hints import Hints
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.tail import Tail

WIDTH = 200
"""Characters of a line of activity."""


class Activity:
    """Reads along with every running worker; tells its thread as soon as the worker has told it."""

    def __init__(self, hints: Hints, paths: ProjectPaths, tell: Callable[[msg.Message], None]) -> None:
        self._hints = hints
        self._paths = paths
        self._tell = tell
        self._lines: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def lines(self) -> dict[str, str]:
        """One line per worker that runs."""
        return dict(self._lines)

    def follow(self, state: m.State) -> None:
        """Reads along with exactly the workers that run."""
        running = {one.id for one in state.workers.values() if isinstance(one.life, m.Running)}
        for worker in running - self._tasks.keys():
            self._tasks[worker] = asyncio.create_task(self._read(worker), name=f"activity {worker}")
        for worker in self._tasks.keys() - running:
            self._tasks.pop(worker).cancel()
            self._lines.pop(worker, None)

    async def close(self) -> None:
        """Reads nothing any more."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _read(self, worker: str) -> None:
        directory = self._paths.worker(worker)
        tail, summary = Tail(directory / "events.jsonl"), execstream.ExecSummary()
        async for _ in self._hints.looks(directory):
            told = bool(summary.thread)
            while lines := tail.read():
                for line in lines:
                    summary = summary.after(execstream.parse_line(line))
            if summary.thread and not told:
                self._tell(msg.WorkerTold(id=worker, thread=summary.thread))
            self._lines[worker] = text.clip(text.line(summary.activity), WIDTH)

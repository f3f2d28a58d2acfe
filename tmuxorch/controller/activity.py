"""What workers do now, from their event streams as they grow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tmuxorch.codex import execstream
from tmuxorch.controller import seen
from tmuxorch.controller.hints import Hints
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.tail import Tail

UNKNOWN = -1.0
"""Nobody has looked yet: a controller before may have told of a silence that is over."""

AGAIN = 0.1
"""Part of the time that a silence has to last, after which it is told again."""

WIDTH = 200
"""Characters of a line of activity."""


@dataclass
class _Reading:
    """How far the events of a worker's try were read, and what they add up to."""

    tail: Tail
    summary: execstream.ExecSummary = field(default_factory=execstream.ExecSummary)


class Activity:
    """Reads along with every running worker; tells its thread as soon as the worker has told it, its silence, and which
    checkpoints its commands are to answer."""

    def __init__(
        self,
        hints: Hints,
        paths: ProjectPaths,
        tell: Callable[[msg.Message], None],
        clock: Callable[[], float],
        stall: Callable[[], float],
    ) -> None:
        """`clock` gives epoch seconds; `stall` how many seconds of silence are worth telling."""
        self._hints = hints
        self._paths = paths
        self._tell = tell
        self._clock = clock
        self._stall = stall
        self._lines: dict[str, str] = {}
        self._readings: dict[str, _Reading] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def lines(self) -> dict[str, str]:
        """One line per worker that runs."""
        return dict(self._lines)

    def follow(self, state: m.State) -> None:
        """Reads along with exactly the workers that run."""
        running = {msg.job_ref(one): one for one in state.workers.values() if isinstance(one.life, m.Running)}
        for ref in running.keys() - self._tasks.keys():
            self._tasks[ref] = asyncio.create_task(self._read(running[ref]), name=f"activity {ref}")
        for ref in self._tasks.keys() - running.keys():
            self._tasks.pop(ref).cancel()
            self._lines.pop(msg.job_id(ref), None)
        live = {msg.job_ref(one) for one in state.workers.values() if m.is_live(one.life)}
        for ref in self._readings.keys() - live:
            self._readings.pop(ref)

    def finish(self, worker: m.Worker) -> None:
        """Reads what is left of one that has just ended: it may have been quicker than anybody who reads along."""
        self._take(worker)

    async def close(self) -> None:
        """Reads nothing any more."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _read(self, worker: m.Worker) -> None:
        events = self._events(worker)
        told_silence = UNKNOWN
        async for _ in self._hints.looks(events.parent):
            self._take(worker)
            told_silence = self._listen(worker.id, events, told_silence)

    def _take(self, worker: m.Worker) -> None:
        """Reads what has come since, and tells what is worth it."""
        ref = msg.job_ref(worker)
        reading = self._readings.setdefault(ref, _Reading(Tail(self._events(worker))))
        told = bool(reading.summary.thread)
        while lines := reading.tail.read():
            for event in map(execstream.parse_line, lines):
                reading.summary = reading.summary.after(event)
                if isinstance(event, execstream.ItemChanged):
                    for attempt in seen.tried(worker.id, event.item):
                        self._tell(attempt)
        if reading.summary.thread and not told:
            self._tell(msg.WorkerTold(id=worker.id, thread=reading.summary.thread))
        if ref in self._tasks:
            self._lines[worker.id] = text.clip(text.line(reading.summary.activity), WIDTH)

    def _events(self, worker: m.Worker) -> Path:
        return self._paths.attempt(worker.id, worker.attempt) / "events.jsonl"

    def _listen(self, worker: str, events: Path, told: float) -> float:
        """Tells a silence once it is long enough, and now and then as long as it lasts, since a human may have wanted
        to wait; tells its end. When it was told last; 0 when there is none, UNKNOWN before the first look."""
        try:
            since = events.stat().st_mtime
        except OSError:
            return told
        now, stall = self._clock(), self._stall()
        if now - since >= stall:
            if now - told < stall * AGAIN:
                return told
            self._tell(msg.WorkerSilent(id=worker, since=since))
            return now
        if told:
            self._tell(msg.WorkerSpoke(id=worker))
        return 0.0

"""plan.md, runs.md, the reports and the status line: projections of the state, written when they differ.

Nothing is ever written over an edit that was not read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tmuxorch.controller.alarm import Alarm
from tmuxorch.controller.archive import Archive
from tmuxorch.controller.desk import Desk
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.plan_file import PlanFile, read_text, write_over
from tmuxorch.core import model as m
from tmuxorch.core.events import Event
from tmuxorch.errors import TmuxorchError
from tmuxorch.ledger import marks, report_md, runs_md, runs_view, status_line
from tmuxorch.store.atomic import write_atomic
from tmuxorch.store.paths import ProjectPaths

log = logging.getLogger(__name__)

PAUSE = 0.3
"""Seconds between two writings at the least."""


class Views:
    """Keeps the files true. `flush` writes at once; `run` writes whenever the state has changed."""

    def __init__(self, engine: Engine, desk: Desk, paths: ProjectPaths, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._desk = desk
        self._paths = paths
        self._clock = clock
        self._dirty = asyncio.Event()
        self._dirty.set()
        self._older = Alarm(clock, self._grow_older)
        self._ageing: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._wanted = self._made = 0
        self._plan = PlanFile(engine, desk, paths)
        self._archive = Archive(paths)
        self._reported: dict[str, str] = {}
        """By run, the lead's words that its report was written with: they may come when the run has ended."""

    @property
    def plan_problem(self) -> str:
        """Why plan.md, as it is in the file, is not in force; empty when it is."""
        return self._plan.problem

    def touch(self, _state: m.State, _events: list[Event]) -> None:
        """The state has changed."""
        self._dirty.set()

    def _grow_older(self) -> None:
        self._ageing = asyncio.create_task(self._age(), name="ages in the status line")

    async def _age(self) -> None:
        async with self._writing:
            await self._write(self._windows)

    async def run(self) -> None:
        """Writes for ever."""
        while True:
            await self._dirty.wait()
            await self.flush()
            await asyncio.sleep(PAUSE)

    async def flush(self) -> None:
        """Makes every view what the state says; those who wait at the same time wait for the same writing. One that
        cannot be made or written is told in the log: agents go on, the journal has it all."""
        self._wanted += 1
        mine = self._wanted
        async with self._writing:
            if self._made >= mine:
                return
            begun = self._wanted
            self._dirty.clear()
            for write in (self._write_plan, self._runs, self._reports, self._windows):
                await self._write(write)
            self._made = begun

    async def read_plan(self) -> None:
        """Takes an edit of plan.md, if there is one."""
        async with self._writing:
            try:
                await self._plan.read()
            except TmuxorchError as error:
                log.warning("plan.md could not be read: %s", error)
        self._dirty.set()

    async def edit_plan(self, before: str, after: str) -> list[str]:
        """Puts an edit of plan.md in force; see PlanFile.edit."""
        async with self._writing:
            changes = await self._plan.edit(before, after)
        self._dirty.set()
        return changes

    async def _write(self, write: Callable[[m.State], Awaitable[None]]) -> None:
        try:
            await write(self._engine.state)
        except (TmuxorchError, OSError) as error:
            log.warning("a view could not be written: %s", error)
        except Exception:
            log.exception("a view could not be made")

    async def _write_plan(self, state: m.State) -> None:
        if not await self._plan.write(state):
            self._dirty.set()

    async def _runs(self, state: m.State) -> None:
        await self._archive.take(state)
        view = runs_view.view(state, self._clock())
        found = read_text(self._paths.runs)
        if not await write_over(self._paths.runs, runs_md.render(view, found or ""), found):
            self._dirty.set()

    async def _reports(self, state: m.State) -> None:
        for run in state.runs.values():
            if run.end and self._reported.get(run.id) != run.words:
                text = report_md.render(state, run, run.end.at)
                write_atomic(self._paths.report(run.id), text.encode())
                self._reported[run.id] = run.words

    async def _windows(self, state: m.State) -> None:
        """The status line and the marks of windows."""
        now = self._clock()
        self._older.set(status_line.next_change(state, now))
        await self._desk.people.show(status_line.status_line(state, now), marks.marks(state))

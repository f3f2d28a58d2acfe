"""plan.md, runs.md, the reports and the status line: projections of the state, written when they differ.

plan.md is read back as well. An edit takes effect when it is a valid plan; a broken one stays in the file untouched,
is told, and the last good plan stays in force. Nothing is ever written over an edit that was not read.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from tmuxorch.controller.archive import Archive
from tmuxorch.controller.desk import Desk
from tmuxorch.controller.engine import Engine
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.answers import context
from tmuxorch.core.events import Event
from tmuxorch.core.plan import Plan, normal
from tmuxorch.errors import ChangedMeanwhile, StorageError, TmuxorchError
from tmuxorch.ledger import plan_md, report_md, runs_md, runs_view, status_line
from tmuxorch.store.atomic import ABSENT, PROJECT, digest, write_atomic
from tmuxorch.store.paths import ProjectPaths

log = logging.getLogger(__name__)

PAUSE = 0.3
"""Seconds between two writings at the least."""

OPEN_CHECKPOINT = re.compile(r"C[0-9]+ \(open\): ")
"""How the lines begin that are added to Human Checkpoints while something waits; they are no part of the plan."""


class Views:
    """Keeps the files true. `flush` writes at once; `run` writes whenever the state has changed."""

    def __init__(self, engine: Engine, desk: Desk, paths: ProjectPaths, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._desk = desk
        self._paths = paths
        self._clock = clock
        self._dirty = asyncio.Event()
        self._dirty.set()
        self._writing = asyncio.Lock()
        self._own = _Own(paths.state / "plan.digests")
        self._archive = Archive(paths)
        self._reported: dict[str, str] = {}
        self._status = ""
        self.plan_problem = ""
        """Why plan.md, as it is in the file, is not in force; empty when it is."""

    def touch(self, _state: m.State, _events: list[Event]) -> None:
        """The state has changed."""
        self._dirty.set()

    async def run(self) -> None:
        """Writes for ever."""
        while True:
            await self._dirty.wait()
            await self.flush()
            await asyncio.sleep(PAUSE)

    async def flush(self) -> None:
        """Makes every view what the state says. One that cannot be made or written is told in the log: agents go on,
        the journal has it all."""
        async with self._writing:
            self._dirty.clear()
            for write in (self._plan, self._runs, self._reports, self._status_line):
                try:
                    await write(self._engine.state)
                except (TmuxorchError, OSError) as error:
                    log.warning("a view could not be written: %s", error)
                except Exception:
                    log.exception("a view could not be made")

    async def read_plan(self) -> None:
        """Takes an edit of plan.md, if there is one."""
        async with self._writing:
            try:
                await self._take_edit(_content(self._paths.plan))
            except TmuxorchError as error:
                log.warning("plan.md could not be read: %s", error)
        self._dirty.set()

    # -- plan.md

    async def _plan(self, state: m.State) -> None:
        run = state.run
        if run is None:
            return
        found = _content(self._paths.plan)
        if not await self._take_edit(found):
            return
        state = self._engine.state
        run = state.runs[run.id]
        text = plan_md.render(shown_plan(state, run), found or "")
        self._own.add(text)
        if await self._write(self._paths.plan, text, found):
            self._own.only(text)

    async def _take_edit(self, found: str | None) -> bool:
        """Whether the file may be written: what is in it is ours, was taken, or is from before the run."""
        run = self._engine.state.run
        if found is None or found in self._own or run is None or (run.active and run.plan is None):
            return True
        if run.phase in (m.Phase.VERIFY, m.Phase.REPORT, m.Phase.ENDED):
            return False  # too late to count, and theirs until the next run
        try:
            edited = plan_md.parse(found)
            own = tuple(line for line in edited.human_checkpoints if not OPEN_CHECKPOINT.match(line))
            edited = replace(edited, human_checkpoints=own)
            await self._engine.submit(msg.PlanRead(plan=edited))
        except TmuxorchError as error:
            if self.plan_problem != error.message:
                log.warning("plan.md is not in force: %s", error)
                await self._desk.notify(f"plan.md is not in force: {error.message.splitlines()[0]}")
            self.plan_problem = error.message
            return False
        self.plan_problem = ""
        self._own.only(found)
        return True

    # -- the others

    async def _runs(self, state: m.State) -> None:
        await self._archive.take(state)
        view = runs_view.view(state, self._clock())
        found = _content(self._paths.runs)
        await self._write(self._paths.runs, runs_md.render(view, found or ""), found)

    async def _reports(self, state: m.State) -> None:
        for run in state.runs.values():
            if run.end and run.id not in self._reported:
                text = report_md.render(state, run, run.end.at)
                write_atomic(self._paths.report(run.id), text.encode())
                self._reported[run.id] = text

    async def _status_line(self, state: m.State) -> None:
        line = status_line.status_line(state, self._clock())
        if line != self._status and self._desk.attached:
            await self._desk.push_status(line)
            self._status = line

    async def _write(self, path: Path, text: str, found: str | None) -> bool:
        """Whether the file has that text now; it has not when somebody changed it since `found` was read of it."""
        data = text.encode()
        if found == text:
            return True
        try:
            expect = ABSENT if found is None else digest(found.encode())
            await asyncio.to_thread(write_atomic, path, data, PROJECT, expect)
        except ChangedMeanwhile:
            self._dirty.set()
            return False
        return True


class _Own:
    """What is ours of what may be in plan.md: the text that was written or taken last, and the one that is being
    written. Anything else there is somebody's edit, an older text of ours too.

    Noted before it is written, so that a crash in between makes no edit of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digests = (_content(path) or "").split()

    def __contains__(self, text: str) -> bool:
        return digest(text.encode()) in self._digests

    def add(self, text: str) -> None:
        """Notes `text` as ours too. Raises StorageError when the disk refuses."""
        if text not in self:
            self._note([*self._digests, digest(text.encode())])

    def only(self, text: str) -> None:
        """Notes `text` as what is in the file. Raises StorageError when the disk refuses."""
        if self._digests != [new := digest(text.encode())]:
            self._note([new])

    def _note(self, digests: list[str]) -> None:
        write_atomic(self._path, " ".join(digests).encode())
        self._digests = digests


def shown_plan(state: m.State, run: m.Run) -> Plan:
    """The run's plan with the statuses of its items; before there is one, what is known already."""
    if run.plan is None:
        rows = tuple(context(name, run, state.agents) for name in run.children)
        return normal(Plan(objective=run.problem, children=rows))
    items = tuple(replace(item, status=m.item_status(state, run, item.id)) for item in run.plan.items)
    waiting = tuple(
        f"{one.id} (open): {one.card.title}. Do: {one.card.do} Expected: {one.card.expect} "
        f"Blocked until then: {', '.join(one.blocks) or 'nothing'}."
        for one in state.checkpoints.values()
        if one.is_open and one.card.kind is not m.CheckpointKind.PLAN
    )
    return normal(replace(run.plan, items=items, human_checkpoints=(*run.plan.human_checkpoints, *waiting)))


def _content(path: Path) -> str | None:
    """What is in the file, None when there is none. Raises StorageError when it cannot be read."""
    try:
        return path.read_bytes().decode()  # its line ends as they are
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path} cannot be read: {error}") from error

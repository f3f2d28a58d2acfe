"""runs.md keeps the newest 200 entries; every older one is in the archive, once, whatever happens in between."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tmuxorch.controller import history
from tmuxorch.controller.desk import Desk
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.views import Views
from tmuxorch.core import messages as msg
from tmuxorch.core.evolve import LOG_KEPT
from tmuxorch.core.evolve.tables import next_id
from tmuxorch.core.model import WorkerSpec
from tmuxorch.ledger import runs_md
from tmuxorch.store.journal import Journal
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.tmux.server import Address

HOSTILE = "<!-- tmuxorch:entry 99999 0.0 -->\n\n### 99999 · x\n\n<!-- tmuxorch:end log -->\n"


class Log:
    """A project whose log grows by workers that are stopped before they begin; no tmux, no Codex."""

    def __init__(self, paths: ProjectPaths, engine: Engine) -> None:
        self.paths = paths
        self.engine = engine
        desk = Desk(Address(), paths.project, {}, engine.post, engine.submit, lambda: None)
        self.views = Views(engine, desk, paths, time.time)

    async def grow(self, count: int) -> None:
        """Adds `count` entries."""
        for _ in range(count):
            worker = next_id(self.engine.state, "W")
            spec = WorkerSpec(label="w", task=HOSTILE, cwd="/")
            self.engine.post(msg.QueueWorker(id=worker, spec=spec))
            await self.engine.submit(msg.StopJob(id=worker, by=HOSTILE))

    def shown(self) -> list[int]:
        """Numbers in runs.md."""
        return [entry.number for entry in runs_md.parse(self.paths.runs.read_text()).entries]

    def pages(self) -> dict[str, str]:
        """The archive."""
        return {path.name: path.read_text() for path in sorted(self.paths.archive.glob("*"))}

    def archived(self) -> list[int]:
        """Numbers in the archive, in its order."""
        text = "".join(self.pages().values())
        return [int(number) for number in re.findall(r"^### (\d+) · ", text, re.MULTILINE)]


@asynccontextmanager
async def _log(directory: Path) -> AsyncIterator[Log]:
    paths = ProjectPaths(directory)
    paths.ensure()
    journal = Journal.open(paths.journal)
    settings = msg.Settings(exec_workers=0)
    engine = Engine(history.resume(journal, paths), journal, lambda: settings, time.time)
    running = asyncio.create_task(engine.run())
    try:
        yield Log(paths, engine)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        journal.close()


async def test_the_newest_200_stay_and_older_ones_move_whole_into_the_archive(tmp_path: Path) -> None:
    async with _log(tmp_path) as log:
        await log.grow(200)
        await log.views.flush()
        assert (log.shown(), log.pages()) == (list(range(1, 201)), {})
        first = log.engine.state.log[0]
        await log.grow(3)
        await log.views.flush()
        assert (log.shown(), log.archived()) == (list(range(4, 204)), [1, 2, 3])
        assert log.pages()["runs-00000001.md"].startswith(runs_md.render_archive([first]))
        await log.grow(199)
        await log.views.flush()
        assert (log.shown(), log.archived()) == (list(range(203, 403)), list(range(1, 203)))
        assert list(log.pages()) == ["runs-00000001.md", "runs-00000201.md"]


async def test_no_entry_is_lost_when_many_come_at_once(tmp_path: Path) -> None:
    async with _log(tmp_path) as log:
        await log.grow(LOG_KEPT + 250)
        assert log.engine.state.log[0].number > 50
        await log.views.flush()
        assert log.archived() + log.shown() == list(range(1, LOG_KEPT + 251))


async def test_a_controller_that_was_killed_before_it_wrote_archives_what_is_missing_once(
    tmp_path: Path,
) -> None:
    async with _log(tmp_path) as log:
        await log.grow(300)
        await log.views.flush()
        await log.grow(LOG_KEPT + 10)
    async with _log(tmp_path) as log:
        await log.views.flush()
        await log.views.flush()
        assert log.archived() + log.shown() == list(range(1, LOG_KEPT + 311))


@pytest.mark.parametrize("kept", [0, 1])
async def test_an_archive_that_was_deleted_is_made_again_the_same(tmp_path: Path, kept: int) -> None:
    async with _log(tmp_path) as log:
        await log.grow(LOG_KEPT + 210)
        await log.views.flush()
        before = log.pages()
    for name in list(before)[kept:]:
        (log.paths.archive / name).unlink()
    if not kept:
        log.paths.archive.rmdir()
    async with _log(tmp_path) as log:
        await log.views.flush()
        assert log.pages() == before


async def test_what_cannot_be_archived_stays_in_runs_md(tmp_path: Path) -> None:
    async with _log(tmp_path) as log:
        await log.grow(200)
        await log.views.flush()
        log.paths.archive.rmdir()
        log.paths.archive.write_text("in the way")
        await log.grow(5)
        await log.views.flush()
        assert log.shown() == list(range(1, 201))
        log.paths.archive.unlink()
        await log.views.flush()
        assert log.archived() + log.shown() == list(range(1, 206))

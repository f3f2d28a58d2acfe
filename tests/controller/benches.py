"""A project's session in a real tmux, on which a test puts one controller's desk after the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.tmux.specs import sleeper
from tmuxorch.controller.desk import Desk
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.specs import Process
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.host import records
from tmuxorch.tmux import server
from tmuxorch.tmux.model import PaneRow, WindowRow


class Nowhere:
    """A record of events that keeps none."""

    def append(self, event: bytes, at: float) -> None:
        pass

    def commit(self) -> None:
        pass


class Bench:
    """A project's session in tmux and the state that its controllers hand on, each of which has a desk of its own."""

    def __init__(self, address: server.Address, project: Path) -> None:
        self.project = project
        self.engine = Engine(m.State(), Nowhere(), msg.Settings, time.time)
        self.session = server.ensure_session(address, "p", str(project), sleeper("controller", project))
        self.made: list[Process] = []
        self.newest: Desk | None = None
        self._address = address

    async def desk(self) -> Desk:
        """That of a new controller; the former one's is closed, its windows stay."""
        await self.close()
        engine = self.engine
        self.newest = desk = Desk(self._address, self.project, {}, engine.post, engine.submit, lambda: None)
        await desk.attach()
        return desk

    async def close(self) -> None:
        if self.newest:
            await self.newest.close()

    def process(self, key: str, number: int = 1) -> Process:
        """A process whose host, once it is started, waits for its spec."""
        directory = self.project / "hosts" / f"{key}-{number}"
        directory.mkdir(parents=True)
        os.mkfifo(directory / "spec.json")
        made = Process(
            ref=key,
            key=key,
            window=key,
            cwd=str(self.project),
            directory=directory,
            spec={},
            output=self.project / "frames.jsonl",
        )
        self.made.append(made)
        return made

    def rows(self, key: str) -> list[WindowRow]:
        return [row for row in server.list_windows(self.session) if row.key == key]

    def pane(self, key: str) -> PaneRow:
        """The last pane of the one window of that key."""
        (row,) = self.rows(key)
        return row.panes[-1]

    @contextlib.contextmanager
    def tmux_stopped(self) -> Iterator[None]:
        os.kill(self.session.server_pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.session.server_pid, signal.SIGCONT)


@pytest.fixture
async def bench(private_tmux: server.Address, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(private_tmux, tmp_path)
    running = asyncio.create_task(bench.engine.run())
    yield bench
    await bench.close()
    running.cancel()
    for made in bench.made:
        if not await asyncio.to_thread(records.forbid, made.directory):
            await asyncio.to_thread(records.kill_tree, made.directory, (0, 0))

"""The desk on a real tmux: what a new controller makes of windows that a former one has left half opened."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import signal
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from tests.controller.benches import Bench, bench
from tests.tmux.specs import sleeper
from tests.tmuxfixture import private_tmux
from tests.waiting import auntil
from tmuxorch.controller import processes, specs
from tmuxorch.controller.handlers import Handlers
from tmuxorch.controller.hints import Hints
from tmuxorch.controller.specs import Process
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import TimedOut
from tmuxorch.host import records
from tmuxorch.host.run import REFUSED
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.tmux import server, words
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import PaneRow, WindowSpec

__all__ = ["bench", "private_tmux"]


def spec(process: Process, script: str) -> bytes:
    return json.dumps({"argv": ["/bin/sh", "-c", script], "cwd": process.cwd, "grace": [0.2, 0.2]}).encode()


async def coming_up(bench: Bench, process: Process, agent: bool = False) -> PaneRow:
    """A controller has opened the window, in which the host has its lease and is not on record."""
    await (bench.newest or await bench.desk()).open_process(process, agent)
    await auntil(lambda: records.lease_held(process.directory), what="the host's lease")
    return bench.pane(process.key)


@pytest.mark.parametrize("agent", [False, True])
async def test_a_host_that_is_coming_up_is_left_to_it(bench: Bench, agent: bool) -> None:
    process = bench.process("app")
    before = await coming_up(bench, process, agent)
    await (await bench.desk()).open_process(process, agent)
    assert bench.pane("app") == before
    await asyncio.to_thread((process.directory / "spec.json").write_bytes, spec(process, "exit 3"))
    ended = await auntil(lambda: records.read_exit(process.directory))
    assert ended
    assert (ended.code, ended.stopped_by) == (3, None), ended


@pytest.mark.parametrize("agent", [False, True])
async def test_one_that_died_before_it_had_begun_is_started_again_in_its_window(
    bench: Bench, agent: bool
) -> None:
    process = bench.process("app")
    before = await coming_up(bench, process, agent)
    os.kill(before.pid, signal.SIGKILL)
    await auntil(lambda: bench.pane("app").dead)
    path = process.directory / "spec.json"
    path.unlink()
    path.write_bytes(spec(process, "sleep 1000"))
    await (await bench.desk()).open_process(process, agent)
    await auntil(lambda: records.read_start(process.directory))
    after = bench.pane("app")
    assert (after.pane_id, after.mark, after.dead) == (before.pane_id, before.mark, False)


async def test_the_screen_of_one_that_has_had_its_run_stays(bench: Bench) -> None:
    process = bench.process("W1")
    await coming_up(bench, process)
    await asyncio.to_thread((process.directory / "spec.json").write_bytes, spec(process, "exit 3"))
    await auntil(lambda: bench.pane("W1").dead)
    before = bench.pane("W1")
    await (await bench.desk()).open_process(process, agent=False)
    after = bench.pane("W1")
    assert (after.pane_id, after.pid, after.mark, after.dead) == (before.pane_id, before.pid, "W1.W1-1", True)


async def test_the_next_process_of_a_window_takes_the_place_of_the_former(bench: Bench) -> None:
    before = await coming_up(bench, bench.process("app"), agent=True)
    process = bench.process("app", 2)
    await (await bench.desk()).open_process(process, agent=True)
    await auntil(lambda: records.lease_held(process.directory))
    after = bench.pane("app")
    assert (after.pane_id, after.mark) == (before.pane_id, "app.app-2")


async def test_an_agents_window_without_its_server_gets_it(bench: Bench) -> None:
    half = WindowSpec(key="app", name="app", argv=("sleep", "1000"), cwd=bench.project)
    opened = server.open_window(bench.session, half)
    desk = await bench.desk()
    assert bench.engine.state.windows["app"] == m.Window(id=opened.window_id, pane=opened.pane_id, view="")
    await desk.open_process(bench.process("app"), agent=True)
    (row,) = bench.rows("app")
    assert [pane.mark for pane in row.panes] == ["app", "app.app-1"]
    view, own = (pane.pane_id for pane in row.panes)
    assert bench.engine.state.windows["app"] == m.Window(id=opened.window_id, pane=own, view=view)


async def test_a_window_that_never_got_its_key_is_taken_up(bench: Bench) -> None:
    client = await ControlClient.connect(bench.session)
    half = msgspec.structs.replace(sleeper("W1", bench.project), mark="W1.W1")
    await client.cmd(*words.open_window(bench.session.session_id, half))
    await client.close()
    await bench.desk()
    (row,) = bench.rows("W1")
    assert row.finished
    assert bench.engine.state.windows["W1"].id == row.window_id


async def test_a_window_that_was_closed_while_no_controller_was_there_is_missed(bench: Bench) -> None:
    desk = await bench.desk()
    await desk.open_command("overview")
    await desk.open_command("checkpoints")
    await bench.close()
    server.close_window(bench.session, bench.engine.state.windows["overview"].id)
    desk = await bench.desk()
    assert set(bench.engine.state.windows) == {"controller", "checkpoints"}
    assert not desk.dismissed


async def test_what_tmux_does_too_late_is_not_done_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await bench.desk()
    process = bench.process("app")
    with bench.tmux_stopped(), monkeypatch.context() as patched:
        patched.setattr(ControlClient.cmd, "__kwdefaults__", {"deadline": 0.1})
        for opening in (desk.open_process(process, agent=True), desk.open_command("overview")):
            with pytest.raises(TimedOut):
                await opening
    await desk.open_process(process, agent=True)
    await desk.open_command("overview")
    marks = [pane.mark for row in server.list_windows(bench.session) for pane in row.panes]
    assert sorted(map(str, marks)) == ["app", "app.app-1", "controller", "overview"]
    assert set(bench.engine.state.windows) == {"app", "controller", "overview"}


async def test_of_windows_with_one_key_the_dead_are_closed_and_no_living_one_is_forgotten(
    bench: Bench,
) -> None:
    def another(*argv: str) -> str:
        spec = WindowSpec(key="W1", name="W1", argv=argv, cwd=bench.project)
        return server.open_window(bench.session, spec).window_id

    first, second, _ = another("sleep", "1000"), another("sleep", "1000"), another("true")
    await auntil(lambda: any(pane.dead for row in bench.rows("W1") for pane in row.panes))
    desk = await bench.desk()
    assert [row.window_id for row in bench.rows("W1")] == [first, second]
    assert bench.engine.state.windows["W1"].id == second
    server.close_window(bench.session, second)
    await auntil(lambda: bench.engine.state.windows["W1"].id == first)
    assert "W1" not in desk.dismissed
    again = another("sleep", "1000")
    desk = await bench.desk()
    await desk.close_window(bench.engine.state.windows["W1"])
    assert bench.rows("W1") == []
    await auntil(lambda: "W1" not in bench.engine.state.windows)
    assert again != first


@contextlib.asynccontextmanager
async def opening(bench: Bench) -> AsyncIterator[tuple[Process, Callable[[], Awaitable[None]]]]:
    """The first server of an agent, which is wanted, and the handler that sees to its start."""
    paths = ProjectPaths(bench.project)
    paths.ensure()
    kit = specs.Kit(paths=paths, codex=Path("/bin/false"), codex_home=bench.project, check_timeout=1)
    await bench.engine.submit(msg.AddAgent(name="app", path=str(bench.project)))
    await bench.engine.submit(msg.WantAgent(name="app", wanted=True, by="test"))
    process = specs.find(kit, bench.engine.state, "app#1")
    process.directory.mkdir(parents=True)
    os.mkfifo(process.directory / "spec.json")
    bench.made.append(process)
    hints = Hints(paths.state)
    looking = asyncio.create_task(hints.run())
    rest = [cast(Any, None)] * (len(inspect.signature(Handlers).parameters) - 4)
    handlers = Handlers(bench.engine, await bench.desk(), kit, processes.Processes(hints, print), *rest)
    try:
        yield process, lambda: handlers.handle(f.OpenProcess("app#1"))
    finally:
        looking.cancel()


async def test_a_host_that_takes_longer_than_its_time_has_not_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opening(bench) as (process, handle):
        await coming_up(bench, process, agent=True)
        with monkeypatch.context() as patched:
            patched.setattr(processes, "BIRTH", 0.1)
            with pytest.raises(TimedOut, match="app#1"):
                await handle()
        await asyncio.to_thread((process.directory / "spec.json").write_bytes, spec(process, "sleep 1000"))
        await handle()
    assert isinstance(bench.engine.state.agents["app"].server, m.Running)


async def test_a_host_that_is_reported_not_to_have_started_never_does(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "BIRTH", 0.1)
    hangs = WindowSpec(key="app", name="app", argv=("sleep", "1000"), cwd=bench.project, mark="app.server-1")
    server.open_window(bench.session, hangs)
    events: list[e.Event] = []
    bench.engine.listeners.append(lambda _, new: events.extend(new))
    async with opening(bench) as (process, handle):
        await handle()
        (ended,) = [event for event in events if isinstance(event, e.ServerExited)]
        assert ended.outcome is m.Outcome.SPAWN_FAILED
        argv = [*records.command(), "run", str(process.directory)]
        late = await asyncio.create_subprocess_exec(*argv, stderr=DEVNULL)
        async with asyncio.timeout(20):
            assert await late.wait() == REFUSED

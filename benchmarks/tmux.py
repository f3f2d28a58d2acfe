"""tmux by our control client, against a tmux process for each command."""

from __future__ import annotations

import asyncio
import itertools
import os
import pty
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.measure import Row, Sample, compare, timed
from tmuxorch.tmux.binary import find_tmux
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import Session, WindowSpec
from tmuxorch.tmux.server import Address, attach_argv, ensure_session, kill_session
from tmuxorch.tmux.status import Shown
from tmuxorch.tmux.windows import Windows

MANY = 1000
SOME = 100
WINDOWS = 50
NEWS = 5
COMMAND = ("set-environment", "-g", "-h", "TMUXORCH_STATUS", "R1 execute 2/5")
"""What our status line costs at each change."""

SLEEP = ("sleep", "1000")


def rows(directory: Path) -> Iterator[Row]:
    """Commands, and windows."""
    first = WindowSpec(key="controller", name="controller", argv=SLEEP, cwd=directory)
    session = ensure_session(Address(socket_name="benchmark"), "benchmark", str(directory), first)
    try:
        with asyncio.Runner() as runner:
            client = runner.run(ControlClient.connect(session))
            yield from _commands(runner, client)
            yield _opening(runner, client, directory)
            yield _marking(runner, client, directory)
            runner.run(client.close())
    finally:
        kill_session(session)


def _commands(runner: asyncio.Runner, client: ControlClient) -> Iterator[Row]:
    async def pipelined() -> float:
        begin = time.perf_counter()
        await client.batch([COMMAND] * MANY)
        return (time.perf_counter() - begin) / MANY

    async def one_by_one() -> float:
        begin = time.perf_counter()
        for _ in range(SOME):
            await client.cmd(*COMMAND)
        return (time.perf_counter() - begin) / SOME

    process = timed(lambda: _process(client.session))
    against = "a tmux process for it"
    yield compare("a command, pipelined", against, lambda: runner.run(pipelined()), process, rounds=40)
    yield compare("a command, one by one", against, lambda: runner.run(one_by_one()), process, rounds=40)


def _process(session: Session) -> None:
    _tmux(session, *COMMAND)


def _opening(runner: asyncio.Runner, client: ControlClient, directory: Path) -> Row:
    windows = Windows(client)
    specs = [
        WindowSpec(key=f"W{number}", name=f"W{number}", argv=SLEEP, cwd=directory)
        for number in range(WINDOWS)
    ]

    async def opened() -> None:
        await asyncio.gather(*map(windows.open, specs))

    def by_processes() -> None:
        for spec in specs:
            _tmux(client.session, "new-window", "-d", "-n", spec.name, "-P", "-F", "#{window_id}", *SLEEP)

    async def close() -> None:
        ours = [row.window_id for row in await windows.list_windows()][1:]
        await asyncio.gather(*map(windows.close, ours))

    def closed_after(sample: Sample) -> Sample:
        def cost() -> float:
            taken = sample()
            runner.run(close())
            return taken

        return cost

    return compare(
        f"opening {WINDOWS} windows, named, marked and kept",
        f"{WINDOWS} processes of tmux new-window, which do none of these",
        closed_after(timed(lambda: runner.run(opened()))),
        closed_after(timed(by_processes)),
        rounds=5,
    )


def _marking(runner: asyncio.Runner, client: ControlClient, directory: Path) -> Row:
    """Somebody looks, and has marks in the window list."""
    windows, shown, turn = Windows(client), Shown(client), itertools.cycle("*!")

    async def prepare() -> list[str]:
        specs = (
            WindowSpec(key=f"M{number}", name=f"M{number}", argv=SLEEP, cwd=directory)
            for number in range(SOME)
        )
        for option in ("window-status-format", "window-status-current-format"):
            await client.cmd("set-option", "-g", option, "#W#{E:@tmuxorch-mark}#{@plain}")
        return [opened.window_id for opened in await asyncio.gather(*map(windows.open, specs))]

    async def drawn() -> None:
        await client.cmd("display-message", "-p", "")  # is answered after what was to be drawn

    async def pushed() -> None:
        mark = next(turn)
        await shown.push("R1", dict.fromkeys(marked, mark))
        await drawn()

    async def set_as_options() -> None:
        mark = next(turn)
        await client.batch([["set-option", "-w", "-t", window, "@plain", mark] for window in marked])
        await drawn()

    ids = runner.run(prepare())
    marked = ids[:NEWS]
    with _somebody(client.session):
        return compare(
            f"{NEWS} marks of {len(ids)} windows changed, with somebody who looks",
            "the same as options of the windows",
            timed(lambda: runner.run(pushed())),
            timed(lambda: runner.run(set_as_options())),
            rounds=40,
        )


@contextmanager
def _somebody(session: Session) -> Iterator[None]:
    """A client on a terminal whose output is taken away."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(attach_argv(session), stdin=theirs, stdout=theirs, stderr=theirs) as client:
        os.close(theirs)
        reader = threading.Thread(target=_drain, args=[ours])
        reader.start()
        try:
            while not _tmux(session, "list-clients", "-F", "#{client_tty}").strip():
                pass
            yield
        finally:
            client.terminate()
            client.wait()
            reader.join()
            os.close(ours)


def _drain(handle: int) -> None:
    with suppress(OSError):
        while os.read(handle, 65536):
            pass


def _tmux(session: Session, *words: str) -> bytes:
    argv = [find_tmux(), "-S", session.socket_path, *words]
    return subprocess.run(argv, check=True, capture_output=True).stdout

"""Calling people, on a real tmux: who looks elsewhere is called, who looks at it is not."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.controller.benches import Bench, bench
from tests.controller.conftest import Make
from tests.controller.holding import Gate, ended, start
from tests.controller.test_calls import ends
from tests.e2e.project import Json
from tests.ledger.test_public import POINT
from tests.person import at_terminal
from tests.tmux.specs import sleeper
from tests.tmuxfixture import private_tmux, run_tmux
from tests.waiting import auntil, until
from tmuxorch.controller import alarm
from tmuxorch.controller.notices import Notices, signal_of
from tmuxorch.controller.views import Views
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.store.config import Notify
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.tmux import server
from tmuxorch.tmux.calling import STALE
from tmuxorch.tmux.model import Session

__all__ = ["bench", "private_tmux"]


class Office:
    """Notices on the bench's desk, with a clock that goes when it is told to; `told` is the command's output."""

    def __init__(self, bench: Bench, told: Path) -> None:
        self.bench = bench
        self.told = told
        self.now = time.time()
        self.looks = 0
        self.state = m.State()
        self.settings = Notify(
            command=("sh", "-c", f'printf "%s\\n" "$1" >>{told}', "sh"), dwell=1, cooldown=5, grace=3
        )

    async def open(self) -> None:
        desk = await self.bench.desk()
        desk.people.signal = signal_of(self.settings)
        self.notices = Notices(desk.people, lambda: self.settings, {}, self.clock)
        self.task = asyncio.create_task(self.notices.run())

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])

    def clock(self) -> float:
        self.looks += 1
        return self.now

    async def waits(self, seconds: float) -> None:
        """That many seconds on, whatever is due has been done."""
        self.now += seconds
        looks = self.looks
        await auntil(lambda: self.looks > looks + 4, what="some looks at the clock")

    def opens(self, name: str, source: str) -> None:
        point = replace(POINT, id=name, source=source)
        self.state = replace(self.state, checkpoints={**self.state.checkpoints, name: point})
        self.hears(
            e.CheckpointOpened(
                id=name, source=source, item="", origin=point.origin, card=point.card, digest="d"
            )
        )

    def hears(self, *events: e.Event) -> None:
        self.notices.listen(self.state, list(events))

    async def called(self, line: str, seconds: float = 10.0) -> None:
        """That many seconds on, the last call is that line."""
        self.now += seconds
        await auntil(lambda: self.lines()[-1:] == [line], what=f"{line} after {self.lines()}")

    def lines(self) -> list[str]:
        return self.told.read_text().splitlines() if self.told.exists() else []


@pytest.fixture
async def office(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr(alarm, "LONGEST", 0.01)
    for name in ("app", "web"):
        server.open_window(bench.session, sleeper(name, bench.project))
    office = Office(bench, tmp_path / "told")
    await office.open()
    yield office
    await office.close()


def rung(session: Session) -> str:
    """The windows of which tmux shows that they have rung."""
    flags = ["-S", session.socket_path]
    listed = ["list-windows", "-t", session.session_id, "-f", "#{window_bell_flag}", "-F", "#W"]
    return run_tmux(*flags, *listed)


async def test_who_looks_elsewhere_is_called_and_who_looks_at_it_is_not(office: Office) -> None:
    session = office.bench.session
    flags = ["-S", session.socket_path]

    def tmux(*words: str) -> str:
        return run_tmux(*flags, *words)

    tmux("new-session", "-d", "-s", "mine", "sleep", "1000")
    ours = server.attach_argv(session)
    with at_terminal(ours) as ann, at_terminal([*ours[:-1], "mine"]) as bob:
        ann.sees("controller")
        bob.sees(" mine ")
        office.opens("C1", "app")
        await office.called("C1 app: t")
        for one in (ann, bob):
            await auntil(lambda one=one: b"C1 app: t" in one.raw and b"\a" in one.raw)  # type: ignore[misc]
        await auntil(lambda: rung(session) == "app\n", what="its bell")

        # Somebody sees it, so nobody is called: of two that opened, one is named.
        tmux("select-window", "-t", f"{session.session_id}:app")
        # What follows soon after a call waits for more.
        office.opens("C2", "app")
        office.opens("C3", "web")
        await office.waits(2)
        office.opens("C5", "web")
        await office.called("C3 web: t · C5 web: t")

        # Who has not touched a key for long may be gone, also where the window is shown.
        office.now = time.time() + STALE
        office.opens("C4", "app")
        await office.called("C4 app: t")
        await auntil(lambda: b"C4 app" in bob.raw)
        assert b"C2" not in ann.raw + bob.raw


async def test_a_bell_goes_where_our_own_view_is_drawn_and_not_to_codex(office: Office) -> None:
    bench = office.bench
    assert bench.newest
    (pane,) = (row.panes[0].pane_id for row in bench.rows("app"))
    tui = ["sh", "-c", "sleep 1000", "sh", "--remote", "unix:///s"]
    view = bench.newest.viewer("log", bench.project / "log", "app")
    for number, (program, marked) in enumerate(((tui, ""), (["sleep", "1000"], ""), (view, "app\n"))):
        await bench.newest.show(pane, program, bench.project, {})
        office.opens(f"C{number}", "app")
        await office.called(f"C{number} app: t")
        await auntil(lambda marked=marked: rung(bench.session) == marked, what="its bell")  # type: ignore[misc]


async def test_without_tmux_the_command_is_run_all_the_same(office: Office) -> None:
    await office.bench.close()
    office.settings = replace(office.settings, finished=True)
    office.state, events = ends()
    office.hears(*events[:1])
    await office.called("W1 look failed: exit 1 and more")


async def test_the_command_ends_with_the_controller(office: Office) -> None:
    office.settings = replace(
        office.settings, command=("sh", "-c", f"echo $$ >{office.told}; exec sleep 1000")
    )
    office.opens("C1", "app")
    office.now += 10
    pid = await auntil(office.lines, what="the command")
    await office.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid[0]), 0)


async def test_a_window_of_an_earlier_version_gets_its_mark_when_the_desk_attaches(bench: Bench) -> None:
    opened = server.open_window(bench.session, sleeper("app", bench.project))
    flags = ["-S", bench.session.socket_path]
    option = ["-w", "-t", opened.window_id, "@tmuxorch-mark"]
    assert run_tmux(*flags, "show-options", "-v", *option) == f"#{{TMUXORCH_MARK_{opened.window_id[1:]}}}\n"
    run_tmux(*flags, "set-option", "-u", *option)
    desk = await bench.desk()
    assert run_tmux(*flags, "show-options", "-v", *option) == f"#{{TMUXORCH_MARK_{opened.window_id[1:]}}}\n"

    # What is to be shown is shown as soon as tmux is there, and no longer than the controller is.
    await desk.people.show("busy", {"app": "*", "gone": "x"})
    shown = ["display-message", "-p", "-t", opened.window_id, "#{TMUXORCH_STATUS}#{E:@tmuxorch-mark}"]
    assert run_tmux(*flags, *shown) == "busy*\n"
    await desk.close()
    assert run_tmux(*flags, *shown) == "\n"
    await desk.attach()
    assert run_tmux(*flags, *shown) == "busy*\n"


async def test_an_age_goes_on_by_itself(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm, "LONGEST", 0.01)
    now = [1000.0]
    paths = ProjectPaths(bench.project)
    paths.ensure()
    views = Views(bench.engine, await bench.desk(), paths, lambda: now[0])
    bench.engine.state = replace(
        bench.engine.state, checkpoints={"C1": replace(POINT, source="app", opened=1000.0)}
    )

    def shown() -> str:
        return run_tmux("-S", bench.session.socket_path, "show-environment", "-gh", "TMUXORCH_STATUS")

    await views.flush()
    assert shown() == "TMUXORCH_STATUS=tmuxorch · ! 1 waiting\n"
    for minutes in (1, 2):
        now[0] = 1000.0 + minutes * 60
        await auntil(lambda n=minutes: shown().endswith(f" waiting {n} min\n"))  # type: ignore[misc]
    await bench.desk()
    assert "TMUXORCH_STATUS" not in run_tmux("-S", bench.session.socket_path, "show-environment", "-gh")


NOTIFY = "notify: {{finished: true, dwell: 0, grace: 0, cooldown: 0, mute: [web], command: [sh, -c, '{script}', sh]}}\n"


def test_a_project_tells_what_ends_and_keeps_quiet_about_whom_is_muted(
    make_lab: Make, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    lab = make_lab(NOTIFY.format(script=f'printf "%s\\n" "$1" >>{told}'), children=("app", "web"))
    lab.run("up")

    def muted() -> dict[str, bool]:
        status = lab.call("status")
        return {one.get("name") or one["id"]: one["muted"] for one in status["children"] + status["workers"]}

    def worker(task: str = "greet") -> Json:
        return start(lab, lab.repos["app"], task, label="greet")

    def lines() -> list[str]:
        return told.read_text().splitlines() if told.exists() else []

    def shown() -> str:
        return lab.tmux("show-environment", "-gh")

    # Who is muted, by whom.
    assert muted() == {"app": False, "web": True}
    assert lab.ask("unmute", "web", status=3)["error"]["hint"]
    assert "app, web, orchestrator" in lab.ask("mute", "wep", status=5)["error"]["message"]
    first = ended(lab, worker())["id"]
    until(lambda: lines() and lines()[-1].startswith(f"{first} greet "), what="the end of the first worker")
    assert lab.ask("mute", "app")["muted"]
    assert lab.ask("mute", "app")["muted"]
    gate = Gate(tmp_path)
    quiet = worker(f"sh: {gate.wait}")
    assert lab.ask("mute", quiet["id"])["muted"]
    gate.open()
    before = len(lines())
    second, third = ended(lab, quiet)["id"], ended(lab, worker())["id"]
    until(lambda: len(lines()) > before)
    assert [line.split()[0] for line in lines()] == [first, third]

    # The next controller knows it, and shows what is true.
    lab.kill_controller()
    # Debian's tmux may miss the end of a program, and learns of it with the next one that ends: nobody waits for that.
    until(
        lambda: lab.tmux("run-shell", "-b", "true") or "STATUS=tmuxorch was killed" in shown(),
        what="that word",
    )
    lab.run("up")
    assert muted() == {"app": True, "web": True, first: False, second: True, third: False}
    assert not lab.ask("unmute", "app")["muted"]
    assert "app is muted" in lab.run("mute", "app")
    window = lab.call("status")["workers"][0]["window"]
    until(lambda: f"TMUXORCH_MARK_{window[1:]}=" in shown(), what=f"a mark of {window} in {shown()}")
    assert "TMUXORCH_STATUS=tmuxorch" in shown()
    lab.run("down")
    assert "TMUXORCH" not in shown()
    of_controller = ["-f", "#{==:#{window_name},controller}", "-F", "#{pane_dead_status}"]
    until(
        lambda: (lab.tmux("run-shell", "-b", "true") + lab.tmux("list-panes", "-a", *of_controller)).strip()
    )
    assert "TMUXORCH" not in shown()

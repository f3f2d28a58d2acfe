"""The overview as a person sees it: in a real tmux at several sizes, locales and terminals."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import REPO
from tests.person import at_terminal
from tests.screens.desk import Desk
from tests.screens.states import ACTIVITY, busy, worker
from tests.screens.test_overview_rows import HOSTILE, hostile, overview, texts
from tests.screens.tmuxed import COMMAND, IN_EACH_TERMINAL, in_tmux
from tests.waiting import until

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Says that the project is busy."""
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    desk = Desk(tmp_path / "onboarding")
    is_busy(desk)
    yield desk
    desk.close()


def is_busy(desk: Desk) -> None:
    """Says so; from here on its ages stay as they are for a while."""
    desk.say(busy(), ACTIVITY, W3=time.time() - 245, W4=time.time())


@IN_EACH_TERMINAL
def test_what_it_looks_like_in_each_size(
    desk: Desk, term: str, locale: str, sizes: list[tuple[int, int]]
) -> None:
    ascii_too = "" if locale == "C.UTF-8" else "-ascii"
    columns, rows = sizes[0]
    with in_tmux(desk.project, "overview", columns=columns, rows=rows, term=term, locale=locale) as (
        person,
        _,
    ):
        for columns, rows in sizes:
            if (columns, rows) != sizes[0]:
                person.resizes(columns, rows)
            person.sees("R1 execute", "help")
            is_busy(desk)
            person.golden(GOLDEN / f"overview-{columns}x{rows}{ascii_too}.txt")
        person.types("/w3 rev\r\r")
        person.sees("this terminal is in another tmux")


def test_it_is_without_colours_where_none_are_wanted(desk: Desk) -> None:
    argv = [*COMMAND, "-C", str(desk.project), "overview"]
    with at_terminal(argv, columns=100, rows=50, env={**os.environ, "NO_COLOR": "1"}) as person:
        person.sees("W11 writer")
        assert person.colours("W2 implementer") == person.colours("C3") == {"default"}
        person.presses("q")
        assert person.ends() == 0


def test_without_a_terminal_it_is_a_list(desk: Desk) -> None:
    desk.answers["status"] = busy()
    argv = [*COMMAND, "-C", str(desk.project), "overview"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert "W2   failed" in done.stdout
    assert "\x1b" not in done.stdout
    with at_terminal(argv, term="dumb") as person:
        assert person.ends() == 0
        person.sees("W2   failed")
        assert b"\x1b" not in person.raw


def test_a_window_that_cannot_be_drawn_on_gets_a_list_at_each_change(desk: Desk) -> None:
    with in_tmux(desk.project, "overview", rows=100, term="dumb") as (person, tmux):
        person.sees("W11")
        desk.say(busy(workers=[worker("W41", "newest", "running", 2)]))
        until(lambda: "W41" in tmux.pane, what="the newest worker")
        desk.close()
        until(lambda: "the controller is not running" in tmux.pane)
        desk.listen()
        until(lambda: tmux.pane.rstrip().count("R1 · execute") == 3, what="a list for each change")


def test_what_agents_write_is_drawn_in_its_place_by_tmux(desk: Desk) -> None:
    """tmux has on its screen what we think is there, cell for cell, and nothing of it was done."""
    found, activity = hostile("".join(HOSTILE))
    found["workers"] = [worker(f"W{at}", one[:30], "running", 2, task="x") for at, one in enumerate(HOSTILE)]
    activity |= {f"W{at}": f"{one} end" for at, one in enumerate(HOSTILE)}
    desk.say(found, activity, mobile=time.time() - 65)
    wanted = [line.rstrip() for line in texts(overview(found, activity, width=200, height=24))]
    with in_tmux(desk.project, "overview", columns=200, term="tmux-256color") as (person, tmux):
        person.sees("help")
        until(lambda: [line.rstrip() for line in tmux.pane.splitlines()][:23] == wanted[:23])
        assert tmux("list-buffers") == ""
    assert not (desk.project / "owned").exists()

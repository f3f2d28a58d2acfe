"""The overview in a terminal, against a Textual program that shows one word."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, Sample, compare, row, timed
from tests.cli.cards import child, item
from tests.person import Person, at_terminal
from tests.screens.desk import Desk
from tests.screens.states import busy, worker
from tmuxorch.cli.screens.board import Board
from tmuxorch.cli.screens.cells import Known
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.overview_head import head
from tmuxorch.cli.screens.overview_rows import sections

COLUMNS, ROWS = 200, 50

IDLE = 10.0
"""Seconds for which both are left alone."""

EMPTY = """\
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("LAST")
Empty(ansi_color=True).run(mouse=False)
"""

Json = dict[str, Any]


def rows(directory: Path) -> Iterator[Row]:
    """Time to the first row, processor time when nothing happens, and that of a change in a crowd."""
    desk = Desk(directory / "project")
    desk.say(fleet(8, 5))
    try:
        command = [sys.executable, "-m", "tmuxorch", "-C", str(desk.project), "overview"]
        empty = [sys.executable, "-c", EMPTY]
        what, word = (
            "the overview of 8 workers and 4 children: its first rows",
            "a Textual program with a word",
        )
        yield compare(what, word, lambda: _first(command), lambda: _first(empty), rounds=5)
        if sys.platform == "linux":
            samples = [_idle(command, empty) for _ in range(3)]
            yield row("processor time of it, ages going on, per second", word, samples)
    finally:
        desk.close()
    yield compare(
        "a change drawn in 200x50, of 300 workers and a plan of 60",
        "of 8 workers and a plan of 5",
        _change(300, 60),
        _change(8, 5),
        rounds=20,
    )


def fleet(workers: int, items: int) -> Json:
    """A third of the workers is at work; the items wait for one another by twos."""
    plan = [
        item(str(at), "backend", "pending", *({str(at - 1), str(at // 2)} - {"0"}))
        for at in range(1, items + 1)
    ]
    names = ("backend", "firmware", "mobile", "web")
    found = busy(
        children=[child(name, "active") | {"since": "2026-01-01T00:00:00Z"} for name in names],
        workers=[
            worker(f"W{at}", "LAST", "running" if at % 3 == 0 else "succeeded", 0.1)
            for at in range(1, workers + 1)
        ],
        patterns=[],
    )
    found["run"]["items"] = plan
    return found


def _first(argv: Sequence[str]) -> float:
    begin = time.perf_counter()
    with _looking(argv):
        return time.perf_counter() - begin


@contextmanager
def _looking(argv: Sequence[str]) -> Iterator[Person]:
    """Somebody who looks, once there is something to see."""
    with at_terminal(argv, columns=COLUMNS, rows=ROWS) as person:
        person.sees("LAST")
        yield person


def _idle(ours: Sequence[str], other: Sequence[str]) -> tuple[float, float]:
    """Both at the same time; seconds of processor time in a second."""
    with _looking(ours) as one, _looking(other) as another:
        time.sleep(1.0)
        before = [_spent(one), _spent(another)]
        time.sleep(IDLE)
        return (_spent(one) - before[0]) / IDLE, (_spent(another) - before[1]) / IDLE


def _spent(person: Person) -> float:
    """Seconds that all threads of a process have run."""
    tasks = Path(f"/proc/{person.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _change(workers: int, items: int) -> Sample:
    glyphs = Glyphs(True)
    board, state, now = Board(glyphs), fleet(workers, items), time.time()

    def change() -> None:
        nonlocal now
        now += 1
        activity = {"W3": f"has read {now:.0f} lines"}
        known = Known(glyphs=glyphs, status=state, activity=activity, heard={}, everything=False)
        board.take(sections(known), now)
        lines = head(state, "", COLUMNS, now, glyphs)
        board.draw(COLUMNS, ROWS - len(lines) - 1, now)

    return timed(change, times=5)

"""The status line: short, plain, of ids and numbers only."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ledger.samples import states
from tests.ledger.test_public import AGENT, EXITED, POINT
from tmuxorch.core import model as m
from tmuxorch.core.text import is_line, width
from tmuxorch.ledger.status_line import WIDTH, next_change, status_line
from tmuxorch.ledger.words import ago

TURN = m.Turn(
    id="T1", agent="a", purpose=m.Purpose.ITEM, state=m.TurnActive(at=1.0, generation=1, codex_turn="t")
)
OPENED = {"C1": replace(POINT, opened=1000.0), "C2": replace(POINT, id="C2", opened=1100.0)}


def worker(name: str, life: m.Life, parent: str = "") -> m.Worker:
    return m.Worker(id=name, spec=m.WorkerSpec(label="look", cwd="/", parent=parent), life=life, queued=1.0)


def window(name: str) -> m.Window:
    return m.Window(id=f"@{name[1:]}", pane=f"%{name[1:]}")


@pytest.fixture
def executing() -> m.State:
    state = next(state for state in states() if state.run and state.run.phase == "execute")
    workers = {"W1": worker("W1", m.Running(at=1.0, pid=2, host_pid=1)), "W2": worker("W2", EXITED)}
    return replace(
        state,
        agents={"a": AGENT, "b": AGENT, "c": AGENT},
        turns={"T1": TURN},
        workers=workers,
        checks={},
        checkpoints=OPENED,
        windows={name: window(name) for name in workers},
    )


def test_it_says_how_far_who_works_what_failed_and_that_somebody_waits(executing: m.State) -> None:
    said = "tmuxorch R1 execute 0/4 · 2 running · 1 failed · ! 2 waiting"
    assert status_line(executing, 1001.0) == said
    assert status_line(m.State(), 0.0) == "tmuxorch"


def test_where_there_is_no_room_what_waits_is_said_all_the_same(executing: m.State) -> None:
    assert status_line(executing, 1250.0) == "R1 execute 0/4 · 2 running · 1 failed · ! 2 waiting 4 min"
    pause = m.Pause(kind=m.LimitKind.USAGE, reason="", since=0.0, until=1e9, by="a")
    line = status_line(replace(executing, pauses={m.OURS: pause}), 1250.0)
    assert line.startswith("R1 execute 0/4 · paused until 2001-09-")
    assert line.endswith(" · ! 2 waiting")


def test_a_failure_is_over_with_its_window_or_another_worker_that_does_the_task(executing: m.State) -> None:
    assert "1 failed" in status_line(executing, 0.0)
    assert "failed" not in status_line(replace(executing, windows={}), 0.0)
    again = {**executing.workers, "W3": worker("W3", m.Queued(at=2.0), parent="W2")}
    assert "failed" not in status_line(replace(executing, workers=again), 0.0)


def test_an_age_changes_when_it_is_said_to(executing: m.State) -> None:
    """Between one change and the next the line stays as it is, so nobody has to look in between."""
    now = 1001.0
    changes = []
    while now < 1000.0 + 3 * 86400:
        then = next_change(executing, now)
        assert then is not None
        assert then > now
        assert status_line(executing, then - 0.001) == status_line(executing, now)
        assert status_line(executing, then) != status_line(executing, now)
        changes.append(then - 1000.0)
        now = then
    assert changes[:3] == [60.0, 120.0, 180.0]
    assert len(changes) == 60 + 23 + 2
    assert next_change(replace(executing, checkpoints={}), now) is None


def test_it_is_one_short_line_in_every_state() -> None:
    for state in states():
        line = status_line(state, 1e9)
        assert is_line(line)
        assert width(line) <= WIDTH


def test_an_ended_run_says_its_outcome() -> None:
    final = states()[-1]
    assert final.run is not None
    assert final.run.end is not None
    assert f"{final.run.id} {final.run.end.outcome}" in status_line(final, 0.0)


def test_ages_in_words() -> None:
    assert [ago(seconds) for seconds in (0.2, 40, 60, 3599, 7300, 200000)] == [
        "now",
        "40 s",
        "1 min",
        "59 min",
        "2 h",
        "2 d",
    ]

"""The status line: short, plain, of ids and numbers only."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ledger.samples import states
from tests.ledger.test_public import AGENT, POINT
from tmuxorch.core import model as m
from tmuxorch.core.text import is_line, width
from tmuxorch.ledger.status_line import WIDTH, status_line
from tmuxorch.ledger.words import ago


def test_it_says_how_far_who_works_and_that_somebody_waits() -> None:
    state = next(state for state in states() if state.run and state.run.phase == "execute")
    opened = replace(POINT, opened=1000.0)
    waits = replace(state, agents={"a": AGENT, "b": AGENT, "c": AGENT}, checkpoints={"C1": opened})
    assert status_line(waits, 1001.0) == "tmuxorch R1 execute 0/4 · 3 agents · ! 1 waiting"
    assert status_line(waits, 1250.0) == "tmuxorch R1 execute 0/4 · 3 agents · ! 1 waiting 4 min"
    assert status_line(m.State(), 0.0) == "tmuxorch"


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

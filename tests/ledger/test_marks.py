"""The marks of windows: one plain character each, by what is news there."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ledger.samples import states
from tests.ledger.test_public import AGENT, POINT
from tests.ledger.test_status_line import TURN, window, worker
from tmuxorch.core import model as m
from tmuxorch.ledger.marks import marks

ENDS = {outcome: m.Exited(at=2.0, outcome=outcome) for outcome in m.Outcome}


def test_each_window_says_what_is_news_there() -> None:
    lives: dict[str, m.Life] = {
        "W1": m.Queued(at=1.0),
        "W2": m.Starting(at=1.0),
        "W3": m.Running(at=1.0, pid=2, host_pid=1),
        "W4": m.Stopping(at=1.0, by="ann"),
        "W5": ENDS[m.Outcome.SUCCEEDED],
        "W6": ENDS[m.Outcome.FAILED],
        "W7": ENDS[m.Outcome.CANCELLED],
        "W8": ENDS[m.Outcome.LOST],
        "W9": m.Running(at=1.0, pid=2, host_pid=1),
    }
    shown = ("a", "b", "c", *lives, "overview", "checkpoints", "controller")
    state = m.State(
        agents={name: replace(AGENT, name=name) for name in "abc"},
        turns={"T1": TURN, "T2": replace(TURN, id="T2", agent="b")},
        workers={name: worker(name, life) for name, life in lives.items()},
        checkpoints={"C1": replace(POINT, source="b"), "C2": replace(POINT, id="C2", source="W9")},
        windows={name: window(name) for name in shown},
    )
    found = marks(state)
    assert "".join(f"{name}{mark} " for name, mark in found.items()) == (
        "a* b! c W1 W2* W3* W4* W5+ W6x W7 W8x W9! overview checkpoints! controller "
    )
    quiet = replace(
        state, checkpoints={one: replace(POINT, state=m.Closed(2.0, "a", m.Answer())) for one in "C"}
    )
    assert [marks(quiet)[key] for key in ("b", "W9", "checkpoints")] == ["*", "*", ""]


def test_of_windows_alone_and_in_ascii() -> None:
    for state in states():
        assert marks(state).keys() == state.windows.keys()
        assert {*marks(state).values()} <= {"", "!", "x", "*", "+"}

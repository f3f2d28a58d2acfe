"""When people are called: the transition alone, after a while, not again and again. No clock runs here."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ledger.test_public import POINT
from tmuxorch.controller import calls
from tmuxorch.controller.calls import News, Pending
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.pattern import Pattern
from tmuxorch.core.text import is_line
from tmuxorch.store.config import Notify

CARD = POINT.card
ENDED = m.Closed(1.0, "ann", m.Answer())


class Phone:
    """A controller that has begun at 1000 and called everybody since whenever the time had come."""

    def __init__(self, **settings: object) -> None:
        self.settings = Notify(**{"dwell": 1, "cooldown": 5, "grace": 3, **settings})  # type: ignore[arg-type]
        self.state = m.State()
        self.pending = Pending(begun=1000.0)
        self.calls: list[tuple[float, list[str]]] = []

    def opens(self, now: float, *names: str, source: str = "app") -> None:
        points = {name: replace(POINT, id=name, source=source) for name in names}
        self.state = replace(self.state, checkpoints=self.state.checkpoints | points)
        self.hears(now, *(_opened(point) for point in points.values()))

    def closes(self, *names: str) -> None:
        closed = {name: replace(self.state.checkpoints[name], state=ENDED) for name in names}
        self.state = replace(self.state, checkpoints=self.state.checkpoints | closed)

    def hears(self, now: float, *events: e.Event) -> None:
        self.pending = calls.heard(self.pending, self.state, events, self.settings, now)

    def waits(self, until: float) -> None:
        """Looks when it is said to, and only then."""
        while (when := calls.due(self.pending, self.settings)) is not None and when <= until:
            early, nothing = calls.take(self.pending, self.state, self.settings, when - 0.01)
            assert (early, nothing) == (self.pending, ())
            self.pending, news = calls.take(self.pending, self.state, self.settings, when)
            if news:
                self.calls.append((when, [one.id for one in news]))
                self.pending = calls.told(self.pending, when)

    def lines(self, now: float) -> list[News]:
        return list(calls.take(self.pending, self.state, self.settings, now)[1])


def _opened(point: m.Checkpoint) -> e.Event:
    return e.CheckpointOpened(
        id=point.id, source=point.source, item="", origin=point.origin, card=point.card, digest="d"
    )


def test_what_opens_is_told_once_when_it_has_stayed_open() -> None:
    phone = Phone()
    phone.opens(1010.0, "C1", "C2")
    phone.closes("C2")
    phone.waits(1100.0)
    phone.hears(1100.0, e.CheckpointChanged(id="C1", card=CARD, digest="e"))
    phone.waits(1200.0)
    assert phone.calls == [(1011.0, ["C1"])]
    phone.hears(1200.0, e.CheckpointReopened(id="C1", reason="its answer was lost"))
    phone.waits(1300.0)
    assert phone.calls[1:] == [(1201.0, ["C1"])]


def test_what_opens_soon_after_a_call_is_told_together_later() -> None:
    phone = Phone()
    phone.opens(1010.0, "C1")
    phone.waits(1011.5)
    phone.opens(1012.0, "C2")
    phone.opens(1014.0, "C3")
    phone.opens(1015.5, "C4")
    phone.closes("C2")
    phone.waits(1100.0)
    assert phone.calls == [(1011.0, ["C1"]), (1016.0, ["C3"]), (1021.0, ["C4"])]


def test_what_nobody_was_called_about_delays_no_call() -> None:
    phone = Phone()
    phone.opens(1010.0, "C1")
    phone.pending, news = calls.take(phone.pending, phone.state, phone.settings, 1011.0)
    assert [one.id for one in news] == ["C1"]  # and somebody has it before their eyes
    phone.opens(1011.5, "C2")
    phone.waits(1100.0)
    assert phone.calls == [(1012.5, ["C2"])]


def test_a_controller_that_starts_sums_up_what_opens_at_first() -> None:
    phone = Phone()
    for number in range(1, 6):
        phone.opens(999.5 + number / 2, f"C{number}")
    phone.waits(1100.0)
    assert phone.calls == [(1004.0, ["C1", "C2", "C3", "C4", "C5"])]
    now = Phone(dwell=0, cooldown=0, grace=0)
    now.opens(1000.0, "C1")
    now.waits(1000.0)
    assert now.calls == [(1000.0, ["C1"])]


def test_about_whom_is_muted_nobody_is_called() -> None:
    phone = Phone()
    phone.opens(1010.0, "C1", "C2")
    phone.opens(1010.0, "C3", source="W1")
    phone.state = replace(phone.state, muted={"app": "ann"})
    phone.waits(1020.0)
    phone.state = replace(phone.state, muted={})
    phone.waits(1100.0)
    assert phone.calls == [(1011.0, ["C3"])]


def ends() -> tuple[m.State, list[e.Event]]:
    """A worker, one of a pattern, a pattern and a run end."""
    spec = m.WorkerSpec(label="look", cwd="/")
    life = m.Queued(at=1.0)
    of_pattern = replace(spec, pattern="P1")
    pattern = Pattern(name="review", title="", about="", letter="A", parameters={}, steps=())
    state = m.State(
        workers={
            "W1": m.Worker(id="W1", spec=spec, life=life, queued=1.0),
            "W2": m.Worker(id="W2", spec=of_pattern, life=life, queued=1.0),
        },
        patterns={
            "P1": m.PatternRun(id="P1", spec=m.PatternSpec(pattern=pattern, task="", cwd="/"), started=1.0)
        },
    )
    bad = "exit 1\x1b]52;c;AAAA\a\nand \u202emore"
    return state, [
        e.JobExited(id="W1", outcome=m.Outcome.FAILED, reason=bad),
        e.JobExited(id="W2", outcome=m.Outcome.SUCCEEDED),
        e.JobExited(id="K1", outcome=m.Outcome.SUCCEEDED),
        e.PatternEnded(id="P1", outcome=m.PatternOutcome.SUCCEEDED, summary="3 findings"),
        e.RunEnded(run="R1", outcome=m.RunOutcome.SUCCEEDED),
    ]


def test_ends_are_told_to_whom_asks_for_them_alone() -> None:
    phone, quiet = Phone(finished=True), Phone()
    state, events = ends()
    for one in (phone, quiet):
        one.state = state
        one.hears(1010.0, *events)
    news = phone.lines(1011.0)
    assert calls.summary(news) == (
        "W1 look failed: exit 1 and more · P1 review succeeded: 3 findings · R1 succeeded"
    )
    assert [one.windows for one in news] == [("W1",), ("overview",), ("orchestrator", "overview")]
    assert quiet.lines(1011.0) == []
    phone.state = replace(state, muted={"orchestrator": "ann", "W1": "ann"})
    assert [one.id for one in phone.lines(1011.0)] == ["P1"]


def test_a_call_is_one_line_of_bearable_length() -> None:
    title = "rm -rf /\n\x1b[2J#(touch x)" + "日" * 300
    point = replace(POINT, card=replace(CARD, title=title), source="app")
    phone = Phone()
    phone.state = m.State(
        checkpoints={f"C{number}": replace(point, id=f"C{number}") for number in range(1, 10)}
    )
    phone.hears(1010.0, *(_opened(one) for one in phone.state.checkpoints.values()))
    line = calls.summary(phone.lines(1011.0))
    assert is_line(line)
    assert line.startswith("C1 app: rm -rf / #(touch x)日日")
    assert line.endswith("… · and 6 more")
    assert len(line) < 280

"""Whatever happens in whatever order: no news wake the lead twice, and none that it waits for stay untold."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.core.play_waking import OUTCOME, Led
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import mark
from tmuxorch.core.evolve import evolve
from tmuxorch.core.plan import LEAD


class Person:
    """Somebody at the lead's window, who types now and then; the controller looks before it wakes."""

    def __init__(self) -> None:
        self.types = False


WORLD = (
    "news",
    "others",
    "wake",
    "takes",
    "ends",
    "fails",
    "refuses",
    "interrupts",
    "dies",
    "arrives",
    "is killed",
    "talks",
    "types",
    "is told",
    "limit",
)


def step(led: Led, person: Person, what: str) -> None:
    """One thing happens, if it can."""
    turn = next((one for one in led.state.turns.values() if one.agent == LEAD and one.in_flight), None)
    active = turn.state if turn and isinstance(turn.state, m.TurnActive) else None
    up = led.state.agents[LEAD].ready
    match what:
        case "news" | "others":
            led.hears(LEAD if what == "news" else "")
        case "wake" if not person.types and led.due():
            led.tell(msg.WakeLead())
        case "takes" if turn and not active:
            led.begins(LEAD)
        case "refuses" if turn and not active:
            led.refused()
        case "ends" if active:
            led.quiet(active.codex_turn)
        case "interrupts" if active:
            led.quiet(active.codex_turn, OUTCOME.INTERRUPTED)
        case "fails" if active:
            led.quiet(active.codex_turn, OUTCOME.FAILED)
        case "limit" if active:
            limit = m.Limit(kind=m.LimitKind.USAGE, until=led.now + 3)
            failed = OUTCOME.FAILED
            led.tell(msg.TurnFinished(agent=LEAD, codex_turn=active.codex_turn, outcome=failed, limit=limit))
        case "dies" if up:
            led.dies(LEAD)
        case "arrives" if not up:
            _served(led)
        case "is killed" if up:
            seen = [_seen(turn, active)] if turn and active else []
            led.loads(LEAD, *seen)
        case "talks" if up and turn is None:
            led.talks(f"u{len(led.journal)}")
        case "types":
            person.types = not person.types
        case "is told" if active:
            led.asked(led.state.news_count, active.codex_turn)
        case _:
            pass


def _served(led: Led) -> None:
    """Its server is there again, if need be since a human wants it."""
    if not m.is_live(led.state.agents[LEAD].server):
        led.tell(msg.WantAgent(name=LEAD, wanted=True, by="ann"))
    led.up(LEAD)


def _seen(turn: m.Turn, active: m.TurnActive) -> msg.SeenTurn:
    ours = turn.purpose is m.Purpose.WAKE
    return msg.SeenTurn(codex_turn=active.codex_turn, mark=mark(turn) if ours else "theirs", outcome=None)


def taken(led: Led) -> list[tuple[str, int, int]]:
    """Which turns that wake it Codex took, and the first and last news that they told; the tries of one are one. What a
    try told that was cut short counts as not heard.
    """
    spans: dict[str, tuple[int, int]] = {}
    state, found = m.State(), dict[str, tuple[int, int]]()
    for at, event in led.journal:
        state = evolve(state, event, at)
        match event:
            case e.TurnSending(id=name) if state.turns[name].purpose is m.Purpose.WAKE:
                spans[name] = state.turns[name].news
            case e.TurnStarted(id=name) if name in spans:
                found[name] = spans[name]
            case e.TurnRequeued(id=name):
                found.pop(name, None)
    return [(name, *span) for name, span in found.items()]


def _asked_since(led: Led, turn: str) -> bool:
    """Whether the lead was told news when it asked, after that turn was lost."""
    events = [event for _, event in led.journal]
    lost = max(at for at, one in enumerate(events) if isinstance(one, e.TurnRequeued) and one.id == turn)
    return any(isinstance(one, e.NewsTold) for one in events[lost:])


STEPS = st.sampled_from(WORLD + ("news", "wake", "takes", "arrives") * 4)
"""Mostly what brings it on, often enough what disturbs."""


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=60))
@example(["news", "wake", "takes", "interrupts", "news", "wake", "takes"])
@example(["news", "wake", "takes", "dies", "arrives", "wake", "takes"])
@example(["news", "wake", "takes", "dies", "arrives", "talks", "is told", "ends", "wake", "news", "wake"])
@example(["news", "wake", "refuses", "wake", "refuses", "news", "wake", "takes", "limit", "types", "news"])
@example(["news", "wake", "takes", "dies", "arrives", "wake", "refuses"])
@example(["news", "wake", "takes", "dies", "arrives", "wake", "news", "refuses"])
def test_no_news_wake_it_twice_and_none_stay_untold(steps: list[str]) -> None:
    led, person = Led(), Person()
    for what in steps:
        before = len(led.journal)
        step(led, person, what)
        sent = (event.id for _, event in led.journal[before:] if isinstance(event, e.TurnSending))
        assert not (person.types and any(led.state.turns[name].purpose is m.Purpose.WAKE for name in sent))
    person.types = False
    for _ in range(12):
        led.clock(led.now + 1000)
        for what in ("arrives", "wake", "takes", "ends"):
            step(led, person, what)
    told = taken(led)
    for number, (_, first, _) in enumerate(told):
        assert all(last < first for _, _, last in told[:number]), told
    failed = {one.origin.turn for one in led.state.checkpoints.values() if isinstance(one.origin, m.FromWake)}
    never = [
        one for one in led.state.turns.values() if one.id in failed and one.id not in {t[0] for t in told}
    ]
    woken = [one.number for one in led.state.news if one.wakes]
    heard = max([led.state.lead.told, *(one.news[1] for one in never)])
    assert all(number <= heard for number in woken), (woken, heard)
    assert not never or led.opened() or led.state.lead.told >= led.state.lead.woken
    assert not led.due()
    for turn in led.state.turns.values():
        if turn.purpose is m.Purpose.WAKE and turn.over and turn.over.outcome is OUTCOME.CANCELLED:
            assert _asked_since(led, turn.id), "given up although it was cut short"

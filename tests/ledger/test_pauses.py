"""A refused account, as people and programs see it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tests.ledger.samples import states
from tests.ledger.test_public import AGENT, POINT, PROJECT
from tmuxorch.core import model as m
from tmuxorch.ledger import public, runs_view
from tmuxorch.ledger.status_line import WIDTH, status_line
from tmuxorch.ledger.words import clock

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 11, 20, 21, 0, tzinfo=ROME).timestamp()
FAR = "ws://127.0.0.1:4500"


def pause(ahead: float, kind: m.LimitKind = m.LimitKind.USAGE) -> m.Pause:
    return m.Pause(kind=kind, reason="You’ve hit it.", since=NOW - 5, until=NOW + ahead, by="backend")


@pytest.fixture
def state() -> m.State:
    """A run in its phase execute, with two agents of our account and one of another."""
    state = next(state for state in states() if state.run and state.run.phase == "execute")
    agents = {"backend": AGENT, "mobile": AGENT, "far": replace(AGENT, endpoint=FAR)}
    return replace(state, agents=agents, pauses={m.OURS: pause(3600)})


def test_the_public_object_of_a_pause(state: m.State) -> None:
    assert public.status(state, PROJECT, NOW).paused == public.Paused(
        account=None,
        kind=m.LimitKind.USAGE,
        title="usage limit",
        reason="You’ve hit it.",
        since="2026-11-20T19:59:55.000Z",
        until="2026-11-20T21:00:00.000Z",
        by="backend",
        agents=("backend", "mobile"),
    )
    assert public.status(replace(state, pauses={}), PROJECT, NOW).paused is None


def test_our_own_account_comes_first(state: m.State) -> None:
    far = replace(state, pauses={FAR: pause(60, m.LimitKind.AUTH)})
    told = public.paused(far)
    assert told
    assert (told.account, told.title, told.agents) == (FAR, "not logged in", ("far",))
    both = public.paused(replace(far, pauses=far.pauses | state.pauses))
    assert both
    assert both.account is None


def test_the_status_line_has_the_time_of_the_wall(state: m.State) -> None:
    assert status_line(state, NOW, ROME) == "tmuxorch R1 execute 0/4 · paused until 22:00"
    tomorrow = replace(state, pauses={m.OURS: pause(4 * 3600)}, checkpoints={"C1": POINT})
    line = status_line(tomorrow, NOW, ROME)
    assert "paused until 2026-11-21 01:00" in line
    assert len(line) <= WIDTH
    assert clock(NOW, NOW, ROME) == "21:00"


def test_runs_md_says_what_is_waited_for(state: m.State) -> None:
    waits = runs_view.view(replace(state, checkpoints={"C1": POINT}), NOW).waiting_on
    ours = "the Codex account (usage limit), until 2026-11-20 21:00 UTC"
    assert waits == f"{ours}; C1 {POINT.card.title}"
    far = replace(state, checkpoints={}, pauses={FAR: pause(60)})
    assert runs_view.view(far, NOW).waiting_on.startswith(f"the account of {FAR} (usage limit), until ")

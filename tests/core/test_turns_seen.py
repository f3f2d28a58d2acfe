"""Turns that somebody begins in Codex's own TUI: ours wait for them, and nothing of them is sent again."""

from __future__ import annotations

import pytest

from tests.core.play import Story, asks, codex_turn, task
from tests.core.play_led import executing, orders
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import mark
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import Refused


def types(story: Story, agent: str) -> m.Turn:
    """Somebody types to an agent in its TUI, and Codex begins a turn for that."""
    number = story.state.counters.get("T", 0) + 1
    seen = msg.TurnSeen(
        agent=agent, generation=story.state.agents[agent].generation, codex_turn=f"codex-T{number}-1"
    )
    story.tell(seen)
    turn = story.turn(agent)
    assert (turn.id, turn.purpose, turn.run) == (f"T{number}", m.Purpose.TALK, "")
    return turn


@pytest.fixture
def story() -> Story:
    """A led run in which nothing has begun; backend and mobile are idle."""
    return executing(task("1", "backend"), task("2", "mobile", "1"))


def test_an_item_waits_until_its_child_has_answered_the_person(story: Story) -> None:
    types(story, "backend")
    orders(story)
    assert (story.run.ordered, story.status("1")) == (("1",), ["ready"])
    story.finishes("backend", "It is Monday.")
    assert (story.turn("backend").purpose, story.status("1")) == (m.Purpose.ITEM, ["running"])


def test_who_types_into_the_work_on_an_item_adds_to_it(story: Story) -> None:
    orders(story)
    for _ in range(2):  # being sent, and active
        turn = story.turn("backend")
        story.on(msg.TurnSeen(agent="backend", generation=1, codex_turn="somebody's"))
        if isinstance(turn.state, m.TurnSent):
            story.begins("backend")
    story.finishes("backend")
    types(story, "backend")
    story.check_ends(passes=False)
    assert [turn.purpose for turn in story.state.turns.values() if turn.over is None] == [
        m.Purpose.TALK,
        m.Purpose.FIX,
    ]
    story.finishes("backend", "Yes.")
    assert story.turn("backend").purpose is m.Purpose.FIX
    assert story.turn("backend").attempt == 1


def test_what_a_server_takes_along_that_a_person_began_is_not_sent_again(story: Story) -> None:
    turn = types(story, "backend")
    story.tell(msg.Ask(agent="backend", text="how far are you?"))
    story.dies("backend")
    over = story.state.turns[turn.id].over
    assert over is not None
    assert over.outcome is m.TurnOutcome.LOST
    story.up("backend")
    assert story.turn("backend").purpose is m.Purpose.ASK


def test_a_refused_account_ends_it_and_pauses_the_others(story: Story) -> None:
    turn = types(story, "backend")
    refused = msg.TurnFinished(
        agent="backend",
        codex_turn=codex_turn(turn),
        outcome=m.TurnOutcome.FAILED,
        error="usage limit",
        limit=m.Limit(kind=m.LimitKind.USAGE),
    )
    events = story.tell(refused)
    assert [type(event) for event in events] == [e.Paused, e.TurnEnded]
    orders(story)
    assert story.status("1") == ["running"]
    assert isinstance(next(reversed(story.state.turns.values())).state, m.TurnPending)


def test_it_can_be_interrupted_and_what_it_asks_waits_for_people(story: Story) -> None:
    turn = types(story, "backend")
    story.tell(asks("backend", codex_turn=codex_turn(turn)))
    asked = story.the_checkpoint()
    assert isinstance(asked.origin, m.FromServer)
    assert (asked.origin.turn, asked.blocks) == (turn.id, ())
    story.tell(msg.Steer(agent="backend", text="and be quick"))
    story.tell(msg.Interrupt(agent="backend", by="ann"))
    story.finishes("backend", "", m.TurnOutcome.INTERRUPTED)
    assert isinstance(story.state.checkpoints[asked.id].state, m.Lapsed)
    story.refuses(msg.Interrupt(agent="backend", by="ann"), Refused, "backend has no active turn")


def test_the_lead_is_not_stopped_in_the_midst_of_a_talk(story: Story) -> None:
    types(story, LEAD)
    for wish in (msg.OpenLead(full=False, by="ann"), msg.OpenLead(full=True, by="ann")):
        story.refuses(wish, Refused, "the lead is at work on T")
    story.finishes(LEAD)
    story.tell(msg.OpenLead(full=False, by="ann"))


def test_what_a_thread_is_at_when_it_is_loaded_is_known_from_then_on(story: Story) -> None:
    story.dies("backend")
    story.tell(msg.ProcessStarted(ref=story.ref("backend"), pid=100, host_pid=99))
    theirs = msg.SeenTurn(codex_turn="codex-T99-1", mark="8c2f", outcome=None)
    story.loads("backend", theirs)
    seen = story.turn("backend")
    assert (seen.purpose, isinstance(seen.state, m.TurnActive)) == (m.Purpose.TALK, True)
    story.loads("backend", theirs)
    assert story.turn("backend").id == seen.id
    story.loads(
        "backend", msg.SeenTurn(codex_turn="codex-T99-1", mark="8c2f", outcome=m.TurnOutcome.COMPLETED)
    )
    orders(story)
    ours = story.turn("backend")
    story.loads("backend", msg.SeenTurn(codex_turn=codex_turn(ours), mark=mark(ours), outcome=None))
    assert story.turn("backend").id == ours.id


def test_what_another_server_told_says_nothing(story: Story) -> None:
    story.on(msg.TurnSeen(agent="backend", generation=0, codex_turn="u1"))
    story.on(msg.TurnSeen(agent="nobody", generation=1, codex_turn="u1"))
    story.dies("backend")
    story.on(msg.TurnSeen(agent="backend", generation=1, codex_turn="u1"))

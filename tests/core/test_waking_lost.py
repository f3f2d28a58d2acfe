"""A turn that is to wake the lead, and is lost on its way, with the server, or for want of an account."""

from __future__ import annotations

import pytest

from tests.core.play import codex_turn
from tests.core.play_waking import OUTCOME, Led
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import mark
from tmuxorch.core.plan import LEAD


@pytest.fixture
def led() -> Led:
    return Led()


def test_one_that_is_lost_with_the_server_waits_for_its_moment_again(led: Led) -> None:
    led.hears()
    led.wakes()
    led.begins(LEAD)
    led.dies(LEAD)
    assert not led.due()
    assert led.tell(msg.ProcessStarted(ref=led.ref(LEAD), pid=100, host_pid=99)) != []
    assert e.TurnSending not in [type(one) for one in led.loads(LEAD)], "somebody may type"
    led.hears()
    assert led.wakes().news == (1, 3)
    led.begins(LEAD)
    led.dies(LEAD)
    assert led.the_checkpoint().origin == m.FromWake("T1")


def test_one_that_has_ended_with_the_server_is_not_sent_again(led: Led) -> None:
    led.hears()
    turn = led.wakes()
    led.begins(LEAD)
    led.dies(LEAD)
    led.tell(msg.ProcessStarted(ref=led.ref(LEAD), pid=100, host_pid=99))
    done = msg.SeenTurn(codex_turn=codex_turn(turn), mark=mark(turn), outcome=OUTCOME.COMPLETED)
    led.loads(LEAD, done)
    assert led.state.turns[turn.id].over
    assert not led.due()


def test_one_that_never_arrived_waits_for_its_moment_again_and_one_that_did_is_found(led: Led) -> None:
    led.hears()
    turn = led.wakes()
    assert [type(one) for one in led.loads(LEAD)] == [e.TurnRequeued]
    assert led.state.lead.told == 0
    turn = led.wakes()
    led.loads(LEAD, msg.SeenTurn(codex_turn="u9", mark=mark(turn), outcome=None))
    assert (type(led.turn(LEAD).state), led.due()) == (m.TurnActive, False)


def test_one_that_arrives_late_is_told_once_and_what_is_new_with_the_next(led: Led) -> None:
    led.hears()
    turn = led.wakes()
    led.loads(LEAD)
    led.hears()
    late = msg.TurnSeen(agent=LEAD, generation=led.generation, codex_turn="u9", mark=mark(turn))
    led.on(late, e.TurnStarted(id=turn.id, codex_turn="u9", generation=led.generation))
    led.on(late)
    led.quiet("u9")
    assert led.wakes().news == (2, 2)
    led.on(late)


def test_while_it_waits_it_may_ask_by_itself_and_is_not_woken_then(led: Led) -> None:
    led.hears()
    led.wakes()
    led.begins(LEAD)
    led.dies(LEAD)
    led.up(LEAD)
    led.talks()
    led.asked(1, "u1")
    led.quiet()
    assert [type(one) for one in led.tell(msg.WakeLead())] == [e.TurnEnded]
    assert not led.due()


def test_an_account_that_is_refused_puts_it_off(led: Led) -> None:
    led.hears()
    led.wakes()
    led.begins(LEAD)
    for _ in range(3):
        limit = m.Limit(kind=m.LimitKind.USAGE)
        turn = led.turn_id(LEAD)
        led.tell(
            msg.TurnFinished(agent=LEAD, codex_turn=turn, outcome=OUTCOME.FAILED, error="x", limit=limit)
        )
        assert not led.due()
        led.tell(msg.ResumeNow(by="ann"))
        led.wakes()
        led.begins(LEAD)
    led.finishes(LEAD)
    assert (led.due(), led.opened()) == (False, [])

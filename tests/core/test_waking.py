"""When the lead is woken: for what it waits for, once, all of it together, and never while it is at work."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.core.play_waking import OUTCOME, Led
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.evolve import NEWS_KEPT
from tmuxorch.core.plan import LEAD


@pytest.fixture
def led() -> Led:
    return Led()


def test_it_is_woken_once_for_all_that_has_come_and_goes_on(led: Led) -> None:
    name = led.begins_worker()
    ended = led.ends(name)
    assert [type(one) for one in ended] == [e.JobExited], "nothing is between the end and the waking"
    led.begins_worker("")
    led.ends("W2")
    assert led.due()
    assert [type(one) for one in led.tell(msg.WakeLead())] == [e.TurnQueued, e.TurnSending]
    turn = led.turn(LEAD)
    assert turn.news == (1, 2)
    assert led.tell(msg.WakeLead()) == []
    led.hears()
    assert (led.due(), led.turn(LEAD).news) == (False, (1, 2)), "what comes now is for the next one"
    led.begins(LEAD)
    assert not led.due()
    led.finishes(LEAD)
    assert led.wakes().news == (3, 3)
    led.finishes(LEAD)
    assert not led.due()
    led.hears(by="")
    assert not led.due(), "a person's worker is not waited for"
    led.hears()
    assert led.wakes().news == (4, 5), "and told with the next"


def test_it_is_not_woken_while_it_is_at_work_closed_stopped_paused_or_asked_not_to_be(led: Led) -> None:
    led.talks()
    led.hears()
    assert not led.due()
    led.quiet()
    assert led.due()
    assert not led.due(idle=False)
    assert not led.due(wakes=False)
    led.tell(msg.Ask(agent=LEAD, text="well?"))
    assert not led.due()
    led.finishes(LEAD)
    led.tell(msg.WantAgent(name=LEAD, wanted=False, by="ann"))
    assert not led.due()
    led.dies(LEAD)
    led.tell(msg.WantAgent(name=LEAD, wanted=True, by="ann"))
    assert not led.due()
    led.up(LEAD)
    assert led.due()
    led.tell(msg.Ask(agent="app", text="well?"))
    led.begins("app")
    led.tell(
        msg.TurnFinished(
            agent="app",
            codex_turn=led.turn_id("app"),
            outcome=OUTCOME.FAILED,
            error="usage limit",
            limit=m.Limit(kind=m.LimitKind.USAGE),
        )
    )
    assert led.state.pauses
    assert not led.due()
    led.tell(msg.ResumeNow(by="ann"))
    assert led.due()
    led.tell(msg.CloseLead(by="ann"))
    led.dies(LEAD)
    led.up(LEAD)
    assert not led.due()
    led.tell(msg.OpenLead(full=False, by="ann"))
    led.dies(LEAD)
    led.up(LEAD)
    assert not led.due(), "who opens it waits for nothing that was before"


def test_in_a_run_that_people_began_it_is_asked_by_turns_and_told_the_rest_afterwards(led: Led) -> None:
    led.tell(msg.StartRun(problem="p", children=("app",)))
    led.hears()
    assert not led.due()
    led.tell(msg.CancelRun(run="R1", by="ann"))
    for turn in [turn for turn in led.state.turns.values() if turn.in_flight]:
        led.finishes(turn.agent, outcome=OUTCOME.INTERRUPTED)
    assert led.due()


def test_what_it_did_itself_is_no_reason(led: Led) -> None:
    led.settings = replace(led.settings, exec_workers=1)
    running = led.begins_worker()
    led.tell(msg.QueueWorker(id="W2", spec=m.WorkerSpec(label="look", cwd="/repos/app", by=LEAD)))
    led.tell(msg.StopJob(id="W2", by=LEAD))
    led.tell(msg.StopJob(id=running, by=LEAD))
    led.ends(running, m.Outcome.KILLED)
    led.tell(msg.Ask(agent="app", text="x", by=LEAD))
    led.begins("app")
    led.tell(msg.Interrupt(agent="app", by=LEAD))
    led.finishes("app", outcome=OUTCOME.INTERRUPTED)
    led.tell(msg.StartRun(problem="p", children=("app",), led=LEAD))
    assert led.run.led == LEAD
    led.tell(msg.CancelRun(run="R1", by=LEAD))
    assert led.state.news_count >= 4
    assert not led.due(), [one.text for one in led.state.news if one.wakes]
    third = led.begins_worker()
    led.tell(msg.StopJob(id=third, by="ann"))
    led.ends(third, m.Outcome.KILLED)
    assert led.due(), "somebody else did that"


def test_what_it_was_told_when_it_asked_does_not_wake_it(led: Led) -> None:
    led.talks()
    led.hears()
    assert led.asked(1, "u1") == [e.NewsTold(upto=1)]
    assert led.asked(1, "u1") == led.asked(2, "u1") == [], "once, and nothing that is not there yet"
    led.quiet()
    assert not led.due()
    led.talks("u2")
    led.hears()
    led.quiet("u2", OUTCOME.INTERRUPTED)
    assert led.asked(2, "u2") == [], "Codex throws that away"
    led.talks("u3")
    assert led.asked(2, "u2") == []
    led.tell(msg.Interrupt(agent=LEAD, by="ann"))
    assert led.asked(2, "u3") == [], "and that, in a moment"
    led.quiet("u3", OUTCOME.INTERRUPTED)
    assert led.wakes().news == (2, 2)


def test_news_that_are_not_kept_any_more_wake_it_too(led: Led) -> None:
    led.talks()
    led.hears()
    for _ in range(NEWS_KEPT):
        led.hears(by="")
    assert not any(one.wakes for one in led.state.news)
    led.quiet()
    assert led.wakes().news == (1, NEWS_KEPT + 1)


def test_a_person_who_interrupts_it_has_the_news_in_the_thread(led: Led) -> None:
    led.hears()
    led.wakes()
    led.begins(LEAD)
    led.tell(msg.Interrupt(agent=LEAD, by="ann"))
    led.finishes(LEAD, outcome=OUTCOME.INTERRUPTED)
    assert (led.due(), led.opened()) == (False, [])
    led.hears()
    assert led.wakes().news == (2, 2)


@pytest.mark.parametrize("taken", [False, True])
def test_one_that_fails_is_sent_once_more_with_what_is_new_then_a_human_is_asked(
    led: Led, taken: bool
) -> None:
    fails = led.fails if taken else lambda agent: led.refused()
    led.hears()
    led.wakes()
    again = fails(LEAD)
    assert [type(one) for one in again if not isinstance(one, e.TurnStarted)] == [e.TurnRequeued]
    assert led.state.turns["T1"].over is None
    led.hears()
    assert led.wakes().news == (1, 2)
    fails(LEAD)
    assert led.the_checkpoint().origin == m.FromWake("T1")
    assert led.the_checkpoint().card.body in ("no", "stream disconnected")
    assert not led.due(), "not for ever"
    led.hears()
    assert led.wakes().news == ((3, led.state.news_count) if taken else (1, led.state.news_count))
    led.finishes(LEAD)
    assert led.opened() == []
    assert not led.due()


def test_a_human_has_it_woken_again_with_the_same_news_or_leaves_it(led: Led) -> None:
    led.hears()
    led.wakes()
    led.fails(LEAD)
    led.wakes()
    led.fails(LEAD)
    led.answers("retry")
    for _ in range(2):
        assert led.wakes().news[0] == 1
        led.fails(LEAD)
    led.answers("leave")
    assert (led.opened(), led.due()) == ([], False)
    led.talks()
    led.quiet()
    assert not led.due(), "it is in its thread"


def test_what_codex_never_took_is_told_once_the_lead_has_done_another_turn(led: Led) -> None:
    led.hears()
    for _ in range(2):
        led.wakes()
        led.refused()
    led.talks()
    led.quiet()
    assert led.opened() == []
    assert led.wakes().news[0] == 1


def test_a_lead_that_waits_holds_up_nobodys_turn_and_nobody_its(led: Led) -> None:
    led.settings = replace(led.settings, turns=1)
    led.hears()
    led.tell(msg.Ask(agent="app", text="x"))
    led.wakes()
    led.finishes("app")
    led.tell(msg.Ask(agent="app", text="x"))
    assert isinstance(led.turn("app").state, m.TurnSent)


def test_a_closed_lead_is_not_woken_by_what_was_left(led: Led) -> None:
    led.hears()
    led.wakes()
    led.refused()
    led.tell(msg.CloseLead(by="ann"))
    assert led.state.turns["T1"].over
    led.dies(LEAD)
    led.up(LEAD)
    assert not led.due()

"""Work in a run that an agent leads by itself: what begins, what fails, how it ends, and the words that it is given."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.core.play import Story, task
from tests.core.play_led import (
    CLAUDE,
    begun,
    executing,
    gated,
    of,
    orders,
    proved,
    understood,
    untold,
)
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, Plan
from tmuxorch.errors import NotFound, Refused, UsageError

THREE = task("1", "backend"), task("2", "mobile", "1"), task("3", "mobile")


def plan_of(story: Story) -> Plan:
    assert story.run.plan is not None
    return story.run.plan


# -- the word to begin


def test_nothing_begins_before_who_leads_says_so() -> None:
    story = gated(*THREE)
    early = msg.OrderItems(items=(), by=LEAD)
    story.refuses(early, Refused, "R1 is in its phase gate: no plan is in force")
    story.accepts()
    story.tell(msg.Tick())
    assert story.status("1", "2", "3") == ["ready", "pending", "ready"]
    (ordered, *_) = orders(story)
    assert ordered == e.ItemsOrdered(run="R1", items=("1", "3"), by=LEAD)
    assert story.status("1", "2", "3") == ["running", "pending", "running"]
    story.refuses(early, Refused, "no item of R1 is ready and not begun")
    proved(story, "backend")
    proved(story, "mobile")
    assert story.status("1", "2", "3") == ["done", "ready", "done"]


def test_an_item_that_is_ordered_too_early_begins_when_it_can() -> None:
    story = executing(*THREE)
    story.refuses(
        msg.OrderItems(items=("1", "9"), by=LEAD), NotFound, "the plan has no item '9'; there are: 1, 2, 3"
    )
    orders(story, "2", "1", "2")
    assert story.run.ordered == ("2", "1")
    assert story.status("1", "2", "3") == ["running", "pending", "ready"]
    story.on(msg.OrderItems(items=("1", "2"), by=LEAD))
    proved(story, "backend")
    assert story.status("1", "2", "3") == ["done", "running", "ready"]
    story.on(msg.OrderItems(items=("1",), by=LEAD))


def test_human_tasks_open_by_themselves_and_hold_up_what_needs_them() -> None:
    story = executing(task("1", LEAD), task("2", "mobile", "1"))
    assert story.the_checkpoint().origin == m.FromHumanItem("R1", "1")
    story.answers(text="I saw it")
    assert story.status("1", "2") == ["done", "ready"]
    orders(story)
    assert story.turn("mobile").item == "2"


def test_items_that_came_under_the_id_of_one_that_was_taken_out_are_not_ordered() -> None:
    story = executing(*THREE)
    orders(story, "2")
    whole = plan_of(story)
    story.tell(msg.PlanRead(plan=replace(whole, items=(whole.items[0], whole.items[2]))))
    story.tell(msg.PlanRead(plan=whole))
    orders(story, "1")
    proved(story, "backend")
    assert story.status("1", "2") == ["done", "ready"]


# -- work


def test_a_lead_that_waits_in_its_turn_for_the_work_takes_up_no_place() -> None:
    story = executing(task("1", "backend"), settings=msg.Settings(turns=1))
    story.tell(msg.TurnSeen(agent=LEAD, generation=1, codex_turn="typed"))
    orders(story)
    assert story.status("1") == ["running"]
    assert isinstance(story.turn("backend").state, m.TurnSent)


def test_a_failing_check_goes_to_a_fix_and_then_to_a_human_as_ever() -> None:
    story = executing(*THREE)
    orders(story, "1")
    story.finishes("backend")
    story.check_ends(passes=False)
    assert story.turn("backend").purpose is m.Purpose.FIX
    story.finishes("backend")
    story.check_ends(passes=False)
    offered = [choice.key for choice in story.the_checkpoint().card.choices]
    assert offered == ["retry", "instruct", "recheck", "replan", "skip", "abort"]
    story.answers("instruct", "with care")
    assert (story.status("1"), story.run.items["1"].decisions) == (["running"], ("with care",))
    proved(story, "backend")
    assert story.status("1", "2") == ["done", "ready"]


@pytest.mark.parametrize(
    ("choice", "after"),
    [("retry", "running"), ("skip", "skipped"), ("abort", "failed")],
)
def test_what_a_human_says_to_a_failure(choice: str, after: str) -> None:
    story = executing(*THREE)
    orders(story, "1")
    story.fails("backend")
    story.answers(choice, "with care")
    assert story.status("1") == [after]
    assert untold(story) == []
    if choice == "abort":
        assert story.run.end == m.RunEnd(
            story.now, m.RunOutcome.FAILED, "item 1 was given up (aborted by ann)"
        )


def test_a_led_run_ends_without_words_and_takes_them_later_as_often_as_they_come() -> None:
    story = gated(task("1", "backend"))
    words = msg.GiveReport(run="R1", words="Done.", by=LEAD)
    story.refuses(words, Refused, "R1 is still in its phase gate")
    story.accepts()
    orders(story)
    proved(story, "backend")
    assert (story.run.phase, story.run.words) == (m.Phase.ENDED, "")
    assert story.run.end == m.RunEnd(story.now, m.RunOutcome.SUCCEEDED)
    story.on(words, e.ReportGiven(run="R1", words="Done."))
    story.on(replace(words, run="", words="Better."), e.ReportGiven(run="R1", words="Better."))
    story.refuses(replace(words, words=" \x00 "), UsageError, "the report has no words")
    story.refuses(replace(words, run="R9"), NotFound, "no run R9")
    assert story.run.words == "Better."
    Story().refuses(replace(words, run=""), NotFound, "there was no run yet")


def connecting() -> Story:
    """No server answers yet."""
    story = Story()
    story.project("backend", "mobile")
    story.tell(msg.StartRun(problem="p", children=("backend", "mobile"), led=LEAD))
    return story


def verifying() -> Story:
    """The proofs run once more over the end state."""
    story = executing(task("1", "backend"))
    orders(story)
    story.finishes("backend")
    story.check_ends(passes=True)
    return story


PHASES: tuple[tuple[Callable[[], Story], m.Phase], ...] = (
    (connecting, m.Phase.CONNECT),
    (begun, m.Phase.UNDERSTAND),
    (understood, m.Phase.PLAN),
    (gated, m.Phase.GATE),
    (executing, m.Phase.EXECUTE),
    (verifying, m.Phase.VERIFY),
)


@pytest.mark.parametrize(("story", "phase"), PHASES)
def test_a_led_run_can_be_cancelled_in_every_phase(story: Callable[[], Story], phase: m.Phase) -> None:
    told = story()
    assert told.run.phase is phase
    events = told.tell(msg.CancelRun(run="R1", by="ann"))
    assert of(events, e.RunEnded) == [
        e.RunEnded(run="R1", outcome=m.RunOutcome.CANCELLED, reason="cancelled by ann")
    ]
    assert (told.opened(), untold(told)) == ([], [])
    told.tell(msg.StartRun(problem="again", children=("backend",), led=CLAUDE))
    assert told.run.id == "R2"


def test_a_run_that_was_given_up_at_work_leaves_nothing_behind() -> None:
    story = executing(*THREE)
    orders(story)
    story.finishes("backend")
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert story.status("1", "2", "3") == ["failed", "blocked", "failed"]
    story.ends(story.check().id, m.Outcome.KILLED)
    assert all(turn.over or turn.agent == "mobile" for turn in story.state.turns.values())

"""A run that an agent leads by itself: it gives the plan, the word to begin and the report, and keeps the rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.core import play
from tests.core.play import Story, task
from tests.core.play_led import (
    CLAUDE,
    TOKEN,
    begun,
    executing,
    gated,
    orders,
    proposes,
    proved,
    reports,
    said,
    understood,
    untold,
)
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, Plan
from tmuxorch.errors import PlanError, Refused, UsageError

THREE = task("1", "backend"), task("2", "mobile", "1"), task("3", "mobile")


def plan_of(story: Story) -> Plan:
    assert story.run.plan is not None
    return story.run.plan


def edits(story: Story, id: str, **changes: object) -> list[e.Event]:
    """A human edits an item in plan.md."""
    items = (replace(one, **changes) if one.id == id else one for one in plan_of(story).items)
    return story.tell(msg.PlanRead(plan=story.edited(tuple(items))))


# -- the whole


@pytest.mark.parametrize("by", [LEAD, CLAUDE])
def test_a_led_run_from_kickoff_to_report_asks_its_lead_for_nothing(by: str) -> None:
    story = understood(by=by)
    assert story.state.agents[LEAD].ready
    assert [turn.agent for turn in story.state.turns.values() if turn.agent == LEAD] == []
    proposes(story, said(contracts=(TOKEN,)))
    assert (story.run.phase, plan_of(story).contracts[0].name) == (m.Phase.GATE, "token")
    story.accepts()
    assert story.status("1", "2") == ["ready", "pending"]
    orders(story)
    proved(story, "backend")
    assert story.status("1", "2") == ["done", "ready"]
    orders(story, "2")
    proved(story, "mobile")  # and the checks of the phase verify
    assert story.run.end == m.RunEnd(story.now, m.RunOutcome.SUCCEEDED)
    reports(story, "Both agree.\x1b[31m")
    assert story.run.words == "Both agree."
    assert untold(story) == []
    assert story.opened() == []


def test_who_leads_without_our_lead_does_not_need_it() -> None:
    story = Story()
    story.project("backend")
    story.tell(msg.WantAgent(name=LEAD, wanted=False, by="ann"))
    story.up("backend")
    story.tell(msg.StartRun(problem="p", children=("backend",), led=CLAUDE))
    assert (story.run.phase, story.state.agents[LEAD].wanted) == (m.Phase.UNDERSTAND, False)


def test_there_is_one_run_at_a_time_whoever_leads() -> None:
    story = begun(by=CLAUDE)
    again = msg.StartRun(problem="p", children=("backend",), led=LEAD)
    story.refuses(again, Refused, "R1 is still in its phase understand")
    story.refuses(replace(again, led=""), Refused, "R1 is still in its phase understand")


WISHES: tuple[Callable[[], msg.Message], ...] = (
    lambda: msg.ProposePlan(plan=said(), by=LEAD),
    lambda: msg.RevisePlan(plan=said(), reason="r", by=LEAD),
    lambda: msg.OrderItems(items=(), by=LEAD),
)


@pytest.mark.parametrize("wish", WISHES)
def test_a_run_that_a_person_began_is_not_led_by_an_agent(wish: Callable[[], msg.Message]) -> None:
    story = Story()
    story.refuses(wish(), Refused, "there is no run")
    story = play.executing()
    story.refuses(wish(), Refused, "R1 was begun by a person and asks its lead by itself")
    story.tell(msg.CancelRun(run="R1", by="ann"))
    story.refuses(wish(), Refused, "there is no run")
    late = msg.GiveReport(run="R1", words="w", by=LEAD)
    story.refuses(late, Refused, "R1 is not led by you: its report is asked for in a turn")


# -- the plan


def test_no_plan_before_all_briefs_are_there_and_none_after_it_is_accepted() -> None:
    story = begun()
    early = msg.ProposePlan(plan=said(), by=LEAD)
    story.refuses(early, Refused, "R1 is in its phase understand: not all briefs are there yet")
    story = executing()
    story.refuses(early, Refused, "the plan of R1 is in force already")


@pytest.mark.parametrize(
    ("plan", "wrong"),
    [
        (
            said(task("1", "frontend"), task("2", "mobile", "9")),
            "item 1: unknown owner 'frontend'; the children are: backend, mobile (and orchestrator for human tasks)\n"
            "item 2: it depends on '9', which is no item",
        ),
        (said(task("1", "backend", "2"), task("2", "mobile", "1")), "the dependencies go in a circle: "),
        (said(objective="\x00"), "the plan has no objective"),
        (
            said(task("1", "backend", contract="token")),
            "item 1: it names the contract 'token', which the plan",
        ),
        (said(contracts=(replace(TOKEN, consumers=("web",)),)), "contract token: unknown consumer 'web'"),
        (said(contracts=(TOKEN, TOKEN)), "the contract 'token' is there twice"),
        (said(task("1", "backend", verification=())), "item 1: it has no verification command"),
        ("Here is my plan", "the answer is not the JSON asked for: "),
        ("{}", "the answer is not the JSON asked for: "),
        ("[" * 100_000, "the answer is not the JSON asked for: "),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_and_nothing_is_recorded(plan: str, wrong: str) -> None:
    story = understood()
    story.refuses(msg.ProposePlan(plan=plan, by=LEAD), PlanError, wrong)
    proposes(story)
    story.refuses(msg.ProposePlan(plan=plan, by=LEAD), PlanError, wrong)
    assert story.run.repairs == 0


def test_what_the_kickoff_asks_for_and_references_count_in_a_led_run() -> None:
    story = Story(msg.Settings(references=frozenset({"mobile"})))
    story.project("backend", "mobile")
    story.up("backend", "mobile", LEAD)
    wish = m.Request(kind=m.RequestKind.LOGGING, text="say more")
    story.tell(msg.StartRun(problem="p", children=("backend", "mobile"), requests=(wish,), led=LEAD))
    play.described(story)
    early = msg.ProposePlan(plan=said(), by=LEAD)
    story.refuses(early, PlanError, "item 2: mobile is only a reference")
    story.refuses(early, PlanError, "no item answers the kickoff's request for logging")


def test_another_plan_at_the_gate_renews_the_card_and_what_was_read_cannot_be_accepted() -> None:
    story = gated()
    shown = story.the_checkpoint()
    (proposed, renewed) = proposes(story, said(*THREE))
    assert isinstance(proposed, e.PlanProposed)
    assert isinstance(renewed, e.CheckpointChanged)
    late = msg.AnswerCheckpoint(id=shown.id, answer=m.Answer(choice="accept"), by="ann", digest=shown.digest)
    story.refuses(late, Refused, f"{shown.id} has changed since it was shown")
    assert [one.id for one in story.opened()] == [shown.id]
    story.accepts()
    assert list(story.run.items) == ["1", "2", "3"]


def test_edits_by_hand_stay_however_often_the_lead_proposes_without_them() -> None:
    story = gated(*THREE)
    edits(story, "2", verification=("make lint",))
    edited = plan_of(story)
    story.tell(msg.PlanRead(plan=replace(edited, items=edited.items[:2])))
    for number in range(3):
        proposes(story, said(*THREE, objective=f"Agree {number}"))
        assert plan_of(story).objective == f"Agree {number}"
        assert [(one.id, one.verification) for one in plan_of(story).items] == [
            ("1", ("make test",)),
            ("2", ("make lint",)),
        ]
    edits(story, "2", verification=("make test",))
    proposes(story, said(task("1", "backend"), task("2", "mobile", "1", verification=("make all",))))
    assert [one.verification for one in plan_of(story).items] == [("make test",), ("make all",)]


def test_a_human_who_wishes_another_plan_is_heard_by_who_leads() -> None:
    story = gated()
    story.refuses(story.reply("revise"), UsageError, "revise wants the change that you wish as text")
    edits(story, "1", title="By hand")
    story.answers("revise", "mobile first")
    assert (story.run.phase, untold(story), story.opened()) == (m.Phase.PLAN, [], [])
    wish = "a human wishes another plan of R1 (propose_plan): revise · mobile first"
    assert (wish, True) in [(one.text, one.wakes) for one in story.state.news]
    proposes(story, said(task("2", "mobile"), task("1", "backend", "2")))
    assert [(one.id, one.title) for one in plan_of(story).items] == [("2", "Title of 2"), ("1", "By hand")]
    assert story.the_checkpoint().id == "C2"


def test_a_plan_that_is_declined_ends_the_run() -> None:
    story = gated()
    story.answers("decline", "not now")
    assert story.run.end == m.RunEnd(
        story.now, m.RunOutcome.CANCELLED, "the plan was declined by ann: not now"
    )
    said_so = "R1 ended, cancelled: the plan was declined by ann: not now; give your words on it (report_run)"
    assert (said_so, True) in [(one.text, one.wakes) for one in story.state.news]
    reports(story)

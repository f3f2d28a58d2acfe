"""A run that an agent leads by itself, as it is read: who leads it, and what it waits for from there."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from tests.core import play
from tests.core.play import Story, task
from tests.core.play_led import (
    CLAUDE,
    executing,
    orders,
    proposes,
    proved,
    reports,
    revises,
    said,
    understood,
)
from tmuxorch.cli import render
from tmuxorch.core import messages as msg
from tmuxorch.core.plan import LEAD
from tmuxorch.ledger import public, report_md, runs_md, runs_view
from tmuxorch.ledger.words import awaited_of_lead

THREE = task("1", "backend"), task("2", "mobile", "1"), task("3", "mobile")


def overall(story: Story) -> tuple[str, str]:
    """Overall status and Waiting on, of runs.md."""
    view = runs_view.view(story.state, story.now)
    return view.overall_status, view.waiting_on


def shown(story: Story) -> public.Run:
    """The public run, as it comes out at the other end."""
    run = public.run(story.state, story.run)
    assert msgspec.json.decode(msgspec.json.encode(run), type=public.Run) == run
    return run


def test_runs_md_says_who_leads_and_what_is_waited_for() -> None:
    story = understood(by=CLAUDE)
    assert overall(story) == (
        "R1 plan, led by claude-code (mcp): they disagree",
        "claude-code (mcp): the plan",
    )
    proposes(story, said(*THREE))
    assert overall(story)[1] == "C1 the plan of R1: 3 items"
    story.accepts()
    assert overall(story) == (
        "R1 execute 0/3, led by claude-code (mcp): they disagree",
        "claude-code (mcp): the word to begin items 1, 3",
    )
    orders(story, "3")
    assert overall(story)[1] == "claude-code (mcp): the word to begin item 1"
    orders(story)
    assert overall(story)[1] == "nothing"
    story.fails("backend")
    assert overall(story)[1].startswith("C2 ")
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert overall(story)[1] == "nothing"


def test_a_change_that_is_to_come_is_waited_for_beside_what_could_begin() -> None:
    story = executing(*THREE)
    orders(story, "1")
    for _ in range(2):
        story.finishes("backend")
        story.check_ends(passes=False)
    story.answers("replan", "the test is wrong")
    assert awaited_of_lead(story.run) == "a change of the plan and the word to begin item 3"


def test_the_public_run_names_its_leader_and_what_waits_for_it() -> None:
    story = executing(*THREE, task("4", LEAD))
    run = shown(story)
    assert (run.led, [(one.item, one.awaits_lead) for one in run.items]) == (
        LEAD,
        [("1", True), ("2", False), ("3", True), ("4", False)],
    )
    orders(story, "1")
    assert [one.awaits_lead for one in shown(story).items] == [False, False, True, False]
    rows = render.item_rows(msgspec.to_builtins(shown(story)))
    assert [row[3] for row in rows] == ["", "after 1", "waits for the lead's word", ""]
    (row,) = render.run_rows([msgspec.to_builtins(shown(story))])
    assert row[2] == "0 of 4 items · led by orchestrator"


def test_the_report_says_who_led_and_what_it_said() -> None:
    story = executing(task("1", "backend"), by=CLAUDE)
    orders(story)
    proved(story, "backend")
    before = report_md.render(story.state, story.run, story.now)
    assert "- Led by: claude-code (mcp)\n" in before
    assert "### The lead" not in before
    reports(story, "Both agree.")
    after = report_md.render(story.state, story.run, story.now)
    assert "### The lead\n\n> Both agree.\n" in after
    assert [one.result for one in story.state.log if one.intent == "R1: they disagree"] == [
        "Started with backend, mobile, led by claude-code (mcp)."
    ]


@pytest.mark.parametrize(("by", "named"), [(CLAUDE, CLAUDE), (LEAD, "The lead")])
def test_runs_md_tells_what_who_leads_gave_and_ordered(by: str, named: str) -> None:
    story = executing(*THREE, by=by)
    orders(story, "1", "3")
    orders(story, "1", "2")
    revises(story, said(*THREE, task("4", "mobile")), "a fourth comes too")
    entries = runs_md.parse(runs_md.render(runs_view.view(story.state, story.now))).entries
    assert [
        (one.child, one.intent, one.result, one.next_step) for one in entries if one.intent.startswith("R1")
    ] == [
        (LEAD, "R1: they disagree", f"Started with backend, mobile, led by {by}.", ""),
        (by, "R1: plan the work", "A plan of 3 items.", "A human reads it, unless it needs no approval."),
        (by, "R1: begin items 1, 3", "Ordered.", "Each begins when what it depends on is done."),
        (by, "R1: begin item 2", "Ordered.", "Each begins when what it depends on is done."),
        (
            LEAD,
            "R1: look at the plan again",
            "Cause: a fourth comes too",
            f"{named} proposes a change; held meanwhile: nothing.",
        ),
        (by, "R1: change of the plan", f"{named} proposes a change.", "A human decides on it."),
    ]


@pytest.mark.parametrize("stage", [play.understood, play.gated, play.executing])
def test_a_run_that_a_person_began_reads_as_before(stage: Callable[[], Story]) -> None:
    story = stage()
    run = shown(story)
    assert (run.led, any(one.awaits_lead for one in run.items)) == (None, False)
    assert "led by" not in overall(story)[0]
    assert "Led by" not in report_md.render(story.state, story.run, story.now)
    assert awaited_of_lead(story.run) == ""
    assert "led by" not in render.run_line(msgspec.to_builtins(run))

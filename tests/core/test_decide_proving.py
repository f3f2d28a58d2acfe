"""Proofs: what a failed check leads to, how often an agent may try, and what a human can have done again."""

from __future__ import annotations

import pytest
from msgspec import json

from tests.core.play import Story, executing, task
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m

ONE = task("1", "backend", verification=("a", "b"))
SAID = {
    "summary": "Mended.",
    "contract_changes": [],
    "open_questions": ["Does the token expire?"],
}


def checked(*passes: bool, settings: msg.Settings | None = None) -> Story:
    """Item 1 was worked on; its two checks have ended so."""
    story = executing(ONE, settings=settings)
    story.finishes("backend")
    for one in passes:
        story.check_ends(one)
    return story


def choices(story: Story) -> list[str]:
    return [choice.key for choice in story.the_checkpoint().card.choices]


def mended(story: Story, *passes: bool) -> None:
    """The agent mends it; the checks end so."""
    story.finishes("backend", "Mended.")
    for one in passes:
        story.check_ends(one)


def test_the_turn_that_mends_gets_what_every_failed_check_printed() -> None:
    story = checked(False, False)
    turn = story.turn("backend")
    assert turn.purpose is m.Purpose.FIX
    assert turn.text.count("the end of its output") == 2
    assert [line for line in turn.text.splitlines() if line.startswith("$")] == [
        "$ a   (in backend)",
        "$ b   (in backend)",
    ]


@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_so_many_turns_are_given_before_a_human_is_asked(attempts: int) -> None:
    story = checked(True, False, settings=msg.Settings(attempts=attempts))
    for _ in range(attempts - 1):
        assert story.opened() == []
        mended(story, True, False)
    title = "item 1 fails its check" + (" after a fix" if attempts > 1 else "")
    assert story.the_checkpoint().card.title == title
    assert choices(story) == ["retry", "instruct", "recheck", "replan", "skip", "abort"]


def test_a_humans_say_gives_as_many_turns_again() -> None:
    story = checked(True, False)
    mended(story, True, False)
    story.answers("instruct", "look at the clock")
    mended(story, True, False)
    assert (story.turn("backend").purpose, story.opened()) == (m.Purpose.FIX, [])
    mended(story, True, False)
    assert choices(story)[0] == "retry"
    assert (story.run.items["1"].attempts, story.run.items["1"].fixes) == (2, 2)


def test_what_is_tried_again_is_told_why() -> None:
    story = checked(True, False)
    mended(story, True, False)
    card = story.the_checkpoint().card
    story.answers("retry")
    assert story.turn("backend").text.endswith(f"a human was asked:\n{card.title}\n{card.body}")


def test_recheck_runs_the_checks_alone_with_the_work_as_it_is() -> None:
    story = checked(True, False)
    mended(story, True, False)
    turns = len(story.state.turns)
    events = story.answers("recheck")
    queued = [event for event in events if isinstance(event, e.CheckQueued)]
    assert [(one.command, one.number) for one in queued] == [("a", 5), ("b", 6)]
    assert len(story.state.turns) == turns
    story.check_ends(passes=True)
    story.check_ends(passes=True)
    assert story.status("1") == ["done"]


def test_a_check_that_says_nothing_about_the_work_is_not_for_the_agent_to_mend() -> None:
    story = checked(True)
    story.ends(story.check().id, m.Outcome.KILLED, -1)
    assert story.the_checkpoint().card.title == "a check of item 1 could not be run to its end"
    assert choices(story) == ["retry", "instruct", "recheck", "skip", "abort"]
    story.answers("recheck")
    story.check_ends(passes=True)
    story.check_ends(passes=True)
    assert (story.status("1"), story.run.items["1"].fixes) == (["done"], 0)


def test_replan_has_the_plan_looked_at_and_holds_the_item() -> None:
    story = checked(True, False)
    mended(story, True, False)
    events = story.answers("replan", "split it")
    wanted = next(event for event in events if isinstance(event, e.ReplanWanted))
    assert (wanted.cause, wanted.holds) == ("item 1 fails its check after a fix: split it", ("1",))
    assert story.progress("1") == m.ItemPending()
    assert story.status("1") == ["pending"]


def test_what_the_agent_leaves_open_is_recorded() -> None:
    story = executing(ONE)
    story.finishes("backend", json.encode(SAID).decode())
    item = story.run.items["1"]
    assert (item.summary, item.questions) == ("Mended.", ("Does the token expire?",))

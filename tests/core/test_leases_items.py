"""An item of a run is a writer too: from its first turn on until it is settled nobody else writes in its place."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from tests.core.play import Story, accepted, codex_turn, executing, task
from tests.core.play_workers import lives, worker
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.answers import ItemAnswer
from tmuxorch.core.leases import claims, waits_for
from tmuxorch.core.plan import LEAD

ITEM = "item 1 of R1"


def busy(*tasks: ItemAnswer, lease: str = "/repos/backend", settings: msg.Settings | None = None) -> Story:
    """A worker that edits there is at work when the plan is accepted."""
    story = accepted(*(tasks or [task("1", "backend")]), settings=settings)
    story.tell(worker("W1", lease))
    story.finds_places()
    return story


def holders(story: Story) -> dict[str, bool]:
    """Who has a claim, and whether it is held."""
    return {claim.holder: claim.held for claim in claims(story.state)}


def ids(events: Iterable[e.Event], kind: type[e.TurnSending] | type[e.JobStarting]) -> list[str]:
    return [event.id for event in events if isinstance(event, kind)]


# -- who waits for whom


@pytest.mark.parametrize("lease", ["/repos/backend", "/repos/backend/src", "/repos", "/"])
def test_a_turn_waits_for_a_worker_that_writes_in_its_place(lease: str) -> None:
    story = busy(lease=lease)
    assert holders(story) == {"W1": True, ITEM: False}
    assert waits_for(claims(story.state), ITEM) == ("W1",)
    assert story.status("1") == ["running"]
    events = story.ends("W1")
    assert len(ids(events, e.TurnSending)) == 1
    assert holders(story) == {ITEM: True}


@pytest.mark.parametrize("lease", ["/repos/mobile", "/repos/backend2", "/trees/backend"])
def test_a_worker_elsewhere_holds_up_nothing(lease: str) -> None:
    story = busy(lease=lease)
    assert story.turn("backend").item == "1"


def test_an_item_that_waits_for_a_worker_keeps_no_place_within_the_limit() -> None:
    story = busy(task("1", "backend"), task("2", "mobile"), settings=msg.Settings(turns=1))
    assert story.turn("mobile").item == "2", "mobile works while backend's item waits"
    story.finishes("mobile")
    story.ends("W1")
    assert story.turn("backend").item == "1"


def test_one_that_reads_holds_up_nothing() -> None:
    story = accepted(task("1", "backend"))
    story.tell(worker("W1"))
    story.finds_places()
    assert story.turn("backend").item == "1"


def test_a_worktree_of_the_item_is_another_place() -> None:
    story = accepted(task("1", "backend"))
    story.tell(worker("W1", "/repos/backend"))
    story.finds("backend", worktree=True)
    assert story.turn("backend").item == "1"


def test_questions_to_a_child_are_asked_while_its_item_waits() -> None:
    story = busy()
    story.tell(msg.Ask(agent="backend", text="how far are you?"))
    assert story.turn("backend").purpose is m.Purpose.ASK
    story.ends("W1")
    story.finishes("backend")
    assert story.turn("backend").item == "1"


def test_who_asked_first_is_first_also_between_workers_and_items() -> None:
    story = busy()
    story.tell(worker("W2", "/repos/backend/src"))
    story.tell(worker("W3", "/elsewhere"))
    assert waits_for(claims(story.state), "W2") == ("W1", ITEM)
    assert lives(story)["W3"] is m.Starting
    events = story.ends("W1")
    assert (ids(events, e.TurnSending), ids(events, e.JobStarting)) == ([story.turn("backend").id], [])
    assert lives(story)["W2"] is m.Queued


def test_the_place_is_the_items_from_its_first_turn_until_it_is_done() -> None:
    story = executing(task("1", "backend"), settings=msg.Settings(commit="item", attempts=2))
    story.tell(worker("W1", "/repos/backend"))
    held = {"W1": False, ITEM: True}

    def is_held(progress: type[m.ItemProgress]) -> None:
        assert (type(story.progress("1")), holders(story)) == (progress, held)

    is_held(m.ItemWorking)
    story.begins("backend")
    is_held(m.ItemWorking)
    story.finishes("backend")
    is_held(m.ItemChecking)
    story.check_ends(False)
    assert story.turn("backend").purpose is m.Purpose.FIX, "nobody gets between a check and what mends it"
    is_held(m.ItemWorking)
    story.finishes("backend")
    story.check_ends(False)
    is_held(m.ItemDeciding)
    story.answers("recheck")
    is_held(m.ItemChecking)
    story.check_ends(True)
    is_held(m.ItemCommitting)
    story.tell(msg.CommitFailed(run="R1", item="1", child="backend", reason="locked"))
    is_held(m.ItemDeciding)
    story.answers("retry")
    is_held(m.ItemCommitting)
    events = story.tell(msg.CommitMade(run="R1", item="1", child="backend", commit="c" * 40))
    assert "W1" in ids(events, e.JobStarting)
    assert holders(story) == {"W1": True}


def test_a_fix_waits_for_its_agent_and_keeps_the_place() -> None:
    story = executing(task("1", "backend"))
    story.tell(worker("W1", "/repos/backend"))
    story.finishes("backend")
    story.dies("backend")
    story.check_ends(False)
    assert isinstance(story.state.turns[working(story).turn].state, m.TurnPending)
    assert holders(story) == {"W1": False, ITEM: True}


def working(story: Story) -> m.ItemWorking:
    progress = story.progress("1")
    assert isinstance(progress, m.ItemWorking)
    return progress


def test_a_turn_that_is_sent_once_more_keeps_the_place() -> None:
    story = executing(task("1", "backend"))
    story.tell(worker("W1", "/repos/backend"))
    story.begins("backend")
    story.dies("backend")
    assert isinstance(story.state.turns[working(story).turn].state, m.TurnPending)
    assert holders(story) == {"W1": False, ITEM: True}
    story.up("backend")
    assert story.turn("backend").attempt == 2


def test_a_turn_of_a_refused_account_keeps_the_place() -> None:
    story = executing(task("1", "backend"))
    story.tell(worker("W1", "/repos/backend"))
    turn = story.begins("backend")
    limit = m.Limit(kind=m.LimitKind.USAGE, until=story.now + 60)
    story.tell(
        msg.TurnFinished(
            agent="backend",
            codex_turn=codex_turn(turn),
            outcome=m.TurnOutcome.FAILED,
            error="no",
            limit=limit,
        )
    )
    assert holders(story) == {"W1": False, ITEM: True}
    events = story.clock(story.state.pauses[m.OURS].until)
    assert (ids(events, e.TurnSending), ids(events, e.JobStarting)) == ([turn.id], [])


@pytest.mark.parametrize("choice", ["retry", "instruct"])
def test_an_item_that_is_begun_anew_asks_anew(choice: str) -> None:
    story = executing(task("1", "backend"))
    story.tell(worker("W1", "/repos/backend"))
    story.begins("backend")
    story.fails("backend")
    assert lives(story)["W1"] is m.Queued
    assert ids(story.answers(choice, "with care"), e.JobStarting) == ["W1"]
    assert holders(story) == {"W1": True, ITEM: False}
    story.ends("W1")
    assert story.turn("backend").item == "1"


@pytest.mark.parametrize("choice", ["skip", "abort"])
def test_an_item_that_is_left_lets_go(choice: str) -> None:
    story = executing(task("1", "backend"))
    story.tell(worker("W1", "/repos/backend"))
    story.begins("backend")
    story.fails("backend")
    assert ids(story.answers(choice), e.JobStarting) == ["W1"]


# -- what is given up while Codex works on it


def test_a_cancelled_run_holds_its_place_as_long_as_codex_writes_there() -> None:
    story = executing(task("1", "backend"))
    story.begins("backend")
    story.tell(worker("W1", "/repos/backend/src"))
    assert ids(story.tell(msg.CancelRun(run="R1", by="ann")), e.JobStarting) == []
    assert holders(story) == {"W1": False, ITEM: True}
    events = story.finishes("backend", "", m.TurnOutcome.INTERRUPTED)
    assert ids(events, e.JobStarting) == ["W1"]


def test_nobody_knows_whether_a_turn_that_is_being_sent_writes() -> None:
    story = executing(task("1", "backend"))
    story.tell(worker("W1", "/repos/backend"))
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert holders(story) == {"W1": False, ITEM: True}
    assert ids(story.dies("backend"), e.JobStarting) == ["W1"]


def test_an_aborted_item_holds_its_place_as_long_as_codex_writes_there() -> None:
    tasks = task("1", "backend"), task("2", "mobile")
    story = executing(*tasks)
    story.begins("backend")
    story.begins("mobile")
    story.tell(worker("W1", "/repos/backend"))
    story.fails("mobile")
    assert ids(story.answers("abort"), e.JobStarting) == []
    events = story.finishes("backend", "", m.TurnOutcome.INTERRUPTED)
    assert "W1" in ids(events, e.JobStarting)


def test_a_pending_turn_of_a_cancelled_run_holds_up_nobody() -> None:
    story = busy()
    story.tell(worker("W2", "/repos/backend"))
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert holders(story) == {"W1": True, "W2": False}
    assert ids(story.ends("W1"), e.JobStarting) == ["W2"]


def test_items_of_the_next_run_wait_for_what_the_last_one_left() -> None:
    story = executing(task("1", "backend"))
    story.begins("backend")
    story.tell(msg.CancelRun(run="R1", by="ann"))
    story.tell(msg.StartRun(problem="again", children=("backend",), fresh=True))
    story.tell(worker("W1", "/repos/backend"))
    assert holders(story) == {"W1": False, ITEM: True}
    assert story.run.id == "R2"


# -- items among each other


def test_children_within_each_other_write_one_after_the_other() -> None:
    story = accepted(task("1", "backend"), task("2", "mobile"))
    inner = m.Place(path="/repos/backend/app", branch="main", head="0" * 40)
    story.finds("backend")
    story.tell(msg.PlaceFound(run="R1", child="mobile", place=inner))
    assert holders(story) == {ITEM: True, "item 2 of R1": False}
    assert waits_for(claims(story.state), "item 2 of R1") == (ITEM,)
    story.finishes("backend")
    assert not [turn for turn in story.state.turns.values() if turn.item == "2" and turn.in_flight]
    story.check_ends(True)
    assert story.turn("mobile").item == "2"


def test_a_human_task_has_no_place() -> None:
    story = executing(task("1", LEAD), task("2", "backend", "1"))
    assert isinstance(story.progress("1"), m.ItemDeciding)
    story.tell(worker("W1", "/"))
    assert holders(story) == {"W1": True}
    story.answers(text="I saw it")
    assert waits_for(claims(story.state), "item 2 of R1") == ("W1",)
    story.ends("W1")
    assert story.turn("backend").item == "2"


def test_the_turn_of_a_reference_that_waits_is_given_up_and_a_human_decides() -> None:
    story = busy()
    story.settings = replace(story.settings, references=frozenset({"backend"}))
    story.tell(worker("W2", "/repos/backend"))
    assert isinstance(story.progress("1"), m.ItemDeciding)
    story.ends("W1")
    assert lives(story)["W2"] is m.Queued, "it is the item's until somebody has decided"
    item = next(one for one in story.opened() if isinstance(one.origin, m.FromItem))
    story.tell(msg.AnswerCheckpoint(id=item.id, answer=m.Answer(choice="skip"), by="ann"))
    assert lives(story)["W2"] is m.Starting

"""Places: found before any item begins, asked about when somebody has changed something there."""

from __future__ import annotations

import pytest

from tests.core.play import (
    Story,
    accepted,
    described,
    executing,
    gated,
    place,
    plan_said,
    started,
    task,
)
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, HumanKind
from tmuxorch.errors import Refused, UsageError

PAIR = task("1", "backend"), task("2", "mobile")
MOBILE = frozenset({"mobile"})


def looked(*dirty: str, settings: msg.Settings | None = None) -> Story:
    """Two items, of two owners; backend's place was looked at."""
    story = accepted(*PAIR, settings=settings)
    story.finds("backend", *dirty)
    return story


def choices(story: Story) -> list[str]:
    return [choice.key for choice in story.the_checkpoint().card.choices]


def test_every_owner_needs_a_place_before_its_items_begin() -> None:
    story = accepted(*PAIR, task("3", LEAD, "1"))
    assert story.due() == [f.PreparePlace("R1", "backend"), f.PreparePlace("R1", "mobile")]
    assert story.status("1", "2") == ["ready", "ready"]
    assert story.finds("mobile")[0] == e.PlaceRecorded(run="R1", child="mobile", place=place("mobile"))
    assert story.status("1", "2") == ["ready", "running"]
    assert story.due() == [f.PreparePlace("R1", "backend")]
    story.finds("backend")
    assert (story.status("1"), story.due()) == (["running"], [])


def test_a_place_is_taken_once() -> None:
    story = looked()
    other = msg.PlaceFound(run="R1", child="backend", place=place("backend", worktree=True))
    story.on(other)
    assert story.run.places["backend"] == place("backend")


def test_checks_run_where_the_items_are_worked_on_to_the_end() -> None:
    story = accepted(task("1", "backend"), settings=msg.Settings(isolation="worktree"))
    story.finds("backend", worktree=True)
    story.finishes("backend")
    story.check_ends(passes=True)
    story.check_ends(passes=True)
    assert [(check.stage, check.cwd) for check in story.state.checks.values()] == [
        (m.Stage.ITEM, "/trees/backend"),
        (m.Stage.AFTER, "/trees/backend"),
    ]


def test_a_repo_with_changes_is_asked_about_and_holds_up_nobody_else() -> None:
    story = looked("notes.txt", "src/a.py")
    story.finds("mobile")
    checkpoint = story.the_checkpoint()
    assert (checkpoint.source, checkpoint.origin) == ("backend", m.FromPlace(run="R1", child="backend"))
    assert checkpoint.card.title == "backend has changes that are not committed"
    assert checkpoint.card.body == (
        "In /repos/backend, changed before anything was done:\n  notes.txt\n  src/a.py"
    )
    assert choices(story) == ["proceed", "worktree", "abort"]
    assert checkpoint.blocks == ("1",)
    assert story.status("1", "2") == ["ready", "running"]
    assert story.due() == []


def test_a_place_holds_up_its_owners_items_and_what_needs_them() -> None:
    story = accepted(
        task("1", "backend"), task("2", "mobile"), task("3", "mobile", "1"), task("4", LEAD, "3")
    )
    story.finds("backend", "notes.txt")
    assert story.the_checkpoint().blocks == ("1", "3", "4")


def test_only_so_many_paths_are_shown() -> None:
    card = looked(*(f"{number:03}" for number in range(250))).the_checkpoint().card
    assert card.body.splitlines()[-2:] == ["  199", "  … and 50 more"]


def test_proceed() -> None:
    story = looked("notes.txt")
    story.answers("proceed")
    assert (story.status("1"), story.run.places["backend"].dirty) == (["running"], ("notes.txt",))


def test_worktree() -> None:
    story = looked("notes.txt")
    assert e.WorktreeWanted(run="R1", child="backend", by="ann") in story.answers("worktree")
    assert story.run.worktrees == ("backend",)
    assert f.PreparePlace("R1", "backend") in story.due()
    story.finds("backend", worktree=True)
    assert (story.status("1"), story.run.places["backend"].path) == (["running"], "/trees/backend")


def test_abort() -> None:
    story = looked("notes.txt")
    story.answers("abort")
    assert (story.run.phase, story.run.reason) == (
        m.Phase.REPORT,
        "backend could not be worked in (aborted by ann)",
    )
    assert story.due() == []


def test_the_configuration_may_say_proceed() -> None:
    story = looked("notes.txt", settings=msg.Settings(dirty="proceed"))
    assert (story.status("1"), story.opened()) == (["running"], [])


def test_the_configuration_may_say_worktree() -> None:
    story = looked("notes.txt", settings=msg.Settings(dirty="worktree"))
    assert (story.run.worktrees, story.opened()) == (("backend",), [])
    assert f.PreparePlace("R1", "backend") in story.due()


def test_a_repo_that_is_dirty_in_spite_of_the_configuration_is_asked_about() -> None:
    """A worktree was wanted, and the repo itself was found once more: never a circle."""
    story = looked("notes.txt", settings=msg.Settings(dirty="worktree"))
    story.finds("backend", "notes.txt")
    assert choices(story) == ["proceed", "worktree", "abort"]


def test_changes_in_a_worktree_are_nobodys() -> None:
    story = accepted(*PAIR)
    story.finds("backend", "left.txt", worktree=True)
    assert story.status("1") == ["running"]


def test_where_there_is_no_place_a_human_is_asked_until_there_is_one() -> None:
    story = accepted(*PAIR)
    failed = msg.PlaceFailed(run="R1", child="backend", reason="it has no commit yet")
    story.tell(failed)
    assert (story.the_checkpoint().card.body, choices(story)) == ("it has no commit yet", ["retry", "abort"])
    assert story.due() == [f.PreparePlace("R1", "mobile")]
    story.on(failed)
    story.answers("retry")
    assert f.PreparePlace("R1", "backend") in story.due()
    story.finds("backend")
    story.on(failed)


def test_what_is_found_too_late_is_nobodys() -> None:
    story = accepted(*PAIR)
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert story.due() == []
    assert story.finds("backend") == []
    story.on(msg.PlaceFailed(run="R1", child="backend", reason="it is gone"))


def test_a_cancelled_run_asks_no_more_about_places() -> None:
    story = looked("notes.txt")
    answer = story.reply("proceed")
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert story.opened() == []
    story.refuses(answer, Refused, "has lapsed: the run was ended by ann")


def test_an_edit_that_leaves_nothing_to_do_in_a_repo_ends_the_question_about_it() -> None:
    story = looked("notes.txt")
    asked = story.the_checkpoint()
    assert story.run.plan
    story.tell(msg.PlanRead(plan=story.edited(story.run.plan.items[1:])))
    assert [type(story.state.checkpoints[asked.id].state), story.opened()] == [m.Lapsed, []]


def test_an_owner_whose_items_are_given_up_needs_no_place() -> None:
    story = gated(task("1", LEAD), task("2", "mobile", "1"))
    story.makes_human("1", HumanKind.GO_NO_GO)
    story.answers("accept")
    story.finds("mobile", "notes.txt")
    task_of_a_human = next(c for c in story.opened() if isinstance(c.origin, m.FromHumanItem))
    story.tell(
        msg.AnswerCheckpoint(id=task_of_a_human.id, answer=m.Answer(choice="no-go", text="no"), by="ann")
    )
    assert (story.opened(), story.run.phase) == ([], m.Phase.REPORT)


# -- references


def test_a_run_wants_a_child_that_may_be_written_in() -> None:
    story = Story(msg.Settings(references=MOBILE))
    story.project("mobile")
    story.refuses(
        msg.StartRun(problem="they disagree", children=("mobile",)),
        UsageError,
        "nobody may write in mobile",
    )
    assert started(settings=msg.Settings(references=MOBILE)).run.phase is m.Phase.UNDERSTAND


@pytest.mark.parametrize("found", [False, True])
def test_items_of_a_reference_are_a_humans_matter(found: bool) -> None:
    """The plan is older than the configuration."""
    story = accepted(*PAIR)
    if found:
        story.settings = msg.Settings(turns=1)
        story.finds("backend")
        story.finds("mobile")
    story.settings = msg.Settings(references=MOBILE)
    story.tell(msg.Tick())
    checkpoint = story.the_checkpoint()
    assert (checkpoint.source, choices(story)) == ("mobile", ["retry", "abort"])
    assert f.PreparePlace("R1", "mobile") not in story.due()
    story.answers("retry")
    assert len(story.opened()) == 1
    story.settings = msg.Settings()
    story.answers("retry")
    story.finds_places()
    assert (story.status("2"), story.opened()) == (["running"], [])


def test_a_turn_that_waits_is_not_sent_into_a_reference() -> None:
    story = executing(task("1", "mobile"))
    story.dies("mobile")
    story.settings = msg.Settings(references=MOBILE)
    story.up("mobile")
    (turn,) = story.turns_of("mobile", m.Purpose.ITEM)
    assert turn.over
    assert turn.over.outcome is m.TurnOutcome.CANCELLED


def test_a_turn_that_writes_in_a_reference_is_interrupted() -> None:
    story = executing(task("1", "mobile"))
    story.begins("mobile")
    story.settings = msg.Settings(references=MOBILE)
    story.tell(msg.Tick())
    active = story.turn("mobile").state
    assert isinstance(active, m.TurnActive)
    assert active.interrupting


BEFORE, AFTER = "a" * 40, "b" * 40


def planned_on(branch: str, head: str) -> Story:
    """A run whose plan was made when backend was there, and has just been accepted."""
    story = started()
    story.tell(msg.SawGit(agent="backend", git=m.Git(branch=branch, head=head)))
    described(story)
    story.finishes(LEAD, plan_said(*PAIR))
    story.answers("accept")
    return story


def there(*dirty: str, branch: str = "main", head: str = BEFORE, worktree: bool = False) -> msg.PlaceFound:
    found = m.Place(path="/repos/backend", branch=branch, head=head, worktree=worktree, dirty=dirty)
    return msg.PlaceFound(run="R1", child="backend", place=found)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (there(branch="elsewhere"), "on elsewhere at aaaaaaaaaaaa now"),
        (there(head=AFTER), "on main at bbbbbbbbbbbb now"),
        (there(branch=""), "on (detached) at aaaaaaaaaaaa now"),
        (there(branch="tmuxorch/R1", head=AFTER, worktree=True), "on bbbbbbbbbbbb now"),
    ],
)
def test_a_repo_that_is_elsewhere_than_when_the_plan_was_made_is_asked_about(
    found: msg.PlaceFound, says: str
) -> None:
    story = planned_on("main", BEFORE)
    story.tell(found)
    assert story.status("1") == ["ready"]
    checkpoint = story.the_checkpoint()
    assert checkpoint.card.title == "backend is not where it was when the plan was made"
    assert "It was on main at aaaaaaaaaaaa when it was described" in checkpoint.card.body
    assert says in checkpoint.card.body
    assert choices(story) == ["proceed", "abort"]
    story.answers("proceed")
    assert story.status("1") == ["running"]


@pytest.mark.parametrize("found", [there(), there(branch="tmuxorch/R1", worktree=True)])
def test_one_that_is_where_it_was_is_not(found: msg.PlaceFound) -> None:
    story = planned_on("main", BEFORE)
    story.tell(found)
    assert story.status("1") == ["running"]


def test_a_repo_that_has_moved_and_has_changes_is_asked_about_once() -> None:
    story = planned_on("main", BEFORE)
    story.tell(there("notes.txt", head=AFTER))
    assert "  notes.txt" in story.the_checkpoint().card.body
    assert choices(story) == ["proceed", "worktree", "abort"]
    story.answers("worktree")
    story.tell(there(branch="tmuxorch/R1", head=AFTER, worktree=True))
    assert story.status("1") == ["running"]


def test_a_repo_that_had_gone_and_is_back_elsewhere_is_asked_about() -> None:
    story = planned_on("main", BEFORE)
    story.tell(msg.PlaceFailed(run="R1", child="backend", reason="it is not there any more"))
    story.answers("retry")
    story.tell(there(branch="elsewhere"))
    assert story.the_checkpoint().card.title == "backend is not where it was when the plan was made"

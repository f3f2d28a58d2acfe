"""Commits: of what is proved and nothing else, once, and never without a word when git refuses."""

from __future__ import annotations

import pytest

from tests.core.play import Story, executing, task
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import Refused

EACH, WHOLE = msg.Settings(commit="item"), msg.Settings(commit="run")
OF_ITEM, OF_RUN = f.CommitWork("R1", "1", "backend"), f.CommitWork("R1", "", "backend")
HASH = "c" * 40


def made(effect: f.CommitWork, commit: str = HASH, left: tuple[str, ...] = ()) -> msg.CommitMade:
    return msg.CommitMade(run=effect.run, item=effect.item, child=effect.child, commit=commit, left=left)


def failed(effect: f.CommitWork) -> msg.CommitFailed:
    return msg.CommitFailed(run=effect.run, item=effect.item, child=effect.child, reason="HEAD is detached")


def proved(*more: str, settings: msg.Settings = EACH) -> Story:
    """Item 1 of backend's is proved; items `more` are backend's too."""
    story = executing(task("1", "backend"), *(task(one, "backend") for one in more), settings=settings)
    story.finishes("backend", touched=("src/a.py",))
    story.check_ends(passes=True)
    return story


def test_nothing_is_committed_unless_the_configuration_says_so() -> None:
    story = proved(settings=msg.Settings())
    assert (story.status("1"), story.due()) == (["done"], [])
    story.check_ends(passes=True)
    assert (story.run.phase, story.due()) == (m.Phase.REPORT, [])


def test_an_item_is_committed_once_its_checks_have_passed() -> None:
    story = executing(task("1", "backend"), settings=EACH)
    story.finishes("backend", touched=("src/a.py",))
    assert story.due() == []
    story.check_ends(passes=True)
    assert (story.progress("1"), story.status("1")) == (m.ItemCommitting(), ["running"])
    assert story.due() == [OF_ITEM]


def test_a_commit_makes_the_item_done_and_moves_its_place() -> None:
    story = proved()
    events = story.tell(made(OF_ITEM, left=("notes.txt",)))
    assert events[:2] == [
        e.WorkCommitted(run="R1", item="1", child="backend", commit=HASH, left=("notes.txt",)),
        e.ItemMoved(run="R1", item="1", progress=m.ItemDone()),
    ]
    assert (story.run.items["1"].commit, story.run.places["backend"].head) == (HASH, HASH)
    assert story.due() == []
    story.on(made(OF_ITEM))


def test_the_next_item_of_the_owner_waits_for_the_commit_and_others_do_not() -> None:
    story = executing(task("1", "backend"), task("2", "backend"), task("3", "mobile", "1"), settings=EACH)
    story.finishes("backend")
    story.check_ends(passes=True)
    assert story.status("1", "2", "3") == ["running", "ready", "pending"]
    story.tell(made(OF_ITEM))
    assert story.status("1", "2", "3") == ["done", "running", "running"]


def test_without_anything_to_commit_the_item_is_done_all_the_same() -> None:
    story = proved()
    story.tell(made(OF_ITEM, ""))
    assert (story.status("1"), story.run.items["1"].commit) == (["done"], "")
    assert story.run.places["backend"].head == "0" * 40


def test_a_refusal_of_git_is_a_humans_matter() -> None:
    story = proved("2")
    story.tell(failed(OF_ITEM))
    checkpoint = story.the_checkpoint()
    assert (checkpoint.origin, checkpoint.item) == (m.FromCommit("R1", "1", "backend"), "1")
    assert (checkpoint.card.title, checkpoint.card.body) == (
        "item 1 could not be committed in backend",
        "HEAD is detached",
    )
    assert [choice.key for choice in checkpoint.card.choices] == ["retry", "skip", "abort"]
    assert (story.status("1", "2"), story.due()) == (["waiting", "ready"], [])
    story.on(failed(OF_ITEM))


def test_retry_commits_again() -> None:
    story = proved()
    story.tell(failed(OF_ITEM))
    story.answers("retry")
    assert (story.progress("1"), story.due()) == (m.ItemCommitting(), [OF_ITEM])
    story.tell(made(OF_ITEM))
    assert story.status("1") == ["done"]


def test_skip_goes_on_without_the_commit() -> None:
    story = proved("2")
    story.tell(failed(OF_ITEM))
    story.answers("skip")
    assert (story.status("1", "2"), story.run.items["1"].commit) == (["done", "running"], "")


def test_abort() -> None:
    story = proved()
    story.tell(failed(OF_ITEM))
    story.answers("abort")
    assert (story.status("1"), story.run.phase, story.due()) == (["failed"], m.Phase.REPORT, [])


def test_a_commit_that_was_made_after_all_ends_the_question() -> None:
    story = proved()
    story.tell(failed(OF_ITEM))
    story.tell(made(OF_ITEM))
    assert (story.status("1"), story.opened()) == (["done"], [])


def test_a_commit_of_an_item_that_was_given_up_meanwhile_is_a_fact() -> None:
    story = proved()
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert (story.status("1"), story.due()) == (["failed"], [])
    story.on(made(OF_ITEM), e.WorkCommitted(run="R1", item="1", child="backend", commit=HASH))
    story.on(made(OF_ITEM))
    story.on(failed(OF_ITEM))


def test_human_tasks_have_nothing_to_commit() -> None:
    story = executing(task("1", LEAD), settings=EACH)
    story.answers(text="a green light")
    assert (story.status("1"), story.due()) == (["done"], [])


# -- at the end of the run


def verified(passes: bool = True) -> Story:
    """A run that commits at its end; its final checks have ended."""
    story = proved(settings=WHOLE)
    assert (story.status("1"), story.due()) == (["done"], [])
    story.check_ends(passes)
    return story


def test_a_run_is_committed_once_all_is_proved() -> None:
    story = verified()
    assert (story.run.phase, story.run.committing) == (m.Phase.VERIFY, ("backend",))
    assert story.due() == [OF_RUN]
    story.tell(made(OF_RUN))
    assert (story.run.commits, story.run.committing) == ({"backend": HASH}, ())
    assert (story.run.phase, story.due()) == (m.Phase.REPORT, [])


def test_what_is_not_proved_is_not_committed() -> None:
    story = verified(passes=False)
    assert story.due() == []
    story.answers("skip")
    assert (story.run.phase, story.run.commits) == (m.Phase.REPORT, {})


def test_a_child_that_changed_nothing_is_not_committed() -> None:
    story = executing(task("1", "backend"), task("2", "mobile"), settings=WHOLE)
    story.finishes("backend", touched=("src/a.py",))
    story.finishes("mobile")
    for _ in range(4):
        story.check_ends(passes=True)
    assert story.due() == [OF_RUN]


def test_a_refusal_at_the_end_is_a_humans_matter() -> None:
    story = verified()
    story.tell(failed(OF_RUN))
    checkpoint = story.the_checkpoint()
    assert (checkpoint.card.title, checkpoint.source) == (
        "the work of the run could not be committed in backend",
        "backend",
    )
    assert (checkpoint.blocks, story.due()) == (("R1",), [])
    story.answers("retry")
    assert story.due() == [OF_RUN]
    story.tell(failed(OF_RUN))
    events = story.answers("skip")
    assert e.WorkCommitted(run="R1", item="", child="backend", commit="", left=("src/a.py",)) in events
    assert (story.run.phase, story.run.verdict) == (m.Phase.REPORT, m.RunOutcome.SUCCEEDED)


def test_a_run_can_be_aborted_for_its_commit() -> None:
    story = verified()
    story.tell(failed(OF_RUN))
    story.answers("abort")
    assert (story.run.phase, story.run.verdict, story.due()) == (
        m.Phase.REPORT,
        m.RunOutcome.FAILED,
        [],
    )


@pytest.mark.parametrize("late", [made(OF_RUN), failed(OF_RUN)])
def test_what_git_says_of_a_run_that_was_cancelled(late: msg.Message) -> None:
    story = verified()
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert story.due() == []
    story.tell(late)
    assert story.run.commits == ({"backend": HASH} if isinstance(late, msg.CommitMade) else {})
    assert story.opened() == []


def test_what_was_left_out_is_not_committed() -> None:
    story = executing(task("1", "backend"), task("2", "mobile"), settings=WHOLE)
    story.finishes("backend", touched=("docs/a.md",))
    story.answers("skip")
    story.finishes("mobile")
    for _ in range(2):
        story.check_ends(passes=True)
    assert (story.run.phase, story.run.committing) == (m.Phase.REPORT, ())


@pytest.mark.parametrize("settings", [EACH, WHOLE])
def test_a_cancelled_run_asks_no_more_about_commits(settings: msg.Settings) -> None:
    story = proved(settings=settings) if settings is EACH else verified()
    story.tell(failed(OF_ITEM if settings is EACH else OF_RUN))
    answer = story.reply("retry")
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert (story.opened(), story.due()) == ([], [])
    story.refuses(answer, Refused, "has lapsed: the run was ended by ann")

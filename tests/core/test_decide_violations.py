"""What a turn did beside its item's scope: seen by git, shown whole, let pass or not by a human."""

from __future__ import annotations

from tests.core.play import Story, accepted, executing, task
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import Refused

INTERRUPTED = m.TurnOutcome.INTERRUPTED
MOVED = "another branch is checked out"
ELSEWHERE = m.Git(branch="fix", head="1" * 40)
CLEAN = m.Git(branch="main", head="0" * 40)


def strayed(*touched: str) -> Story:
    """Item 1, whose scope is `src`, has touched what it may not."""
    story = executing(task("1", "backend"), task("2", "backend"))
    story.finishes("backend", touched=touched or ("src/a.py", "docs/a.md"))
    return story


def choices(story: Story) -> list[str]:
    return [choice.key for choice in story.the_checkpoint().card.choices]


def held(story: Story) -> m.ItemState:
    return story.run.items["1"]


def test_what_is_in_scope_is_noted_and_checked() -> None:
    story = strayed("src/a.py", "src/deep/b.py")
    assert (story.opened(), held(story).changed) == ([], ("src/a.py", "src/deep/b.py"))
    assert story.check().command == "make test"


def test_paths_outside_of_the_scope_are_a_humans_matter() -> None:
    story = strayed("src/a.py", "docs/a.md", "srcs/b.py")
    checkpoint = story.the_checkpoint()
    assert (checkpoint.source, checkpoint.origin) == ("backend", m.FromItem(run="R1", item="1"))
    assert checkpoint.card.title == "backend did more than item 1 allows"
    assert checkpoint.card.body == "Changed outside of its scope (src):\n  docs/a.md\n  srcs/b.py"
    assert choices(story) == ["accept", "instruct", "skip", "abort"]
    assert held(story).summary == "I did it."
    assert held(story).changed == ("src/a.py", "docs/a.md", "srcs/b.py")
    assert list(story.state.checks) == []
    assert story.status("1", "2") == ["waiting", "ready"]


def test_accepted_paths_are_checked_and_not_asked_about_again() -> None:
    story = strayed()
    events = story.answers("accept")
    assert [event.excused for event in events if isinstance(event, e.ItemMoved)] == [("docs/a.md",)]
    story.check_ends(passes=False)
    assert story.turn("backend").purpose is m.Purpose.FIX
    story.finishes("backend", touched=("docs/a.md",))
    assert story.opened() == []
    story.check_ends(passes=False)
    assert held(story).excused == ("docs/a.md",)


def test_a_turn_that_mends_is_held_to_the_scope_too() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend", touched=("src/a.py",))
    story.check_ends(passes=False)
    story.finishes("backend", touched=("docs/a.md",))
    assert choices(story) == ["accept", "instruct", "skip", "abort"]


def test_what_was_not_accepted_is_asked_about_after_the_next_turn() -> None:
    story = strayed()
    story.answers("instruct", "leave the docs alone")
    assert story.turn("backend").text.endswith(
        "\nbackend did more than item 1 allows\nChanged outside of its scope (src):\n  docs/a.md"
    )
    story.finishes("backend", touched=("src/b.py",), after=CLEAN)
    assert story.the_checkpoint().card.body.endswith("(src):\n  docs/a.md")


def test_what_was_put_back_is_forgotten() -> None:
    story = strayed()
    story.answers("instruct", "put the docs back")
    story.finishes("backend", touched=("docs/a.md",), after=CLEAN)
    assert (story.opened(), held(story).changed) == ([], ("src/a.py",))
    assert story.check().item == "1"


def test_what_another_had_changed_cannot_be_put_back() -> None:
    """It is gone when it is as in the last commit."""
    story = accepted(task("1", "backend"), settings=msg.Settings(dirty="proceed"))
    story.finds("backend", "docs/a.md")
    story.finishes("backend", touched=("docs/a.md",), after=CLEAN)
    assert story.the_checkpoint().card.body.endswith("docs/a.md")
    story.answers("instruct", "put it back")
    story.finishes("backend", touched=("docs/a.md",), after=CLEAN)
    assert story.the_checkpoint().card.body.endswith("docs/a.md")
    story.answers("accept")
    assert held(story).excused == ("docs/a.md",)


def test_what_another_item_had_changed_cannot_be_put_back() -> None:
    story = executing(task("2", "backend"), task("1", "backend"))
    story.finishes("backend", touched=("docs/a.md", "src/a.py"))
    story.answers("accept")
    story.check_ends(passes=True)
    story.finishes("backend", touched=("docs/a.md",))
    story.answers("instruct", "put it back")
    story.finishes("backend", touched=("docs/a.md",), after=CLEAN)
    assert story.the_checkpoint().card.body.endswith("docs/a.md")


def test_skip_leaves_all_as_it_is() -> None:
    story = strayed()
    story.answers("skip")
    assert story.status("1", "2") == ["skipped", "running"]


def test_an_owner_begins_nothing_else_while_a_human_decides() -> None:
    """Else a check that runs after the decision would see half of the next item."""
    story = executing(task("1", "backend"), task("2", "backend"), task("3", "mobile"))
    story.finishes("backend", touched=("docs/a.md",))
    assert story.status("1", "2", "3") == ["waiting", "ready", "running"]
    assert story.the_checkpoint().blocks == ("1", "2")
    story.answers("accept")
    assert story.status("1", "2") == ["running", "ready"]


def test_paths_of_other_repos() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend", touched=("src/a.py",), strays={"mobile": ("src/x.py", "y")})
    assert story.the_checkpoint().card.body == (
        "Changed in other repos, where nobody was at work:\n  mobile: src/x.py\n  mobile: y"
    )
    story.answers("accept")
    assert held(story).excused == ("mobile: src/x.py", "mobile: y")
    story.check_ends(passes=False)
    story.finishes("backend", strays={"mobile": ("y",)})
    assert story.opened() == []


def test_another_branch() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend", touched=("src/a.py",), moved=MOVED, after=ELSEWHERE)
    assert story.the_checkpoint().card.body == MOVED
    story.answers("accept")
    there = story.run.places["backend"]
    assert (there.branch, there.head, there.path) == ("fix", "1" * 40, "/repos/backend")
    assert story.check().item == "1"


def test_a_repo_that_is_gone_is_no_place() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend", moved="it is gone", after=m.Git(missing=True))
    story.answers("accept")
    assert story.run.places["backend"].branch == "main"


def test_all_at_once_with_a_turn_that_was_not_finished() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend", "", INTERRUPTED, touched=("docs/a.md",), moved=MOVED, after=ELSEWHERE)
    card = story.the_checkpoint().card
    assert card.title == "backend could not finish item 1: interrupted"
    assert card.body == f"Changed outside of its scope (src):\n  docs/a.md\n{MOVED}"
    assert choices(story) == ["accept", "instruct", "skip", "abort"]
    story.answers("accept")
    assert (story.turn("backend").purpose, held(story).attempts) == (m.Purpose.ITEM, 2)
    assert (held(story).excused, story.run.places["backend"].branch) == (("docs/a.md",), "fix")


def test_a_turn_that_was_not_begun_because_its_place_has_moved() -> None:
    story = executing(task("1", "backend"))
    turn = story.turn("backend")
    story.tell(msg.TurnRefused(id=turn.id, error="it was not begun", moved=MOVED, after=ELSEWHERE))
    assert story.the_checkpoint().card.body == f"it was not begun\n\n{MOVED}"
    story.answers("accept")
    assert (story.status("1"), story.run.places["backend"].branch) == (["running"], "fix")


def test_an_answer_after_the_item_was_cancelled() -> None:
    story = strayed()
    answer = story.reply("accept")
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert story.status("1") == ["failed"]
    story.refuses(answer, Refused, "has lapsed: the run was ended by ann")


def test_what_is_committed_is_what_was_let_pass() -> None:
    story = executing(task("1", "backend"), settings=msg.Settings(commit="item"))
    story.finishes("backend", touched=("src/a.py", "docs/a.md"))
    assert story.due() == []
    story.answers("accept")
    story.check_ends(passes=True)
    assert story.due() == [f.CommitWork("R1", "1", "backend")]
    assert held(story).changed == ("src/a.py", "docs/a.md")

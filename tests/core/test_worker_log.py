"""What runs.md says of workers and patterns: facts, commands that work when pasted, and nothing that does harm."""

from __future__ import annotations

from typing import Any

from msgspec.structs import fields

from tests.core.play import Story
from tests.core.play_workers import (
    LOST,
    MISFIT,
    PASSING,
    REFUSED,
    at_work,
    one,
    prepared,
    review,
    worker,
)
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD

HOSTILE = "\x1b[31mred\x1b[0m \x07bell\r\n\x00## Heading\u202e #[fg=red]"
OUT = m.Outcome


def said(story: Story) -> list[str]:
    return [entry.result for entry in story.state.log]


def last(story: Story) -> m.LogEntry:
    return story.state.log[-1]


def test_the_end_of_a_worker_is_an_entry() -> None:
    story = at_work()
    story.ends("W1", OUT.FAILED, 3, reason="no idea", tokens=m.Tokens(30, 10, 4))
    assert last(story) == m.LogEntry(
        number=1,
        at=story.now,
        child="W1-scout",
        intent="find the token",
        result="failed, exit status 3: no idea",
        artifacts=".orchestrator/workers/W1\ntokens 30 in, 4 out",
        resume="tmuxorch result W1",
    )


def test_what_it_did_is_told_with_where_and_what_was_not_its_to_change() -> None:
    story = Story()
    story.project()
    story.tell(worker("W1", "/repos/a/src", worktree=True))
    place = m.WorkerPlace(repo="/repos/a", path="/state/W1/a", branch="tmuxorch/W1", base="b" * 40)
    story.tell(msg.WorkerHasPlace(id="W1", place=place))
    story.ends("W1", changed=("src/a.py", "src/b.py"), violations=("README.md",))
    entry = last(story)
    assert entry.result == "succeeded, exit status 0\nChanged outside of its paths: README.md"
    assert entry.artifacts.splitlines() == [
        ".orchestrator/workers/W1",
        "worktree /state/W1/a",
        "branch tmuxorch/W1",
        "changed files src/a.py, src/b.py",
    ]
    assert entry.next_step == "A human looks at what was changed outside of its paths."
    assert entry.resume == f"tmuxorch result W1 -C /repos/{LEAD}"


def test_of_many_paths_some_are_named_and_the_others_counted() -> None:
    story = at_work("/r")
    paths = tuple(f"src/{number:03}.py" for number in range(25))
    story.ends("W1", changed=paths, violations=paths)
    assert last(story).artifacts.splitlines()[-1].endswith("src/019.py and 5 more")
    assert last(story).result.endswith("src/019.py and 5 more")


def test_each_try_that_came_to_nothing_is_an_entry() -> None:
    story = at_work()
    for how in (PASSING, {**LOST, "reason": ""}, REFUSED, MISFIT):
        story.ends("W1", **how)
        story.clock(max(one(story).earliest, story.now + 60))
    tries = [entry for entry in story.state.log if entry.child == "W1-scout"]
    assert [entry.result for entry in tries] == [
        "Try 1 ended without a result: at capacity\nTried again.",
        "Try 2 ended without a result: unknown\nTried again.",
        "Try 3 ended without a result: usage limit\nTried again.",
        "Try 4 ended without a result: no JSON\nAsked once more for its answer.",
    ]
    assert {entry.intent for entry in tries} == {"find the token"}


def test_what_happens_on_the_way_is_no_entry() -> None:
    story = Story(msg.Settings(hook=True))
    story.tell(worker("W1"))
    story.starts("W1")
    story.tell(msg.WorkerTold(id="W1", thread="t"))
    story.tell(msg.StopJob(id="W1", by="ann"))
    assert said(story) == []
    story.ends("W1", OUT.KILLED)
    story.tell(msg.HookDone(id="W1", problem="exit status 1"))
    assert said(story) == ["cancelled, exit status 0: stopped by ann"]


def reviewed(*, failed: str = "", summary: str = "6 findings") -> Story:
    """A review that has ended; one of its first workers failed."""
    story = Story()
    story.tell(review("errors", "tests"))
    story.tell(prepared(story.state, story.state.patterns["P1"]))
    story.ends("W1")
    story.ends("W2", OUT.FAILED, 1)
    story.tell(prepared(story.state, story.state.patterns["P1"]))
    story.ends("W3")
    story.tell(msg.PatternCurated(pattern="P1", summary=summary, failed=failed))
    return story


def test_the_end_of_a_pattern_is_an_entry_with_all_its_steps() -> None:
    story = reviewed()
    assert last(story) == m.LogEntry(
        number=4,
        at=story.now,
        child=LEAD,
        intent="P1, pattern review: Review it",
        result="succeeded\n6 findings\nlook: W1-look succeeded, W2-look failed\nsum-up: W3-sum-up succeeded",
        artifacts=".orchestrator/patterns/P1",
        resume="tmuxorch result P1",
    )


def test_a_pattern_that_failed_says_why() -> None:
    lines = last(reviewed(failed="the verdict is fail", summary="")).result.splitlines()
    assert lines[:2] == ["failed: the verdict is fail", "look: W1-look succeeded, W2-look failed"]


def test_a_pattern_that_was_stopped_says_how_far_it_came() -> None:
    story = Story(msg.Settings(exec_workers=1))
    story.tell(review("errors", "tests"))
    story.tell(prepared(story.state, story.state.patterns["P1"]))
    story.tell(msg.StopPattern(id="P1", by="ann"))
    story.ends("W1", OUT.KILLED)
    assert last(story).result.splitlines() == [
        "cancelled: stopped by ann",
        "look: W1-look cancelled, W2-look cancelled",
    ]
    story.tell(review("errors"))
    story.tell(msg.StopPattern(id="P2", by="ann"))
    assert last(story).result == "cancelled: stopped by ann", "no step has begun"


def test_words_of_agents_and_names_of_files_do_no_harm() -> None:
    story = at_work("/r", task=HOSTILE, label="scout")
    story.ends("W1", **{**PASSING, "reason": HOSTILE})
    story.clock(one(story).earliest)
    story.ends("W1", **{**MISFIT, "misfit": HOSTILE})
    hostile: dict[str, Any] = {"reason": HOSTILE, "changed": (HOSTILE,), "violations": (HOSTILE,)}
    story.ends("W1", OUT.FAILED, 1, **hostile)
    story.tell(review(HOSTILE))
    story.tell(msg.StepImpossible(pattern="P1", reason=HOSTILE))
    assert len(story.state.log) == 4
    for entry in story.state.log:
        for value in (getattr(entry, field.name) for field in fields(entry)):
            assert not isinstance(value, str) or text.is_block(value)


def test_a_long_task_is_clipped() -> None:
    story = at_work(task="x" * 10_000)
    story.ends("W1", **PASSING)
    story.clock(one(story).earliest)
    story.ends("W1")
    assert [len(entry.intent) < 1_000 for entry in story.state.log] == [True, True]

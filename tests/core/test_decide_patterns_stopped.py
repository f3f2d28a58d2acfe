"""What becomes of a pattern that is stopped, and of what is told twice or late."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.core.play import Story
from tests.core.play_workers import (
    PASSING,
    REVIEW,
    lives,
    prepared,
    review,
    spec,
    worker,
)
from tests.core.test_decide_patterns import (
    STEP,
    curated,
    ended,
    goes_on,
    looking,
    result_due,
    run,
    summing_up,
    wanted,
)
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import NotFound

OUT = m.Outcome

STOPPED = (m.PatternOutcome.CANCELLED, "stopped by ann")
STOP = msg.StopPattern(id="P1", by="ann")


def just_asked() -> Story:
    story = Story()
    story.tell(review("errors"))
    return story


def between_steps() -> Story:
    story = looking("errors")
    story.ends("W1")
    return story


@pytest.mark.parametrize("phase", [just_asked, between_steps, result_due])
def test_a_run_that_waits_for_nobody_ends_at_once(phase: Callable[[], Story]) -> None:
    story = phase()
    gone = e.PatternEnded(id="P1", outcome=m.PatternOutcome.CANCELLED, reason="stopped by ann")
    story.on(STOP, e.PatternStopping(id="P1", by="ann"), gone)
    assert ended(story) == STOPPED
    story.on(STOP)


@pytest.mark.parametrize("phase", [lambda: looking("a", "b"), summing_up])
def test_a_run_ends_once_its_workers_are_gone(phase: Callable[[], Story]) -> None:
    story = phase()
    working = [name for name, life in lives(story).items() if life is m.Starting]
    story.starts(working[0])
    stopping = [e.JobStopping(id=name, by="ann") for name in working]
    story.on(STOP, e.PatternStopping(id="P1", by="ann"), *stopping)
    story.on(msg.StopPattern(id="P1", by="bob"))
    for name in working:
        assert (run(story).end, wanted(story)) == (None, [])
        story.ends(name, OUT.KILLED)
    assert ended(story) == STOPPED
    story.on(STOP)


def test_those_that_wait_are_cancelled_at_once_and_never_begin() -> None:
    story = looking("a", "b", "c", settings=msg.Settings(exec_workers=1, hook=True))
    story.ends("W1", **PASSING)
    assert lives(story) == {"W1": m.Queued, "W2": m.Starting, "W3": m.Queued}
    story.tell(STOP)
    assert lives(story) == {"W1": m.Exited, "W2": m.Stopping, "W3": m.Exited}
    story.ends("W2", **PASSING)
    assert ended(story) == STOPPED
    assert {one.life.outcome for one in story.state.workers.values() if isinstance(one.life, m.Exited)} == {
        OUT.CANCELLED
    }
    assert [one.hook for one in story.state.workers.values()] == [m.Hook.DUE] * 3


def test_one_that_had_come_to_its_end_as_it_was_stopped_changes_nothing() -> None:
    story = looking("a")
    story.tell(STOP)
    story.ends("W1")
    assert ended(story) == STOPPED


def test_other_workers_are_left_alone() -> None:
    story = looking("a")
    story.tell(worker("W2"))
    story.tell(STOP)
    assert lives(story)["W2"] is m.Starting


def test_only_what_there_is_can_be_stopped() -> None:
    Story().refuses(STOP, NotFound, "no pattern run 'P1'")


@pytest.mark.parametrize("phase", [lambda: looking("a"), between_steps, summing_up, result_due])
def test_a_step_that_is_told_again_is_not_begun_again(phase: Callable[[], Story]) -> None:
    before = just_asked()
    late = prepared(before.state, run(before))
    fresh = replace(late, workers=(("W9", spec(pattern="P1", step="look")),))
    story = phase()
    story.on(late)
    story.on(fresh)


@pytest.mark.parametrize("number", [0, 2])
def test_only_the_next_step_is_begun(number: int) -> None:
    story = between_steps()
    story.on(replace(prepared(story.state, run(story)), step=number))


def test_no_step_is_begun_before_the_one_before_it_is_over() -> None:
    story = looking("a")
    told = msg.StepPrepared(pattern="P1", step=1, workers=(("W2", spec()),))
    story.on(told)


def test_nobody_elses_worker_is_taken_for_one_of_a_step() -> None:
    story = just_asked()
    told = prepared(story.state, run(story))
    story.tell(worker("W1", label="somebody else's"))
    story.on(told)
    assert wanted(story) == STEP[0], "it is prepared anew, under other ids"
    goes_on(story)
    assert run(story).workers == (("W2",),)


@pytest.mark.parametrize("phase", [just_asked, between_steps, result_due, summing_up])
def test_what_is_told_after_the_end_changes_nothing(phase: Callable[[], Story]) -> None:
    story = phase()
    late: list[msg.Message] = [
        msg.StepImpossible(pattern="P1", reason="gone"),
        curated(failed="it fails"),
        *([prepared(story.state, run(story))] if len(run(story).workers) < 2 else []),
    ]
    story.tell(STOP)
    for name, life in lives(story).items():
        if life is m.Stopping:
            for message in late:
                story.on(message)
            story.ends(name, OUT.KILLED)
    assert ended(story) == STOPPED
    for message in late:
        story.on(message)


@pytest.mark.parametrize("phase", [lambda: looking("a"), summing_up])
def test_nothing_is_said_of_a_run_whose_workers_are_at_work(phase: Callable[[], Story]) -> None:
    story = phase()
    story.on(msg.StepImpossible(pattern="P1", reason="gone"))
    story.on(curated(summary="early"))
    assert run(story).end is None


def test_a_result_is_no_next_step_and_a_step_no_result() -> None:
    story = result_due()
    story.on(msg.StepImpossible(pattern="P1", reason="gone"))
    story = between_steps()
    story.on(curated(summary="early"))


def test_a_run_keeps_its_pattern_as_it_was() -> None:
    assert run(summing_up()).steps == REVIEW.steps
    assert run(summing_up()).all_workers == ("W1", "W2", "W3")

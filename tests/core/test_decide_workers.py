"""A worker is one job in several tries: which failures are tried again, when, how often, and what adds up."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.core.play import Story
from tests.core.play_workers import DONE, LOST, MISFIT, PASSING, REFUSED, at_work, exited, lives, one, worker
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m

OUT, KIND = m.Outcome, m.Kind


def put_back(events: list[e.Event]) -> e.WorkerPutBack:
    (found,) = [event for event in events if isinstance(event, e.WorkerPutBack)]
    return found


def repairing() -> Story:
    """The second try of W1, which is to give its answer in another form, runs."""
    story = at_work()
    story.ends("W1", **MISFIT)
    story.starts("W1")
    assert one(story).kind is KIND.REPAIR
    return story


# -- what is tried again

FIRST_TRY = [
    (PASSING, KIND.AGAIN, True, 5.0, "at capacity"),
    (LOST, KIND.AGAIN, True, 5.0, "its host is gone"),
    (REFUSED, KIND.AGAIN, False, 0.0, "usage limit"),
    (MISFIT, KIND.REPAIR, False, 0.0, "no JSON"),
]


@pytest.mark.parametrize(("how", "kind", "counts", "after", "reason"), FIRST_TRY)
@pytest.mark.parametrize("running", [False, True])
def test_what_may_pass_is_tried_again(
    how: dict[str, Any], kind: m.Kind, counts: bool, after: float, reason: str, running: bool
) -> None:
    story = Story()
    story.tell(worker("W1"))
    if running:
        story.starts("W1")
    back = put_back(story.tell(replace(msg.ProcessEnded(ref="W1", outcome=OUT.LOST), **how)))
    earliest = story.now + after if after else 0.0
    assert (back.kind, back.counts, back.earliest, back.reason) == (kind, counts, earliest, reason)
    now = one(story)
    assert (now.attempt, now.kind, now.retries, now.reason) == (2, kind, int(counts), reason)
    assert not [event for _, event in story.journal if isinstance(event, e.JobExited)]


@pytest.mark.parametrize(
    "how",
    [
        DONE,
        {"outcome": OUT.FAILED, "code": 1, "reason": "a wrong answer"},
        {"outcome": OUT.KILLED, "reason": "killed by SIGKILL"},
        {"outcome": OUT.SPAWN_FAILED, "reason": "no codex"},
        {"outcome": OUT.FAILED, "code": -1, "reason": "timed out after 5 s"},
    ],
)
def test_what_will_not_pass_is_the_end(how: dict[str, Any]) -> None:
    story = at_work()
    ended = exited(story.ends("W1", **how))
    assert (ended.outcome, ended.reason) == (how["outcome"], how.get("reason", ""))
    assert one(story).attempt == 1


REPAIR_TRY = [
    (PASSING, True, 5.0),
    (LOST, True, 5.0),
    (REFUSED, False, 0.0),
]


@pytest.mark.parametrize(("how", "counts", "after"), REPAIR_TRY)
def test_a_repair_that_was_cut_off_is_a_repair_again(how: dict[str, Any], counts: bool, after: float) -> None:
    story = repairing()
    back = put_back(story.ends("W1", **how))
    earliest = story.now + after if after else 0.0
    assert (back.kind, back.counts, back.earliest) == (KIND.REPAIR, counts, earliest)
    assert (back.reason, one(story).reason) == ("no JSON", "no JSON"), "it still is to mend the same"
    assert one(story).thread == "t1"


@pytest.mark.parametrize(
    ("how", "outcome", "reason"),
    [
        (DONE, OUT.SUCCEEDED, ""),
        (MISFIT, OUT.FAILED, "its answer is not in the form asked for: no JSON"),
        ({"outcome": OUT.FAILED, "code": 1, "reason": "too long"}, OUT.FAILED, "too long"),
        ({"outcome": OUT.KILLED, "reason": "its window was closed"}, OUT.KILLED, "its window was closed"),
    ],
)
def test_there_is_one_repair(how: dict[str, Any], outcome: m.Outcome, reason: str) -> None:
    story = repairing()
    ended = exited(story.ends("W1", **how))
    assert (ended.outcome, ended.reason) == (outcome, reason)


def test_without_a_thread_nothing_can_be_repaired() -> None:
    story = at_work()
    ended = exited(story.ends("W1", **{**MISFIT, "thread": ""}))
    assert (ended.outcome, ended.reason) == (OUT.FAILED, "its answer is not in the form asked for: no JSON")


def test_a_thread_that_it_told_before_is_good_for_a_repair() -> None:
    story = at_work()
    story.tell(msg.WorkerTold(id="W1", thread="t0"))
    assert put_back(story.ends("W1", **{**MISFIT, "thread": ""})).kind is KIND.REPAIR
    assert one(story).thread == "t0"


def test_only_an_answer_has_a_form() -> None:
    story = at_work()
    assert exited(story.ends("W1", **{**MISFIT, "outcome": OUT.FAILED})).outcome is OUT.FAILED


@pytest.mark.parametrize("how", [PASSING, LOST, REFUSED, MISFIT])
def test_one_that_is_to_stop_gets_no_other_try(how: dict[str, Any]) -> None:
    story = at_work()
    story.tell(msg.StopJob(id="W1", by="ann"))
    events = story.ends("W1", **how)
    outcome = OUT.FAILED if how is MISFIT else OUT.CANCELLED
    assert exited(events).outcome is outcome
    assert not [event for event in events if isinstance(event, e.WorkerPutBack)]


def test_a_refusal_pauses_also_when_it_is_told_by_one_that_is_to_stop() -> None:
    story = at_work()
    story.tell(msg.StopJob(id="W1", by="ann"))
    assert isinstance(story.ends("W1", **REFUSED)[0], e.Paused)


# -- how often, and when


def test_retries_are_counted_and_the_pause_before_each_is_twice_as_long() -> None:
    story = at_work(settings=msg.Settings(retries=3, backoff=4.0))
    for number, seconds in enumerate((4.0, 8.0, 16.0), 1):
        story.ends("W1", **(LOST if number == 2 else PASSING))
        assert (one(story).retries, one(story).earliest) == (number, story.now + seconds)
        story.clock(one(story).earliest)
    ended = exited(story.ends("W1", **PASSING))
    assert (ended.outcome, ended.reason) == (OUT.FAILED, "at capacity (tried 4 times)")


def test_one_that_is_lost_again_and_again_says_how_often_it_was_tried() -> None:
    story = at_work(settings=msg.Settings(retries=1))
    story.ends("W1", **LOST)
    story.clock(one(story).earliest)
    assert exited(story.ends("W1", **LOST)).reason == "its host is gone (tried 2 times)"


def test_without_retries_the_first_failure_is_the_end() -> None:
    story = at_work(settings=msg.Settings(retries=0))
    assert exited(story.ends("W1", **PASSING)).reason == "at capacity"


def test_it_begins_again_when_its_time_has_come_and_the_clock_is_set_for_it() -> None:
    story = at_work()
    story.ends("W1", **PASSING)
    at = one(story).earliest
    assert story.alarm() == at
    assert story.clock(at - 0.5) == []
    assert story.alarm() == at
    assert story.clock(at) == [e.JobStarting(id="W1")]
    assert story.alarm() is None


def test_the_clock_is_set_for_the_first_of_several_tries() -> None:
    story = at_work()
    story.tell(worker("W2"))
    story.ends("W2", **PASSING)
    story.ends("W1", **PASSING)
    assert one(story, "W2").earliest < one(story, "W1").earliest
    assert story.alarm() == one(story, "W2").earliest
    story.clock(one(story, "W2").earliest)
    assert story.alarm() == one(story, "W1").earliest


def test_the_clock_is_not_set_for_one_that_the_limit_keeps_waiting() -> None:
    story = at_work(settings=msg.Settings(exec_workers=1))
    story.tell(worker("W2"))
    story.ends("W1", **PASSING)
    assert lives(story) == {"W1": m.Queued, "W2": m.Starting}
    assert story.alarm() is None
    story.now += 60
    assert story.ends("W2")[-1] == e.JobStarting(id="W1")


def test_the_clock_is_set_for_the_end_of_a_pause_and_not_for_a_try_within_it() -> None:
    story = at_work()
    story.tell(worker("W2"))
    story.ends("W2", **REFUSED)
    story.ends("W1", **PASSING)
    until = story.state.pauses[m.OURS].until
    assert one(story).earliest < until
    assert story.alarm() == until
    story.clock(one(story).earliest)
    events = story.clock(until)
    started = [event.id for event in events if isinstance(event, e.JobStarting)]
    assert started == ["W1", "W2"]


def test_the_clock_is_not_set_for_one_that_waits_for_anothers_lease() -> None:
    story = at_work("/r/a")
    story.ends("W1", **PASSING)
    story.now -= 100  # somebody has set it back, so that W2 seems to have asked first
    story.tell(worker("W2", "/r"))
    assert lives(story) == {"W1": m.Queued, "W2": m.Starting}
    assert story.alarm() is None
    story.now += 200
    assert story.ends("W2")[-1] == e.JobStarting(id="W1")


def test_one_that_waits_for_its_next_try_keeps_no_place() -> None:
    story = at_work(settings=msg.Settings(exec_workers=1))
    story.tell(worker("W2"))
    assert e.JobStarting(id="W2") in story.ends("W1", **PASSING)


def test_one_that_waits_for_its_next_try_can_be_stopped() -> None:
    story = at_work()
    story.ends("W1", **PASSING)
    ended = exited(story.tell(msg.StopJob(id="W1", by="ann")))
    assert (ended.outcome, ended.reason) == (OUT.CANCELLED, "stopped by ann")
    assert story.clock(story.now + 60) == []


# -- a refused account


def test_a_refused_account_is_waited_for_as_often_as_it_takes() -> None:
    story = at_work(settings=msg.Settings(retries=1))
    for number in range(1, 6):
        events = story.ends("W1", **REFUSED)
        assert isinstance(events[0], e.Paused)
        assert (one(story).attempt, one(story).retries) == (number + 1, 0)
        assert lives(story) == {"W1": m.Queued}
        until = story.state.pauses[m.OURS].until
        assert story.alarm() == until
        assert story.clock(until) == [e.Resumed(account=m.OURS, by="the clock"), e.JobStarting(id="W1")]
    assert put_back(story.ends("W1", **PASSING)).counts, "its one retry is still there"


def test_the_next_worker_waits_for_the_account_too() -> None:
    story = at_work()
    story.ends("W1", **REFUSED)
    story.tell(worker("W2"))
    assert lives(story) == {"W1": m.Queued, "W2": m.Queued}
    events = story.tell(msg.ResumeNow(by="ann"))
    assert events[1:] == [e.JobStarting(id="W1"), e.JobStarting(id="W2")]


# -- what adds up


def test_tokens_of_threads_add_up_and_those_of_one_thread_count_once() -> None:
    story = at_work()
    tokens = m.Tokens
    story.ends("W1", **PASSING, thread="t1", tokens=tokens(10, 4, 1))
    story.clock(one(story).earliest)
    assert one(story).tokens == tokens(10, 4, 1)
    story.ends("W1", **{**MISFIT, "thread": "t2"}, tokens=tokens(20, 5, 2))
    assert one(story).tokens == tokens(30, 9, 3)
    story.ends("W1", **PASSING)  # cut off, it tells none
    story.clock(one(story).earliest)
    assert one(story).tokens == tokens(30, 9, 3)
    story.ends("W1", **DONE, thread="t2", tokens=tokens(25, 9, 3))
    assert (one(story).tokens, one(story).thread) == (tokens(35, 13, 4), "t2")


def test_tokens_of_a_thread_are_not_forgotten_by_a_repair_that_tells_none() -> None:
    story = at_work()
    story.ends("W1", **MISFIT, tokens=m.Tokens(20, 5, 2))
    story.ends("W1", OUT.KILLED)
    assert one(story).tokens == m.Tokens(20, 5, 2)


def test_tries_of_one_that_goes_on_in_a_thread_are_in_that_thread() -> None:
    story = at_work(resume="t0")
    story.ends("W1", **PASSING, thread="t0", tokens=m.Tokens(10, 4, 1))
    story.clock(one(story).earliest)
    story.ends("W1", **DONE, thread="t0", tokens=m.Tokens(15, 6, 2))
    assert one(story).tokens == m.Tokens(15, 6, 2)


def test_what_it_changed_in_all_its_tries_is_kept() -> None:
    story = at_work("/r")
    story.ends("W1", **PASSING, changed=("b", "a"), violations=("x",))
    story.clock(one(story).earliest)
    story.ends("W1", **DONE, changed=("c", "a"), violations=("x", "w"))
    assert (one(story).changed, one(story).violations) == (("a", "b", "c"), ("w", "x"))


def test_it_asked_and_began_once() -> None:
    story = at_work()
    asked, begun = one(story).queued, one(story).started
    story.ends("W1", **PASSING)
    story.clock(one(story).earliest)
    story.starts("W1")
    assert (one(story).queued, one(story).started) == (asked, begun)


def test_one_that_nobody_is_logged_in_for_has_failed_and_is_not_waited_with() -> None:
    story = at_work()
    nobody = {**REFUSED, "limit": m.Limit(kind=m.LimitKind.AUTH)}
    story.ends("W1", **nobody)
    assert isinstance(one(story).life, m.Exited)
    assert m.OURS in story.state.pauses, "nobody else is given work meanwhile"

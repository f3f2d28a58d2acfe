"""Who writes where and who waits for whom: paths, and lists of claims."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.play import Story
from tests.core.play_workers import PASSING, lives, worker
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.leases import Claim, claims, covers, overlap, waiting, waits_for

PATHS = st.sampled_from(["/", "/r", "/r/", "/r/a", "/r/a/b", "/r/ab", "/r/a.b", "/r/a/b/c/d", "/s", "/s/a"])
LEASES = st.lists(PATHS, min_size=1, max_size=3).map(tuple)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("/r/a", "/r/a", True),
        ("/r/a", "/r/a/b/c", True),
        ("/r/a", "/r/ab", False),
        ("/r/a", "/r/a.b", False),
        ("/r/a", "/r/b", False),
        ("/r", "/s/r", False),
        ("/", "/r/a", True),
        ("/", "/", True),
        ("/r/a/", "/r/a", True),
        ("/r/a/", "/r/ab", False),
    ],
)
def test_paths_overlap_when_one_is_the_other_or_above_it(one: str, other: str, together: bool) -> None:
    assert overlap((one,), (other,)) is overlap((other,), (one,)) is together
    assert overlap(("/elsewhere", one), (other, "/nowhere")) is together


@given(LEASES, LEASES)
def test_overlap_is_what_paths_say(mine: tuple[str, ...], others: tuple[str, ...]) -> None:
    ours, theirs = map(PurePosixPath, mine), [*map(PurePosixPath, others)]
    meet = any(one.is_relative_to(two) or two.is_relative_to(one) for one in ours for two in theirs)
    assert overlap(mine, others) is meet
    assert not overlap(mine, ())
    assert not overlap((), mine)


def test_a_lease_covers_what_is_below_it_and_nothing_above() -> None:
    lease = ("/r/a", "/r/b/c.py")
    assert all(covers(lease, path) for path in ("/r/a", "/r/a/b", "/r/b/c.py"))
    assert not any(covers(lease, path) for path in ("/r", "/r/b", "/r/ab", "/r/b/c.pyc", "/s"))
    assert covers(("/",), "/r/a")
    assert not covers((), "/r/a")


# -- waiting


def claim(holder: str, *paths: str, held: bool = False) -> Claim:
    return Claim(holder=holder, paths=paths, since=0.0, held=held)


def test_whoever_holds_waits_for_nobody_and_nor_does_who_has_no_claim() -> None:
    all_claims = [claim("W1", "/r", held=True), claim("W2", "/r/a", held=True)]
    assert waits_for(all_claims, "W2") == waits_for(all_claims, "W9") == ()
    assert waits_for([], "W1") == ()


def test_the_next_one_waits_for_holders_and_for_those_before_it_and_for_nobody_else() -> None:
    all_claims = [
        claim("W1", "/r/a"),
        claim("W2", "/s"),
        claim("W3", "/r/a/b", "/t"),
        claim("W4", "/r"),
        claim("W5", "/t/u", held=True),
    ]
    assert [waits_for(all_claims, one.holder) for one in all_claims] == [
        (),
        (),
        ("W1", "W5"),
        ("W1", "W3"),
        (),
    ]
    assert waiting(all_claims) == {"W3", "W4"}


@given(st.lists(st.tuples(LEASES, st.booleans()), max_size=8))
def test_who_waits_is_the_same_of_one_as_of_all(told: list[tuple[tuple[str, ...], bool]]) -> None:
    all_claims = [claim(f"W{number}", *paths, held=held) for number, (paths, held) in enumerate(told)]
    assert waiting(all_claims) == {one.holder for one in all_claims if waits_for(all_claims, one.holder)}


# -- workers


def test_two_on_one_path_are_one_after_the_other_in_the_order_in_which_they_asked() -> None:
    story = Story()
    for name, path in (("W1", "/r/a"), ("W2", "/r/a/b"), ("W3", "/r"), ("W4", "/s")):
        story.tell(worker(name, path))
    assert lives(story) == {"W1": m.Starting, "W2": m.Queued, "W3": m.Queued, "W4": m.Starting}
    assert waits_for(claims(story.state), "W3") == ("W1", "W2")
    assert story.ends("W1")[-1] == e.JobStarting(id="W2")
    assert story.ends("W2", m.Outcome.FAILED, 1)[-1] == e.JobStarting(id="W3")


def test_one_that_waits_keeps_no_place_and_one_that_reads_never_waits() -> None:
    story = Story(msg.Settings(exec_workers=2))
    for name, lease in (("W1", ["/r"]), ("W2", ["/r"]), ("W3", []), ("W4", ["/s"])):
        story.tell(worker(name, *lease))
    assert lives(story) == {"W1": m.Starting, "W2": m.Queued, "W3": m.Starting, "W4": m.Queued}
    assert story.ends("W3")[-1] == e.JobStarting(id="W4")


def test_whoever_is_being_stopped_holds_its_paths_until_it_is_gone() -> None:
    story = Story()
    story.tell(worker("W1", "/r"))
    story.tell(worker("W2", "/r"))
    story.on(msg.StopJob(id="W1", by="ann"), e.JobStopping(id="W1", by="ann"))
    assert story.ends("W1", m.Outcome.KILLED)[-1] == e.JobStarting(id="W2")


def test_whoever_gives_up_waiting_holds_up_nobody() -> None:
    story = Story()
    for name, lease in (("W1", ["/r/a"]), ("W2", ["/r"]), ("W3", ["/r/b"])):
        story.tell(worker(name, *lease))
    assert lives(story)["W3"] is m.Queued
    assert story.tell(msg.StopJob(id="W2", by="ann"))[-1] == e.JobStarting(id="W3")


def test_nobody_gets_between_the_tries_of_one_worker() -> None:
    story = Story()
    story.tell(worker("W1", "/r"))
    story.tell(worker("W2", "/r"))
    story.ends("W1", **PASSING)
    assert lives(story) == {"W1": m.Queued, "W2": m.Queued}
    again = story.state.workers["W1"].earliest
    assert story.clock(again) == [e.JobStarting(id="W1")]
    assert story.ends("W1")[-1] == e.JobStarting(id="W2")


def test_whoever_wants_everything_waits_for_all_and_is_passed_by_none() -> None:
    story = Story()
    for name, path in (("W1", "/r"), ("W2", "/s"), ("W3", "/"), ("W4", "/t")):
        story.tell(worker(name, path))
    assert waits_for(claims(story.state), "W3") == ("W1", "W2")
    assert waits_for(claims(story.state), "W4") == ("W3",)
    story.ends("W1")
    assert story.ends("W2")[-1] == e.JobStarting(id="W3")
    assert story.ends("W3")[-1] == e.JobStarting(id="W4")

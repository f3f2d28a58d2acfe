"""A worker that is silent for long is told once, and is a human's to leave or to stop."""

from __future__ import annotations

import pytest

from tests.core.play import Story
from tests.core.play_workers import PASSING, at_work, lives
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m

STALL = msg.Settings(stall=600.0)


def silent(story: Story, seconds: float = 600.0) -> list[e.Event]:
    """W1 has told nothing for so long."""
    return story.tell(msg.WorkerSilent(id="W1", since=story.now + 1 - seconds))


def stalled() -> Story:
    """W1 runs, and a human is asked about its silence."""
    story = at_work(settings=STALL)
    silent(story)
    return story


def lapsed(events: list[e.Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, e.CheckpointLapsed)]


def test_a_human_is_told_what_is_silent_and_what_can_be_done() -> None:
    story = at_work(settings=STALL, label="scout", task="find the token")
    (opened,) = silent(story, 754.0)
    checkpoint = story.the_checkpoint()
    assert isinstance(opened, e.CheckpointOpened)
    assert (checkpoint.source, checkpoint.item, checkpoint.blocks) == ("W1", "", ("W1",))
    assert checkpoint.origin == m.FromWorker(worker="W1")
    card = checkpoint.card
    assert card.kind is m.CheckpointKind.STALL
    assert card.title == "W1-scout has been silent for 13 min"
    assert card.body == "Its task:\nfind the token"
    assert "tmuxorch attach W1" in card.do
    assert "tmuxorch logs W1" in card.do
    assert "tmuxorch rerun W1" in card.expect
    assert [choice.key for choice in card.choices] == ["wait", "stop"]


def test_short_of_the_time_nobody_is_told() -> None:
    story = at_work(settings=STALL)
    assert silent(story, 599.0) == []
    assert silent(story, 600.0) != []


def test_it_is_told_once() -> None:
    story = stalled()
    assert silent(story, 900.0) == []


@pytest.mark.parametrize("life", [m.Queued, m.Starting, m.Stopping, m.Exited])
def test_only_one_that_runs_is_silent(life: type[m.Life]) -> None:
    story = at_work(settings=STALL)
    if life is m.Stopping:
        story.tell(msg.StopJob(id="W1", by="ann"))
    elif life is m.Exited:
        story.ends("W1")
    else:
        story.ends("W1", **PASSING)
        if life is m.Starting:
            story.clock(story.state.workers["W1"].earliest)
    assert lives(story) == {"W1": life}
    story.on(msg.WorkerSilent(id="W1", since=0.0))
    story.on(msg.WorkerSpoke(id="W1"))


def test_of_one_that_nobody_knows_nothing_is_said() -> None:
    Story().on(msg.WorkerSilent(id="W9", since=0.0))
    Story().on(msg.WorkerSpoke(id="W9"))


def test_it_lapses_when_the_worker_speaks_and_is_told_anew_when_it_is_silent_again() -> None:
    story = stalled()
    assert lapsed(story.tell(msg.WorkerSpoke(id="W1"))) == ["the worker goes on"]
    story.on(msg.WorkerSpoke(id="W1"))
    silent(story)
    assert story.the_checkpoint().id == "C2"


@pytest.mark.parametrize("again", [False, True])
def test_it_lapses_when_the_worker_ends_or_is_tried_again(again: bool) -> None:
    story = stalled()
    events = story.ends("W1", **PASSING) if again else story.ends("W1")
    assert lapsed(events) == ["the worker does not run any more"]
    assert story.opened() == []


def test_it_lapses_when_somebody_stops_the_worker() -> None:
    story = stalled()
    assert lapsed(story.tell(msg.StopJob(id="W1", by="bob"))) == ["the worker does not run any more"]


def test_whoever_waits_is_told_again_after_as_long_a_silence() -> None:
    story = stalled()
    assert [type(event) for event in story.answers("wait")] == [e.CheckpointAnswered, e.CheckpointClosed]
    answered, since = story.now, story.now - 600
    story.now = answered + 598
    story.on(msg.WorkerSilent(id="W1", since=since))
    assert len(story.tell(msg.WorkerSilent(id="W1", since=since))) == 1
    assert story.the_checkpoint().card.title == "W1-scout has been silent for 20 min"


def test_whoever_stops_it_ends_it() -> None:
    story = stalled()
    events = story.answers("stop")
    assert events[1:] == [e.JobStopping(id="W1", by="ann"), e.CheckpointClosed(id="C1")]
    assert story.ends("W1", m.Outcome.KILLED)[-1] == e.JobExited(
        id="W1",
        outcome=m.Outcome.CANCELLED,
        code=0,
        reason="stopped by ann",
        seconds=2.0,
    )


def test_several_are_told_each_for_itself() -> None:
    story = stalled()
    story.tell(msg.QueueWorker(id="W2", spec=story.state.workers["W1"].spec))
    story.starts("W2")
    story.tell(msg.WorkerSilent(id="W2", since=story.now - 700))
    assert [one.source for one in story.opened()] == ["W1", "W2"]
    story.tell(msg.WorkerSpoke(id="W2"))
    assert [one.source for one in story.opened()] == ["W1"]

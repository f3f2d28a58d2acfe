"""Nobody is logged in: somebody is asked once, and it goes on when they say so."""

from __future__ import annotations

import pytest

from tests.core.play import Story, executing, started, task
from tests.core.test_decide_brake import THREE, pause, refused, sendings, wait
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD

USAGE, AUTH = m.LimitKind.USAGE, m.LimitKind.AUTH


@pytest.fixture
def three() -> Story:
    """Three children whose first turns are sent, of a run."""
    return started(*THREE)


def test_somebody_is_asked_once_to_log_in_again(three: Story) -> None:
    refused(three, "backend", AUTH)
    card = three.the_checkpoint()
    assert card.card.kind is m.CheckpointKind.FAILURE
    assert [choice.key for choice in card.card.choices] == ["retry", "abort"]
    refused(three, "mobile", AUTH)
    wait(three, pause(three).until)
    refused(three, "backend", AUTH)
    assert three.the_checkpoint() == card
    wait(three, pause(three).until)
    events = three.finishes("backend", "I have read it.")
    assert e.CheckpointLapsed(id=card.id, reason="the account is accepted again") in events
    assert three.opened() == []


def test_a_login_with_another_trouble_is_a_login(three: Story) -> None:
    refused(three, "backend", AUTH)
    wait(three, pause(three).until)
    refused(three, "backend", USAGE, ahead=600)
    assert three.opened() == []
    assert pause(three).kind is USAGE


def test_a_missing_login_outweighs_a_used_up_allowance(three: Story) -> None:
    refused(three, "backend", USAGE, ahead=600)
    refused(three, "mobile", AUTH)
    assert (pause(three).kind, len(three.opened())) == (AUTH, 1)
    refused(three, "web", USAGE, ahead=900)
    assert (pause(three).kind, pause(three).until) == (AUTH, three.now + 900)


def test_who_logged_in_says_so(three: Story) -> None:
    refused(three, "backend", AUTH)
    events = three.answers("retry")
    assert e.Resumed(account=m.OURS, by="ann") in events
    assert sendings(events)
    refused(three, "backend", AUTH)
    assert len(three.opened()) == 1


def test_giving_up_ends_the_run_without_the_words_of_the_lead() -> None:
    story = executing(task("1", "backend"), children=("backend",))
    refused(story, "backend", AUTH)
    story.answers("abort")
    assert story.run.end
    assert story.run.end.outcome is m.RunOutcome.FAILED
    assert story.opened() == []
    assert story.turns_of(LEAD, m.Purpose.REPORT) == []

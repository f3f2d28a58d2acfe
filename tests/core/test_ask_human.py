"""What a lead asks a human: a checkpoint that holds exactly what it names, in whoever's run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.core import play
from tests.core.play import Story, task
from tests.core.play_led import CLAUDE, asks_human, begun, executing, gated, of, orders, proved
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import NotFound, Refused, UsageError

TASKS = task("1", "backend"), task("2", "mobile"), task("3", "mobile", "2"), task("4", "backend", "1")


def led() -> Story:
    """All items of a led run are ordered, once its question about item 2 is open."""
    story = executing(*TASKS)
    asks_human(story, "2")
    orders(story, "1", "2", "3", "4")
    return story


def by_turns() -> Story:
    """The same in a run that a person began, of a lead that people talk to."""
    story = play.gated(*TASKS)
    asks_human(story, "2", by=CLAUDE)
    accept = msg.AnswerCheckpoint(id="C1", answer=m.Answer(choice="accept"), by="ann")
    story.tell(accept)
    story.finds_places()
    return story


BOTH = pytest.mark.parametrize("asked", [led, by_turns])


def question(story: Story) -> m.Checkpoint:
    (found,) = [one for one in story.state.checkpoints.values() if isinstance(one.origin, m.FromLead)]
    return found


def answered(story: Story, **answer: object) -> list[e.Event]:
    """A human answers the question."""
    said = m.Answer(**answer)  # type: ignore[arg-type]
    return story.tell(msg.AnswerCheckpoint(id=question(story).id, answer=said, by="ann"))


@BOTH
def test_the_items_named_and_what_needs_them_wait_and_nothing_else(asked: Callable[[], Story]) -> None:
    story = asked()
    assert question(story).blocks == ("2", "3")
    proved(story, "backend")
    assert story.status("1", "2", "3", "4") == ["done", "pending", "pending", "running"]
    answered(story, text="red")
    assert story.status("2", "3") == ["running", "pending"]
    assert (story.run.asked, story.run.phase) == ({}, m.Phase.EXECUTE)


@BOTH
def test_when_the_run_ends_the_question_lapses(asked: Callable[[], Story]) -> None:
    story = asked()
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert (story.opened(), story.run.asked) == ([], {})
    story.refuses(
        msg.AnswerCheckpoint(id=question(story).id, answer=m.Answer(text="red"), by="ann"),
        Refused,
        "has lapsed",
    )


def test_a_question_that_holds_nothing_up_lapses_with_the_end_of_its_run() -> None:
    story = executing(task("1", "backend"))
    asks_human(story)
    orders(story)
    events = proved(story, "backend")
    assert story.run.end is not None
    (lapsed,) = of(events, e.CheckpointLapsed)
    assert lapsed.reason == "R1 has ended"
    assert ("C2 has lapsed: R1 has ended", True) in [(one.text, one.wakes) for one in story.state.news]
    story = gated()
    asks_human(story)
    story.tell(msg.AnswerCheckpoint(id="C1", answer=m.Answer(choice="decline"), by="ann"))
    assert story.opened() == []


def test_without_a_run_a_question_stays_until_it_is_answered() -> None:
    story = Story()
    story.project("backend")
    asks_human(story, by=CLAUDE)
    story.tell(msg.StartRun(problem="p", children=("backend",), led=CLAUDE))
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert question(story).is_open
    answered(story, values={"answer": "red"})
    assert (question(story).source, story.state.news[-1].text) == (
        CLAUDE,
        "C1 was answered by ann: answer=red",
    )
    assert not story.state.news[-1].wakes


def test_an_answer_is_a_choice_or_words_and_wakes_who_asked() -> None:
    story = begun()
    choices = m.Choice("red", "as before"), m.Choice("blue", "")
    asks_human(story, choices=choices, fields=())
    for wrong, says in (
        ({"choice": "green"}, "has no choice 'green'"),
        ({"text": "red"}, "wants one of: red, blue"),
    ):
        wish = msg.AnswerCheckpoint(id="C1", answer=m.Answer(**wrong), by="ann")  # type: ignore[arg-type]
        story.refuses(wish, UsageError, says)
    answered(story, choice="blue", text="the dark one")
    assert isinstance(question(story).state, m.Closed)
    news = story.state.news[-1]
    assert (news.text, news.about, news.wakes) == ("C1 was answered by ann: blue · the dark one", "C1", True)


def test_a_card_that_says_too_little_and_items_that_cannot_wait_are_refused() -> None:
    story = executing(*TASKS)
    orders(story, "1")
    card = m.Card(kind=m.CheckpointKind.HUMAN, title="t", body="", do="d", expect="e")
    asked = msg.AskHuman(card=card, blocks=(), by=LEAD)
    for name in ("title", "do", "expect"):
        less = m.Card(**{**{n: getattr(card, n) for n in card.__struct_fields__}, name: ""})
        story.refuses(msg.AskHuman(card=less, blocks=(), by=LEAD), UsageError, f"wants `{name}`")
    for blocks, error, says in (
        (("9",), NotFound, "there is no item '9'"),
        (("2", "1"), Refused, "item 1 has begun and cannot be blocked"),
    ):
        story.refuses(msg.AskHuman(card=card, blocks=blocks, by=LEAD), error, says)
    story = begun()
    story.refuses(msg.AskHuman(card=card, blocks=("1",), by=LEAD), NotFound, "there is no item '1'")
    story = Story()
    story.refuses(msg.AskHuman(card=card, blocks=("1",), by=LEAD), Refused, "there is no run whose items")
    story.tell(asked)


def test_two_questions_about_one_item_are_both_waited_for() -> None:
    story = led()
    asks_human(story, "3")
    answered_first = msg.AnswerCheckpoint(id="C2", answer=m.Answer(text="red"), by="ann")
    story.tell(answered_first)
    proved(story, "mobile")
    assert story.status("2", "3") == ["done", "pending"]
    story.tell(msg.AnswerCheckpoint(id="C3", answer=m.Answer(text="blue"), by="ann"))
    assert story.status("3") == ["running"]


def test_a_human_task_that_is_held_up_does_not_open() -> None:
    story = gated(task("1", LEAD), task("2", "mobile", "1"))
    asks_human(story, "1")
    story.tell(msg.AnswerCheckpoint(id="C1", answer=m.Answer(choice="accept"), by="ann"))
    assert [one.id for one in story.opened()] == ["C2"]
    answered(story, text="red")
    assert story.the_checkpoint().origin == m.FromHumanItem("R1", "1")

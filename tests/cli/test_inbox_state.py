"""The checkpoints window as a script of news and keys: what is asked of the controller, and what is never asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.cards import Json, field, human, plan_gate, point, question
from tmuxorch.cli.inbox_state import MOMENT, Inbox

Key = Callable[[Inbox], Json | None]

LONG_AFTER = 100.0
"""Any time at which what came up by itself at 0 has been looked at."""


def inbox(*cards: Json) -> Inbox:
    """An inbox that knows these cards, the first selected and looked at for long."""
    new = Inbox()
    new.update(list(cards))
    for card in cards:
        new.fetched(card)
    drawn(new, 0.0)
    return new


def drawn(new: Inbox, now: float) -> None:
    """What is selected is on the screen, if it is here already."""
    if new.card:
        new.drawn(new.card, now)


def choose(choice: str) -> Key:
    return lambda new: new.choose(choice, LONG_AFTER)


def digit(number: int) -> Key:
    return lambda new: new.number(number, LONG_AFTER)


def fill(new: Inbox) -> None:
    new.fill(LONG_AFTER)


def typed(**texts: str) -> Key:
    """Types into the fields of the open form, and sends it; `words` are those that go with a choice."""
    return lambda new: new.submit({"" if name == "words" else name: text for name, text in texts.items()})


def press(new: Inbox, *keys: Key) -> Json | None:
    """Presses keys; the one request that came of it, if any."""
    requests = [request for key in keys if (request := key(new))]
    assert len(requests) <= 1
    return requests[0] if requests else None


ALL: list[Key] = [
    choose("accept"),
    choose("accept-for-session"),
    choose("decline"),
    fill,
    *map(digit, range(10)),
    typed(answer="x", words="x"),
]


def given(card: str, digest: str, choice: str = "", text: str = "", **values: str) -> Json:
    return {"id": card, "choice": choice, "text": text, "values": values, "digest": digest}


ONE_COLOUR = point(
    id="C6",
    kind="elicitation",
    choices=[{"key": "accept", "label": ""}, {"key": "decline", "label": ""}],
    fields=[field(id="colour", options=[{"key": "red", "label": ""}, {"key": "blue", "label": ""}])],
    digest="d6",
)


@pytest.mark.parametrize(
    ("card", "keys", "request_"),
    [
        (point(), [choose("accept")], given("C1", "d1", "accept")),
        (point(), [choose("accept-for-session")], given("C1", "d1", "accept-for-session")),
        (
            point(),
            [choose("decline"), typed(words="too risky")],
            given("C1", "d1", "decline", "too risky"),
        ),
        (point(), [choose("decline"), typed(words="")], given("C1", "d1", "decline")),
        (point(), [digit(4)], given("C1", "d1", "cancel")),
        (plan_gate(), [choose("accept")], given("C4", "d4", "accept")),
        (plan_gate(), [digit(2), typed(words="split\nit")], given("C4", "d4", "revise", "split\nit")),
        (question(), [digit(2)], given("C2", "d2", policy="exponential")),
        (question(), [digit(3), typed(words="")], given("C2", "d2", "decline")),
        (question(), [fill, typed(policy="1")], given("C2", "d2", policy="linear")),
        (question(), [choose("accept"), typed(policy=" jitter ")], given("C2", "d2", policy="jitter")),
        (human(), [fill, typed(answer="online after 4 s")], given("C3", "d3", answer="online after 4 s")),
        (ONE_COLOUR, [digit(2)], given("C6", "d6", "accept", colour="blue")),
    ],
)
def test_keys_become_the_answer_of_the_card_that_was_drawn(
    card: Json, keys: list[Key], request_: Json
) -> None:
    assert press(inbox(card), *keys) == request_


FORM = point(
    id="C5",
    kind="elicitation",
    choices=[{"key": "accept", "label": ""}, {"key": "decline", "label": ""}],
    fields=[
        field(id="name", label="Name"),
        field(id="age", type="integer", required=False),
        field(id="ok", type="boolean"),
        field(
            id="colours", type="list", options=[{"key": "red", "label": "R"}, {"key": "blue", "label": "B"}]
        ),
        field(id="token", secret=True),
    ],
    digest="d5",
)
FILLED = {"name": "Bob", "ok": "y", "colours": "1, B", "token": " s3cret "}


def test_a_form_is_sent_whole() -> None:
    values = {"name": "Bob", "ok": "true", "colours": "red,blue", "token": " s3cret "}
    assert press(inbox(FORM), fill, typed(**FILLED)) == given("C5", "d5", "accept", **values)


def test_what_is_wrong_in_a_form_is_said_all_at_once_and_the_form_stays() -> None:
    new = inbox(FORM)
    assert press(new, fill, typed(age="seven", ok="maybe", colours="red, green", token="t")) is None
    assert new.draft
    assert new.draft.problems == {
        "name": "an answer is needed; Esc leaves it open",
        "age": "type a whole number",
        "ok": "type yes or no",
        "colours": "green is none of: red, blue",
    }
    assert press(new, typed(**FILLED))


def test_what_only_the_controller_knows_to_be_wrong_stands_at_its_field() -> None:
    new = inbox(FORM)
    assert press(new, fill, typed(**FILLED, age="200"))
    assert press(new, typed(**FILLED)) is None, "sent twice"
    new.failed("age: '200' does not fit")
    assert new.draft
    assert new.draft.problems == {"age": "age: '200' does not fit"}
    assert press(new, typed(**FILLED))


def test_a_closed_question_takes_only_its_options() -> None:
    closed = question()
    closed["fields"][0]["other"] = False
    new = inbox(closed)
    assert press(new, fill, typed(policy="jitter")) is None
    assert new.draft
    assert new.draft.problems == {"policy": "jitter is none of: linear, exponential"}


def test_what_is_not_offered_is_not_sent() -> None:
    stuck = point(choices=[{"key": "retry", "label": ""}, {"key": "abort", "label": ""}])
    for key in (choose("accept"), choose("accept-for-session"), choose("decline"), fill, digit(3), digit(0)):
        new = inbox(stuck)
        assert press(new, key) is None
        assert new.draft is None
        assert new.notice
    assert press(inbox(stuck), digit(1)) == given("C1", "d1", "retry")


def test_escape_leaves_it_open_and_keeps_what_was_typed_but_no_secrets() -> None:
    new = inbox(FORM, point())
    press(new, fill)
    new.leave({"name": "Bob", "token": "s3cret"})
    assert (new.draft, new.kept) == (None, {"name": "Bob"})
    new.move(1)
    assert new.kept == {}


# -- no answer reaches another card than the one that was looked at


def test_the_selection_stays_on_a_card_that_was_answered_elsewhere() -> None:
    new = inbox(point(), question())
    assert new.update([question()]) == ["C1"]
    new.fetched(point(state="closed", answer={"choice": "accept"}, answered_by="ada"))
    drawn(new, 50.0)
    assert new.selected == "C1"
    assert press(new, *ALL) is None
    assert [row["id"] for row in new.rows] == ["C1", "C2"]
    new.following(LONG_AFTER)
    drawn(new, LONG_AFTER)
    assert press(new, digit(1)) == given("C2", "d2", policy="linear")


@pytest.mark.parametrize("after", [point(state="closed"), point(digest="other", body="another command")])
def test_what_was_typed_before_a_card_ended_or_changed_by_itself_does_nothing(after: Json) -> None:
    new = inbox(point(), question())
    new.fetched(after)
    for now in (LONG_AFTER, LONG_AFTER + MOMENT / 2):
        for key in ("accept", "accept-for-session", "decline"):
            assert new.choose(key, now) is None
        assert new.number(4, now) is None
        new.fill(now)
        new.following(now)
        assert (new.draft, new.selected) == (None, "C1")
        assert "only just" in new.notice
        drawn(new, now)  # a second time: what counts is when it was drawn first
    assert new.selected == "C1"
    new.following(LONG_AFTER + MOMENT)
    assert (new.choose("accept", LONG_AFTER + MOMENT) is None) == (after["state"] == "closed")


def test_a_card_that_comes_up_by_itself_is_answered_only_once_it_was_seen() -> None:
    new = Inbox()
    assert new.update([]) == []
    assert new.update([point()]) == ["C1"]
    assert new.choose("accept", LONG_AFTER) is None
    drawn(new, LONG_AFTER)
    new.fetched(point())
    assert new.choose("accept", LONG_AFTER) is None, "it is here, but not on the screen"
    drawn(new, LONG_AFTER)
    assert new.choose("accept", LONG_AFTER) is None, "that was typed before"
    assert new.choose("accept", LONG_AFTER + MOMENT) == given("C1", "d1", "accept")


@pytest.mark.parametrize("after", [point(state="closed"), point(digest="other", body="another command")])
def test_what_was_drawn_before_a_card_ended_or_changed_is_not_what_stands_there_now(after: Json) -> None:
    new, before = inbox(point()), point()
    new.fetched(before)
    new.fetched(after)
    new.drawn(before, LONG_AFTER - MOMENT)
    assert new.choose("accept", LONG_AFTER) is None
    assert "only just" in new.notice


def test_a_card_that_the_person_went_to_is_answered_as_soon_as_it_is_drawn() -> None:
    new = inbox(point(), question())
    new.move(1)
    assert new.number(1, LONG_AFTER) is None
    drawn(new, LONG_AFTER)
    assert new.number(1, LONG_AFTER) == given("C2", "d2", policy="linear")


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (human(state="closed", answer={"values": {"answer": "yes"}}, answered_by="ada"), "by ada"),
        (human(digest="d9", body="another task"), "C3 has changed"),
    ],
)
def test_what_is_typed_into_a_form_of_a_card_that_ends_or_changes_goes_to_nobody(
    after: Json, said: str
) -> None:
    new = inbox(human(), point())
    press(new, fill)
    new.fetched(after)
    assert said in new.notice
    assert "was not sent" in new.notice
    drawn(new, 0.0)
    assert press(new, *ALL) is None
    new.move(1)
    assert new.selected == "C3"
    assert new.draft
    new.leave({"answer": "online"})
    drawn(new, LONG_AFTER)
    assert new.kept == {"answer": "online"}


def test_a_card_that_has_changed_is_fetched_and_answered_as_it_is_now() -> None:
    new = inbox(plan_gate())
    changed = plan_gate(digest="d5", body="another plan")
    assert new.update([changed]) == ["C4"]
    new.fetched(changed)
    assert new.notice == "C4 has changed: read it again"
    assert new.update([changed]) == []
    drawn(new, 0.0)
    assert press(new, choose("accept")) == given("C4", "d5", "accept")


def test_a_card_that_was_opened_again_is_fetched_again() -> None:
    new = inbox(point())
    new.fetched(point(state="closed"))
    assert new.update([]) == []
    assert new.update([point()]) == ["C1"]


def test_an_answer_that_has_not_had_its_effect_is_looked_at_again() -> None:
    new = inbox(point())
    new.fetched(point(state="answered"))
    drawn(new, 0.0)
    assert new.update([]) == ["C1"]
    new.fetched(point(state="closed"))
    assert new.update([question()]) == []
    new.following(MOMENT)
    assert new.selected == "C2", "that it has ended was seen before"


def test_nothing_is_sent_twice() -> None:
    new = inbox(point())
    assert press(new, *ALL[:1], *ALL) == given("C1", "d1", "accept")
    assert new.sending == "C1"
    new.fetched(point(state="answered"))
    assert new.notice == "the answer is on its way", "it is not told as somebody else's"
    new.fetched(point())
    drawn(new, 0.0)
    new.failed("C1 has changed since it was shown")
    assert press(new, choose("accept")) == given("C1", "d1", "accept")
    new.answered(point(state="closed", answer={"choice": "accept"}, answered_by="me"))
    assert press(new, *ALL) is None


def test_after_an_answer_the_next_one_is_another_also_before_the_news_of_its_end() -> None:
    new = inbox(point(), question())
    assert press(new, choose("accept"))
    new.answered(point(state="closed", answer={"choice": "accept"}, answered_by="me"))
    assert new.others == 1
    new.following(LONG_AFTER)
    assert new.selected == "C2"


def test_one_checkpoint_alone_is_shown_whether_it_is_open_or_not() -> None:
    new = Inbox(only="C1")
    assert new.update([question()]) == ["C1"]
    new.fetched(point(state="closed"))
    drawn(new, 0.0)
    new.following(LONG_AFTER)
    assert new.selected == "C1"


def test_moving_keeps_its_bounds() -> None:
    new = inbox(point(), question(), human())
    new.move(-1)
    assert new.selected == "C1"
    for _ in range(4):
        new.move(1)
    assert new.selected == "C3"

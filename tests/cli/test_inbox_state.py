"""The interactive inbox as a script of news and keys: what is asked of the controller, and what is never asked."""

from __future__ import annotations

import pytest

from tests.cli.cards import Json, field, human, plan_gate, point, question
from tmuxorch.cli.inbox_state import Inbox
from tmuxorch.cli.keys import Paste


def inbox(*cards: Json) -> Inbox:
    """An inbox that knows these cards, the first selected."""
    new = Inbox()
    new.update(list(cards))
    for card in cards:
        new.fetched(card)
    return new


def press(new: Inbox, *keys: str) -> Json | None:
    """Presses keys; the one request that came of it, if any."""
    requests = [request for key in keys if (request := new.key(key))]
    assert len(requests) <= 1
    return requests[0] if requests else None


def typed(text: str) -> list[str]:
    return [*text, "enter"]


def given(card: str, digest: str, choice: str = "", text: str = "", **values: str) -> Json:
    return {"id": card, "choice": choice, "text": text, "values": values, "digest": digest}


@pytest.mark.parametrize(
    ("card", "keys", "request_"),
    [
        (point(), ["a"], given("C1", "d1", "accept")),
        (point(), ["s"], given("C1", "d1", "accept-for-session")),
        (point(), ["d", *typed("too risky")], given("C1", "d1", "decline", "too risky")),
        (point(), ["d", "enter"], given("C1", "d1", "decline")),
        (point(), ["4"], given("C1", "d1", "cancel")),
        (plan_gate(), ["a"], given("C4", "d4", "accept")),
        (plan_gate(), ["2", *typed("split item 2")], given("C4", "d4", "revise", "split item 2")),
        (question(), ["2"], given("C2", "d2", policy="exponential")),
        (question(), ["3", "enter"], given("C2", "d2", "decline")),
        (question(), ["e", *typed("1")], given("C2", "d2", policy="linear")),
        (question(), ["a", *typed("jitter")], given("C2", "d2", policy="jitter")),
        (human(), ["enter", *typed("online after 4 s")], given("C3", "d3", answer="online after 4 s")),
        (human(), ["e", "x", "backspace", *typed("ab cd"), "word"], given("C3", "d3", answer="ab cd")),
        (human(), ["e", Paste("a\nd"), "enter"], given("C3", "d3", answer="a d")),
    ],
)
def test_keys_become_the_answer_of_the_card_that_was_drawn(
    card: Json, keys: list[str], request_: Json
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


def test_a_form_is_filled_field_by_field() -> None:
    keys = ["a", *typed("Bob"), "enter", *typed("y"), *typed("1, B"), *typed(" s3cret ")]
    values = {"name": "Bob", "ok": "true", "colours": "red,blue", "token": " s3cret "}
    assert press(inbox(FORM), *keys) == given("C5", "d5", "accept", **values)


@pytest.mark.parametrize(
    ("keys", "notice"),
    [
        (["a", "enter"], "an answer is needed"),
        (["a", *typed("Bob"), *typed("seven")], "whole number"),
        (["a", *typed("Bob"), *typed("7"), *typed("maybe")], "yes or no"),
    ],
)
def test_what_has_the_wrong_type_is_asked_again(keys: list[str], notice: str) -> None:
    new = inbox(FORM)
    assert press(new, *keys) is None
    assert notice in new.notice
    assert new.entry is not None


def test_a_closed_question_takes_only_its_options() -> None:
    closed = question()
    closed["fields"][0]["other"] = False
    new = inbox(closed)
    assert press(new, "e", *typed("jitter")) is None
    assert "one of the options" in new.notice


def test_what_is_not_offered_is_not_sent() -> None:
    stuck = point(choices=[{"key": "retry", "label": ""}, {"key": "abort", "label": ""}])
    new = inbox(stuck)
    for key in ("a", "s", "d", "3", "0", "x"):
        assert press(new, key) is None
    assert press(new, "1") == given("C1", "d1", "retry")


def test_pasted_text_answers_nothing() -> None:
    new = inbox(point())
    assert press(new, Paste("a"), Paste("1"), Paste("s\r")) is None


def test_escape_leaves_it_open() -> None:
    new = inbox(FORM)
    assert press(new, "a", *typed("Bob"), "esc", "esc") is None
    assert not new.quit
    assert press(new, "a", *typed("Eve"), *typed("7")) is None
    assert new.values == {"name": "Eve", "age": "7"}


def test_the_selection_stays_on_a_card_that_was_answered_elsewhere() -> None:
    new = inbox(point(), question())
    assert new.selected == "C1"
    assert new.update([question()]) == ["C1"]
    new.fetched(point(state="closed", answer={"choice": "accept"}, answered_by="ada"))
    assert new.selected == "C1"
    assert new.notice == "C1 closed: accept, by ada"
    assert press(new, "a", "1", "s", "d", "e") is None
    assert [row["id"] for row in new.rows] == ["C1", "C2"]
    assert press(new, "enter", "1") == given("C2", "d2", policy="linear")


def test_an_answer_elsewhere_ends_what_is_being_typed() -> None:
    new = inbox(human())
    press(new, "e", *"onl")
    new.update([])
    new.fetched(human(state="closed", answer={"values": {"answer": "yes"}}, answered_by="ada"))
    assert press(new, "i", "n", "enter") is None
    assert new.entry is None


def test_nothing_is_sent_twice() -> None:
    new = inbox(point())
    assert press(new, "a", "a", "1", "s") == given("C1", "d1", "accept")
    assert new.sending == "C1"
    new.failed("C1 has changed since it was shown")
    assert press(new, "a") == given("C1", "d1", "accept")
    new.answered(point(state="closed", answer={"choice": "accept"}, answered_by="me"))
    assert press(new, "a") is None


def test_a_card_is_answered_only_once_it_is_here() -> None:
    new = Inbox()
    assert new.update([point()]) == ["C1"]
    assert press(new, "a", "1") is None
    new.fetched(point())
    assert new.update([point()]) == []
    assert press(new, "a") == given("C1", "d1", "accept")


def test_moving_and_scrolling_keep_their_bounds() -> None:
    new = inbox(point(), question(), human())
    new.page, new.end = 10, 25
    press(new, "k")
    assert new.selected == "C1"
    press(new, *"jjjj")
    assert new.selected == "C3"
    press(new, "pgdn", " ", "pgdn", "pgdn")
    assert new.scroll == 25
    press(new, "b")
    assert new.scroll == 16
    press(new, "home", "up")
    assert (new.selected, new.scroll) == ("C2", 0)


def test_q_quits_but_is_a_letter_while_typing() -> None:
    new = inbox(human())
    press(new, "e", "q")
    assert not new.quit
    press(new, "interrupt")
    assert not new.quit
    assert new.entry is None
    press(new, "q")
    assert new.quit


def test_a_card_that_has_changed_is_fetched_and_answered_as_it_is_now() -> None:
    new = inbox(plan_gate())
    changed = plan_gate(digest="d5", body="another plan")
    assert new.update([changed]) == ["C4"]
    new.fetched(changed)
    assert new.notice == "C4 has changed: read it again"
    assert new.update([changed]) == []
    assert press(new, "a") == given("C4", "d5", "accept")

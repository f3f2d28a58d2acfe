"""From typed words to an answer, by the card."""

from __future__ import annotations

import pytest

from tests.cli.cards import Json, field, human, plan_gate, point, question
from tmuxorch.cli.answering import answer
from tmuxorch.cli.demo_answers import answer as automatic
from tmuxorch.errors import UsageError


def given(choice: str = "", text: str = "", **values: str) -> Json:
    return {"choice": choice, "text": text, "values": values}


FORM = point(
    kind="elicitation",
    choices=[{"key": "accept", "label": ""}, {"key": "decline", "label": ""}],
    fields=[field(id="name"), field(id="age", type="integer")],
)


@pytest.mark.parametrize(
    ("card", "words", "expected"),
    [
        (point(), ["accept"], given("accept")),
        (point(), ["cancel"], given("cancel")),
        (point(), ["why", "not"], given(text="why not")),
        (plan_gate(), ["revise", "split", "item 2"], given("revise", "split item 2")),
        (human(), ["online", "within 4 s"], given(answer="online within 4 s")),
        (human(), ["answer=a=b"], given(answer="a=b")),
        (question(), ["exponential"], given(policy="exponential")),
        (question(), ["2"], given(policy="exponential")),
        (question(), ["ALWAYS 1 s"], given(policy="linear")),
        (question(), ["something else"], given(policy="something else")),
        (question(), ["decline"], given("decline")),
        (FORM, ["name=Bob", "age=7"], given("accept", name="Bob", age="7")),
        (FORM, ["decline"], given("decline")),
    ],
)
def test_words(card: Json, words: list[str], expected: Json) -> None:
    assert answer(card, words) == expected


def test_what_is_no_answer() -> None:
    with pytest.raises(UsageError, match="accept or accept-for-session"):
        answer(point(), [])
    with pytest.raises(UsageError, match="not FIELD=VALUE"):
        answer(FORM, ["name=Bob", "seven"])


def test_the_demo_answers_as_somebody_to_whom_all_is_well() -> None:
    assert automatic(point()) == given("accept")
    assert automatic(question()) == given(policy="linear")
    assert automatic(human(expect="online within 5 s: yes")) == given(answer="online within 5 s: yes")
    assert automatic(plan_gate()) == given("accept")
    stuck = point(kind="failure", choices=[{"key": "retry", "label": ""}, {"key": "abort", "label": ""}])
    assert automatic(stuck) == given("retry")
    assert automatic(stuck, again=True) == given("abort")

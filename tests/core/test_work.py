"""What a child says of its work: taken as far as it has the form that was asked for."""

from __future__ import annotations

import pytest
from msgspec import json

from tmuxorch.core import work
from tmuxorch.core.said import BLOCK, LINE, LINES
from tmuxorch.core.work import ContractChange, WorkAnswer


def change(name: str, shape: str = "s", why: str = "w") -> ContractChange:
    return ContractChange(name=name, shape=shape, why=why)


def test_an_answer_is_taken_in_normal_form() -> None:
    said = WorkAnswer(
        summary="Done \x1b[31m✔\r\n",
        contract_changes=(change("GET\n/token", "{a:\tint}", " since \x00 ever"), change(" \n")),
        open_questions=("which\nport?", " "),
    )
    assert work.read(json.encode(said).decode()) == WorkAnswer(
        summary="Done ✔",
        contract_changes=(change("GET /token", "{a:    int}", "since  ever"),),
        open_questions=("which port?",),
    )


@pytest.mark.parametrize(
    "said",
    [
        "I did it.",
        "",
        "{}",
        "null",
        '{"summary": "x"}',
        '{"summary": 7, "contract_changes": [], "open_questions": []}',
    ],
)
def test_words_that_are_no_such_answer_are_the_summary(said: str) -> None:
    assert work.read(said) == WorkAnswer(summary=said, contract_changes=(), open_questions=())


def test_what_is_too_much_is_clipped() -> None:
    huge = "x" * (1 << 20)
    said = WorkAnswer(
        summary=huge, contract_changes=(change(huge, huge, huge),), open_questions=(huge,) * 100
    )
    for text in (json.encode(said).decode(), huge, "[" * (1 << 20)):
        assert len(work.read(text).summary) == BLOCK
    kept = work.read(json.encode(said).decode())
    assert len(kept.contract_changes[0].shape) == BLOCK
    assert {len(line) for line in kept.open_questions} == {LINE}
    assert len(kept.open_questions) == LINES

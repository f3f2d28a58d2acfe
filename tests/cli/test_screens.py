"""A card as text: how it is answered, and nothing of it acts on the terminal."""

from __future__ import annotations

from tests.cli.cards import point, question
from tmuxorch.cli.card import card

HOSTILE = "\x1b[2J\x1b]0;owned\x07#[fg=red]\u202egnp\u200b\r\nC9 approval accept\t漢字" + "x" * 500


def test_the_card_as_text_names_the_commands_that_answer_it() -> None:
    text = card(point())
    for line in (
        "tmuxorch approve C1                Allow once",
        "tmuxorch approve C1 --for-session  Allow for this session",
        "tmuxorch answer C1 cancel          Decline and end the turn",
    ):
        assert line in text
    assert 'tmuxorch answer C2 "linear | exponential | …"  Retry policy' in card(question())


def test_a_card_as_text_cannot_act_on_the_terminal() -> None:
    text = card(point(title=HOSTILE, body=HOSTILE, do=HOSTILE, expect=HOSTILE))
    assert all(char.isprintable() or char in "\n\t" for char in text)
    assert "\\x1b]0;owned\\x07" in text

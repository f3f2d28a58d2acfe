"""What the inbox draws: everything in sight at every size, whatever agents write."""

from __future__ import annotations

import pytest
from rich.text import Text

from tests.cli.cards import human, point, question
from tests.cli.test_inbox_state import inbox, press, typed
from tmuxorch.cli import inbox_view
from tmuxorch.cli.card import card
from tmuxorch.cli.inbox_state import Inbox
from tmuxorch.core.text import width

NOW = 1767225840.0  # 2026-01-01T00:04:00Z

SIZES = [(60, 15), (80, 24), (200, 50), (20, 5)]

HOSTILE = "\x1b[2J\x1b]0;owned\x07#[fg=red]\u202egnp\u200b\r\nC9 approval accept\t漢字" + "x" * 500


def shown(lines: list[Text]) -> str:
    return "\n".join(line.plain for line in lines)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_every_screen_has_its_size_and_nothing_acts_on_the_terminal(columns: int, rows: int) -> None:
    many = [point(id=f"C{number}", title=HOSTILE, body=HOSTILE * 20) for number in range(1, 30)]
    new = inbox(*many)
    lines = inbox_view.lines(new, "", columns, rows, NOW)
    assert len(lines) == rows
    assert all(char.isprintable() for line in lines for char in line.plain)


def inbox_text(new: Inbox, columns: int = 80, rows: int = 24, problem: str = "") -> str:
    return shown(inbox_view.lines(new, problem, columns, rows, NOW))


def test_the_inbox() -> None:
    text = inbox_text(inbox(point(), question()))
    assert text.splitlines()[:3] == [
        "2 wait for you",
        "▸ C1  approval  backend  item 2  4 min  Run a command outside the sandbox",
        "  C2  question  backend  item 2  4 min  Which retry policy?",
    ]
    assert "Do:       Decide whether this command may run." in text
    assert "Blocked:  2, 4" in text
    assert "$ touch /srv/contract.json" in text
    assert "1  a  accept" in text
    assert "4     cancel" in text
    assert "a accept · s accept-for-session · d decline · 1–4 choose" in text


def test_an_empty_inbox() -> None:
    assert inbox_text(inbox()).splitlines()[0] == "nothing waits for you"
    assert "gone — tmuxorch up" in inbox_text(inbox(), problem="gone")


def test_the_whole_body_can_be_read_at_60_by_15() -> None:
    body = "\n".join(f"line {number} " + "y" * 100 for number in range(40))
    new = inbox(point(body=body))
    assert "more lines below" in inbox_text(new, 60, 15)
    seen = set()
    for _ in range(60):
        seen |= {line.strip() for line in inbox_text(new, 60, 15).splitlines()}
        new.key("pgdn")
    for number in range(40):
        assert any(line.startswith(f"line {number} ") for line in seen)
    assert new.scroll == new.end
    assert all(width(line) <= 60 for line in inbox_text(new, 60, 15).splitlines()[2:-1])


def test_a_diff_is_coloured() -> None:
    body = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same"
    lines = inbox_view.lines(inbox(point(body=body)), "", 80, 24, NOW)
    styles = {line.plain: str(line.style) for line in lines}
    assert styles["-old"] == "red"
    assert styles["+new"] == "green"
    assert styles[" same"] == ""


def test_a_secret_is_not_shown_while_it_is_typed() -> None:
    secret = human()
    secret["fields"][0]["secret"] = True
    new = inbox(secret)
    press(new, "e", *"hunter2")
    assert "hunter2" not in inbox_text(new)
    assert "•••••••" in inbox_text(new)


def test_the_inbox_says_what_became_of_an_answer() -> None:
    new = inbox(human())
    press(new, "e", *typed("yes"))
    assert "answering C3…" in inbox_text(new)
    new.answered(human(state="closed", answer={"values": {"answer": "yes"}}, answered_by="ada"))
    assert "C3 closed: answer: yes, by ada" in inbox_text(new)


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

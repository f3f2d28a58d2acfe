"""A card as lines: nothing of it is left out at any width, and a long one is wrapped where it is looked at."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.cli.cards import Json, human, point, question
from tmuxorch.cli.inbox_state import Inbox
from tmuxorch.cli.screens import inbox_view
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.inbox_text import Wrapped, answers, rows
from tmuxorch.cli.screens.lines import Line
from tmuxorch.host.text import width

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07#[fg=red][red]\u202egnp\u200b\r\nC9 approval accept\t漢字❤️e\u0301" + "x" * 9000
)

UNICODE, ASCII = Glyphs(True), Glyphs(False)


def said(line: Line) -> str:
    return "".join(words for words, _ in line)


def body(card: Json, columns: int, glyphs: Glyphs = UNICODE) -> list[str]:
    """The card's lines from its body on."""
    wrapped = Wrapped(rows(card, glyphs), columns)
    lines = [said(line) for line in wrapped.lines(0, len(wrapped))]
    return lines[lines.index("") + 1 :]


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("columns", [4, 20, 60, 200])
@pytest.mark.parametrize("card", [point(body=HOSTILE), question(body=HOSTILE)])
def test_whatever_an_agent_writes_is_drawn_within_the_width_and_does_nothing(
    card: Json, columns: int, glyphs: Glyphs
) -> None:
    card = {**card, "title": HOSTILE, "do": HOSTILE, "expect": HOSTILE}
    wrapped = Wrapped(rows(card, glyphs), columns)
    found = [said(line) for line in wrapped.lines(0, len(wrapped))]
    assert len(found) == len(wrapped)
    assert all(line.isprintable() for line in found)
    assert all(line.isascii() for line in found) or glyphs is UNICODE
    if columns >= 20:  # below, what stands before a line leaves no room
        assert max(map(width, found)) <= columns
    assert sum(line.count("x") for line in found) >= 4 * 9000


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@given(text=st.text(max_size=60), columns=st.sampled_from([20, 60, 200]))
def test_no_text_leaves_its_place_on_the_screen(glyphs: Glyphs, text: str, columns: int) -> None:
    option = {"key": text, "label": text}
    card = question(title=text, body=text, do=text, source=text, item=text, choices=[option], blocks=[text])
    card["fields"][0] |= {"label": text, "options": [option]}
    shown = Inbox(notice=text, about=text)
    shown.update([card])
    shown.fetched(card)
    shown.notice = text
    wrapped = Wrapped(rows(card, glyphs), columns)
    lines = [
        *wrapped.lines(0, len(wrapped)),
        *inbox_view.head(shown, glyphs, columns, text, False, 0.0),
        *inbox_view.head(shown, glyphs, columns, text, True, 0.0),
        *inbox_view.rows(shown, glyphs, columns, 24, False, 0.0),
        *inbox_view.foot(shown, glyphs, columns, 24, False),
        *inbox_view.foot(shown, glyphs, columns, 5, False),
    ]
    for line in map(said, lines):
        assert line.isprintable()
        assert cell_len(line) <= columns
        assert line.isascii() or glyphs is UNICODE


@pytest.mark.parametrize("columns", [9, 40, 41, 42, 80])
def test_each_character_of_a_command_is_there(columns: int) -> None:
    command = "rm  -rf  'a  b'    " + "é漢\u0301\u212b" * 30 + "--" * 60 + "  end"
    lines = body(point(body=command), columns)
    whole = "".join(lines[:1] + [line.removeprefix("↪ ") for line in lines[1:]])
    assert whole == command.replace("\u0301", "\\u0301").replace("\u212b", "\\u212b")


def test_prose_is_broken_at_words() -> None:
    lines = body(human(body="one two three four"), 12)
    assert lines == ["one two", "↪ three four"]


DIFF = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\nwhy: because\n- a list\n--- not a file"


def test_a_diff_is_coloured_and_what_is_none_is_not() -> None:
    wrapped = Wrapped(rows(point(body=DIFF), UNICODE), 80)
    styles = {said(line): line[1][1] for line in wrapped.lines(0, len(wrapped))}
    assert styles["--- a/x"] == styles["+++ b/x"] == "bold"
    assert (styles["@@ -1 +1 @@"], styles["-old"], styles["+new"]) == ("cyan", "red", "green")
    assert styles[" same"] == styles["why: because"] == styles["- a list"] == styles["--- not a file"] == ""


def test_a_diff_of_twenty_thousand_lines_is_there_at_once() -> None:
    diff = "--- a/x\n+++ b/x\n" + "".join(f"+{number} {'y' * (number % 301)}\n" for number in range(20_000))
    card = rows(point(body=diff), UNICODE)
    began = time.process_time()
    wrapped = Wrapped(card, 100)
    last = wrapped.lines(len(wrapped) - 1, 1)
    assert time.process_time() - began < 0.2
    assert said(last[0]).endswith("y" * 20)
    row = wrapped.place(30_000)
    assert wrapped.start(row) <= 30_000 < wrapped.start(row + 1)


def test_the_answers_are_in_sight_however_little_room_there_is() -> None:
    shown = [said(line) for line in answers(point(), UNICODE, 80, 4)]
    assert shown[:2] == [
        "1 a  accept              Allow once",
        "2 s  accept-for-session  Allow for this session",
    ]
    (short,) = answers(point(), UNICODE, 80, 1)
    assert said(short) == "a accept · s accept-for-session · d decline · 4 cancel"
    assert [said(line) for line in answers(question(), ASCII, 30, 2)] == [
        "e answer in words - 1 linear",
        "2 exponential - d decline",
    ]
    (less,) = answers(question(), UNICODE, 30, 1)
    assert said(less) == "e answer in words · 1 linear …"

"""The two normal forms of text hold whatever comes in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxorch.core import text

PIECES = st.sampled_from(
    [
        *(
            "\x1b[31m",
            "\x1b]0;title\x07",
            "\x1b]8;;u\x1b\\",
            "\x1b",
            "\x1b[",
            "\x1bc",
            "\x9b",
            "\x00",
            "\x7f",
            "\x85",
        ),
        *("\r", "\r\n", "\n", "\t", "\x0b", "\x0c", "\x1c", " ", "\xa0", "\u2028", "\u2029", "\u3000"),
        *(
            "\u202e",
            "\u2066",
            "\ufeff",
            "\ud800",
            "\udfff",
            "e\u0301",
            "世",
            "🙂",
            "|",
            "#{pane}",
            "#(id)",
            "`",
        ),
    ]
)
HOSTILE = st.lists(PIECES | st.text(max_size=5) | st.characters(), max_size=20).map("".join)
"""Text as it comes from a model, a terminal or an attacker, with lone surrogates."""


@given(HOSTILE)
def test_a_normal_form_is_its_own_normal_form(raw: str) -> None:
    assert text.is_block(text.block(raw))
    assert text.is_line(text.line(raw))
    assert text.line(text.block(raw)) == text.line(raw)
    assert text.block(text.line(raw)) == text.line(raw)


@given(HOSTILE)
def test_a_normal_form_can_be_stored_and_shown(raw: str) -> None:
    block, line = text.block(raw), text.line(raw)
    assert block.encode().decode() == block
    assert not any((ord(char) < 32 and char != "\n") or 127 <= ord(char) < 160 for char in block)
    assert block.splitlines() == ([] if not block else block.split("\n"))
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    ("raw", "block", "line"),
    [
        ("plain", "plain", "plain"),
        ("  a \t b  \r\n\n c \n", "a      b\n\n c", "a b c"),
        ("\x1b[1;31mred\x1b[0m", "red", "red"),
        ("\x1b]0;a title\x07shown", "shown", "shown"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link", "link"),
        ("ab\x08c\x00", "abc", "abc"),
        ("abc\u202ecba", "abccba", "abccba"),
        ("one\u2028two", "onetwo", "onetwo"),
        ("\ud800", "", ""),
    ],
)
def test_what_is_dropped_and_what_is_kept(raw: str, block: str, line: str) -> None:
    assert (text.block(raw), text.line(raw)) == (block, line)


@given(st.text(), st.integers(1, 20))
def test_clipped_text_is_never_longer_than_asked(raw: str, limit: int) -> None:
    clipped = text.clip(raw, limit)
    assert len(clipped) <= limit
    assert clipped == raw if len(raw) <= limit else clipped == raw[: limit - 1] + "…"


@pytest.mark.parametrize(("shown", "columns"), [("", 0), ("abc", 3), ("世界", 4), ("e\u0301", 1), ("ｆ", 2)])
def test_width_is_counted_in_columns(shown: str, columns: int) -> None:
    assert text.width(shown) == columns

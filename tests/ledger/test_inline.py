"""A line inside Markdown reads back as it was, and looks as it is where it is harmless."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings

from tests.ledger import hostile
from tmuxorch.ledger import inline

PROFILE = settings(settings.get_profile("documents"), max_examples=250)


@PROFILE
@given(hostile.lines)
@example("`a\\`b` \\` <b>")
def test_every_line_reads_back(line: str) -> None:
    for escape in (inline.escape, inline.escape_start, inline.escape_title, inline.escape_id):
        assert inline.unescape(escape(line)) == line


@PROFILE
@given(hostile.few(hostile.lines))
def test_code_spans_ids_and_cells_read_back(lines: tuple[str, ...]) -> None:
    given_lines = [line for line in lines if line]
    assert inline.read_codes(inline.codes(given_lines)) == given_lines
    assert inline.read_ids(", ".join(map(inline.escape_id, given_lines))) == given_lines
    cells = [*map(inline.escape, lines), inline.codes(given_lines), ""]
    assert inline.read_row(inline.row(cells)) == cells


@pytest.mark.parametrize(
    "line",
    [
        "ordinary text, with (parentheses), 3 < 4 & 5 > 4!",
        "*emphasis*, **strong**, `code with <b> and \\< in it`, [a link](https://x.y)",
        "<https://x.y> and C:\\dir\\file, under_scores and #hash and 1.5",
        "-x, +1, a - b, #5, 2025. was, [ ] a box",
    ],
)
def test_what_is_harmless_is_not_escaped(line: str) -> None:
    assert inline.escape_start(line) == line


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("# heading", "\\# heading"),
        ("- bullet", "\\- bullet"),
        ("12. number", "12\\. number"),
        ("3) number", "3\\) number"),
        ("> quote", "\\> quote"),
        ("---", "\\---"),
        ("* * *", "\\* * *"),
        ("```sh", "\\```sh"),
        ("~~~", "\\~~~"),
        ("[a]: b", "\\[a]: b"),
        ("<!-- hidden -->", "\\<!-- hidden -->"),
        ("a <b>bold</b>", "a \\<b>bold\\</b>"),
        ("![image](http://x/y.png)", "\\![image](http://x/y.png)"),
        ("a \\* b", "a \\\\* b"),
        ("ends in \\", "ends in \\\\"),
    ],
)
def test_what_would_act_is_escaped(line: str, written: str) -> None:
    assert inline.escape_start(line) == written


def test_a_title_keeps_its_last_hashes() -> None:
    assert inline.escape_title("in C #") == "in C \\#"


def test_codes_may_be_separated_as_people_do() -> None:
    assert inline.read_codes("`a`,`b` ; ``c`d``<br>`` ` ``") == ["a", "b", "c`d", "`"]
    assert inline.read_codes("run `a`") is None
    assert inline.read_codes("make test") is None
    assert inline.read_codes("") == []

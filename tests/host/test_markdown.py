"""Messages as Markdown: what is shaped, and what stays as it was written."""

from __future__ import annotations

import pytest

from tmuxorch.host import inline, markdown
from tmuxorch.host.paint import Ink, paint
from tmuxorch.host.pieces import message


def styled(line: str) -> str:
    """`**x**` as <bold:x>."""
    return "".join(
        content if style == "plain" else f"<{style}:{content}>"
        for content, style in inline.parts(line, "plain")
    )


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("a **b c** d", "a <bold:b c> d"),
        ("*b* and _c_, ***d***.", "<italic:b> and <italic:c>, <bold:d>."),
        ("`x*y*` and ``a ` b``, `` `c` ``", "<cyan:x*y*> and <cyan:a ` b>, <cyan:`c`>"),
        ("**see `x`**", "<bold:see ><cyan:x>"),
        ("[the docs](https://x.y/z)", "the docs<dim: (https://x.y/z)>"),
        ("[`a.py`](/repo/a.py:3), ![](x) ![y](<z>)", "<cyan:a.py><dim: (/repo/a.py:3)>, ![](x) y<dim: (z)>"),
        ("[https://x.y](https://x.y)", "https://x.y"),
        (r"\*no\* \`no\` [a\](b)", r"*no* `no` [a](b)"),
        *(
            (same, same)
            for same in ("__init__.py", "snake_case_name", "*args, **kwargs", "2 * 3 * 4", "a*b*c")
        ),
        *(
            (same, same)
            for same in ("**/*.py and src/**/*.ts", "** open", "`open", "[a](b c)", "[x] done", "* * *")
        ),
        *((same, same) for same in ("", "**", "_", r"C:\new", "<https://x.y>", "a** b**", "x" * 3000)),
        ("**a** " * 200, "**a** " * 200),
    ],
)
def test_within_a_line(line: str, seen: str) -> None:
    assert styled(line) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("# A\n###### B #1\n#no\n####### no", ["# A", "###### B #1", "#no", "####### no"]),
        ("* a\n+ b\n  - c\n12) d\n-no", ["- a", "- b", "  - c", "12) d", "-no"]),
        ("a\n\n\n\nb\n", ["a", "", "b"]),
        ("> a\n>> b\n>", ["│ a", "│ b", "│"]),
        ("```py\n**x**\n```\n**y**", ["  **x**", "y"]),
        ("~~~\n```\n~~~\n```x``` y", ["  ```", "x y"]),
        ("````\n```\nx\n````\ny", ["  ```", "  x", "y"]),
        ("```\nnever closed", ["  never closed"]),
        ("a | b\n- | -\n`c` | *d* e\n\nf | g", ["a │ b", "─" * 16, "c │ d e", "", "f | g"]),
        ("|a|b|c|\n|:-|-|-:|\n|1\\|2|", ["a   │ b │ c", "─" * 16, "1|2 │   │"]),
        ("---\n***\n-- -\n--", ["─" * 16] * 3 + ["--"]),
    ],
)
def test_lines(text: str, seen: list[str]) -> None:
    shown = paint(markdown.rows(text), Ink(), 60).splitlines()
    assert [line.removeprefix("  ") for line in shown] == seen


def test_a_long_message_is_folded_and_stays_in_step_with_its_fences() -> None:
    lines = ["```", *(f"*{n}*" for n in range(220)), "```", *(f"*{n}*" for n in range(50))]
    rows = markdown.rows("\n".join(lines))
    folded = [number for number, row in enumerate(rows) if row.text.startswith("…")]
    assert [rows[number].text for number in folded] == ["… 52 lines, 270 B …"]
    assert rows[folded[0] - 1].text == "*198*"
    assert rows[folded[0] + 1].more == (("30", "italic"),)


def test_a_message_wraps_beside_its_mark_in_its_styles() -> None:
    painted = paint(message("- one **two three** four\n"), Ink(colour=True), 20)
    assert painted == "• - one \x1b[1mtwo three\x1b[0m\n    four\n"
    painted = paint(message("**one two three four five six**"), Ink(colour=True), 20)
    assert painted == "• \x1b[1mone two three four\x1b[0m\n  \x1b[1mfive six\x1b[0m\n"


def test_columns_that_leave_no_room_are_given_up() -> None:
    table = "| a long first cell | b |\n|---|---|\n| x | what it does |"
    assert paint(message(table), Ink(), 24).splitlines() == [
        "• a long first cell │ b",
        "  ────────────────",
        "  x │ what it does",
    ]

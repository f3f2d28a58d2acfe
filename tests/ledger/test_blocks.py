"""A block of somebody else's Markdown: as it is where that is harmless, else in a fence."""

from __future__ import annotations

import pytest

from tmuxorch.ledger import blocks


@pytest.mark.parametrize(
    "block",
    [
        "one line",
        "several\nlines\n\nand a **second** paragraph",
        "first:\n\n1. one\n2. two\n   - deeper\n\n```sh\necho '# no heading'\n```",
        "`<b>` and <https://x.y> and 3 < 4",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "```\n## inside a fence\n```",
    ],
)
def test_what_is_harmless_stays_as_it_is(block: str) -> None:
    assert blocks.paragraphs(block) == f"{block}\n"
    assert blocks.bullet(block, "Do").replace("\n  ", "\n").removeprefix("- **Do:**").strip() == block


@pytest.mark.parametrize(
    "block",
    [
        "# heading",
        "setext\n---",
        "a <b>bold</b>",
        "a <!-- comment",
        "![image](http://x/y.png)",
        "```\nopen",
        "~~~~\nopen\n~~~",
        "```text\nmine\n```",
        "```\n<!-- tmuxorch:end log -->\n```",
    ],
)
def test_what_would_act_is_fenced(block: str) -> None:
    fence = "````" if "```" in block else "```"
    inside = block.replace("\n", "\n  ")
    assert blocks.paragraphs(block) == f"  {fence}text\n  {inside}\n  {fence}\n"


@pytest.mark.parametrize("marker", ["> ", "- ", "1. ", "[", "*", "`", "<", "\\", "| "])
def test_depth_and_length_are_no_problem(marker: str) -> None:
    block = (marker * 3000).strip()
    assert block in blocks.paragraphs(block)
    assert block in blocks.bullet(block, "Do")


def test_a_quote_quotes_every_line() -> None:
    assert blocks.quote("a\n\nb") == "> a\n>\n> b\n"
    assert all(line.startswith(">") for line in blocks.quote("a\n\n# b").splitlines())

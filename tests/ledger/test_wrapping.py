"""A line of Markdown in several lines: it stays what it was."""

from __future__ import annotations

from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from tests.ledger import hostile
from tmuxorch.core import text
from tmuxorch.ledger import inline
from tmuxorch.ledger.wrapping import WIDTH, wrapped

MARKDOWN = MarkdownIt("commonmark").enable("table")
LONG = hostile.raw.map(lambda raw: text.line((raw + " word 1. - # a\\ 35 s ") * 12))


def read(markdown: str) -> list[tuple[str, str]]:
    """Kinds and contents, with each break in a paragraph as the blank that it is."""
    return [(token.type, " ".join(token.content.split())) for token in MARKDOWN.parse(markdown)]


@settings.get_profile("documents")
@given(LONG)
@example(("a\\ " + "word " * 40).strip())
@example("```" + "word " * 40 + "``` more `code`")
def test_broken_lines_are_read_as_one(line: str) -> None:
    source = inline.escape_start(line)
    assert read(wrapped(source)) == read(source)
    assert read(wrapped(f"- {source}", "  ")) == read(f"- {source}")
    assert wrapped(source).replace("\n", " ").strip() == source
    assert not any(
        token.type == "hardbreak" for token in MARKDOWN.parseInline(wrapped(source))[0].children or ()
    )


def test_lines_fit_and_figures_keep_their_units() -> None:
    for length in range(10):
        source = "x" * length + " the device is silent for 35 s," * 20
        lines = wrapped(source.strip(), "  ").splitlines()
        assert len(lines) > 5
        assert all(len(line) <= WIDTH and not line.endswith("35") for line in lines)
        assert all(line.startswith("  ") for line in lines[1:])


def test_what_has_no_place_to_break_is_one_line() -> None:
    assert wrapped("x" * 300) == "x" * 300 + "\n"
    assert wrapped("- " * 100 + "-").count("\n") == 1
    assert wrapped("") == ""

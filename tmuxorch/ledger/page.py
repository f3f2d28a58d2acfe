"""A Markdown document as its lines and blocks, and the reading of what the ledger's documents are made of.

markdown-it-py finds the blocks; values are read from the source lines, so that nothing of them is lost. Every
complaint names the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from tmuxorch.core import text
from tmuxorch.errors import UsageError
from tmuxorch.ledger import inline

Node = SyntaxTreeNode

# Blocks alone: what is inside a line is read by `inline`. Link definitions would vanish, so they are text here.
# The limit of nesting bounds the recursion that a hostile text can cause.
_BLOCKS = (
    MarkdownIt("commonmark", {"maxNesting": 40}).enable("table").disable(["reference", "inline", "text_join"])
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_BULLET = re.compile(r"( {0,3}[-*+])( {1,4}(?! )| |\Z)")
_LABEL = re.compile(r"(?:\*\*|__)?([A-Za-z][A-Za-z /]*?)(?:\*\*|__)?:(?:\*\*|__)?(?=\s|\Z) *")
FENCE_INFO = "text"


class Row(NamedTuple):
    """A row of a table: the number of its line (from 0) and its cells as Markdown source."""

    line: int
    cells: list[str]


class Page:
    """A parsed document. Complaints are of the class `error` and name `name`; `skipped` lines are before its first."""

    def __init__(
        self, source: str, name: str = "", error: type[UsageError] = UsageError, skipped: int = 0
    ) -> None:
        source = source.removeprefix("\ufeff")
        self.lines: list[str] = _LINE.findall(source)
        self.blocks: list[Node] = Node(_BLOCKS.parse(source)).children
        self._name = name
        self._error = error
        self._skipped = skipped

    def wrong(self, line: int, complaint: str) -> UsageError:
        """The error for a line (counted from 0)."""
        return self._error(f"{self._name} line {self._skipped + line + 1}: {complaint}")

    def source(self, start: int, end: int) -> str:
        """The lines from `start` up to `end`, byte for byte."""
        return "".join(self.lines[start:end])

    def bullets(self, blocks: Sequence[Node], what: str) -> list[Node]:
        """The items of the bullet lists that `blocks` are, and nothing else."""
        for block in blocks:
            if block.type != "bullet_list":
                raise self.wrong(
                    first_line(block), f"expected {what}; notes of your own go under a heading of their own"
                )
        return [item for block in blocks for item in block.children]

    def line_of(self, bullet: Node) -> str:
        """The Markdown source of a bullet that is one paragraph, as one line."""
        if any(block.type != "paragraph" for block in bullet.children) or len(bullet.children) > 1:
            raise self.wrong(first_line(bullet), "expected a bullet of one paragraph")
        return text.line(self.inside(bullet))

    def inside(self, bullet: Node) -> str:
        """The source lines of a bullet without its marker and indentation."""
        first, *rest = (line.expandtabs(4).rstrip("\r\n") for line in self.lines[slice(*lines(bullet))])
        marker = _BULLET.match(first)
        assert marker is not None
        indent = re.compile(f" {{0,{marker.end() + (not marker[2])}}}")
        return "\n".join([first[marker.end() :], *(indent.sub("", line, count=1) for line in rest)])

    def block_of(self, bullet: Node, label: str = "") -> str:
        """The block of text in a bullet: what is fenced as text, else the source."""
        inner = bullet.children[1:] if label else bullet.children
        if [block.type for block in inner] == ["fence"] and inner[0].info == FENCE_INFO:
            source = self.inside(bullet).partition("\n")[0] if label else ""
            if not without_label(source):
                return text.block(inner[0].content)
        source = self.inside(bullet)
        return text.block(without_label(source) if label else source)

    def block_between(self, start: int, end: int, blocks: Sequence[Node]) -> str:
        """The block of text that the lines from `start` up to `end`, parsed as `blocks`, hold."""
        if len(blocks) == 1 and blocks[0].type == "fence" and blocks[0].info == FENCE_INFO:
            return text.block(blocks[0].content)
        return text.block(self.source(start, end))

    def table(self, heading: int, blocks: Sequence[Node], columns: Sequence[str]) -> list[Row]:
        """The rows of the one table that `blocks` are, below the heading in line `heading`."""
        wanted = inline.row(columns)
        if not blocks:
            raise self.wrong(heading, f"expected a table with the columns {wanted}")
        for number, block in enumerate(blocks):
            if block.type != "table" or number:
                raise self.wrong(
                    first_line(block), f"expected the table with the columns {wanted} and nothing else"
                )
        head, *body = blocks[0].children
        found = inline.read_row(self.lines[first_line(head)])
        if [folded(cell) for cell in found] != [folded(column) for column in columns]:
            raise self.wrong(first_line(head), f"expected the columns {wanted}, found {inline.row(found)}")
        return [self._row(first_line(row), columns) for part in body for row in part.children]

    def _row(self, line: int, columns: Sequence[str]) -> Row:
        cells = inline.read_row(self.lines[line])
        if len(cells) != len(columns):
            raise self.wrong(
                line,
                f"expected {len(columns)} cells ({', '.join(columns)}), found {len(cells)}; "
                "a pipe inside a cell is written \\|",
            )
        return Row(line, cells)


def lines(block: Node) -> tuple[int, int]:
    """First line of a block and the one after its last, counted from 0."""
    assert block.map is not None
    return block.map


def first_line(block: Node) -> int:
    """First line of a block, counted from 0."""
    return lines(block)[0]


def title(heading: Node) -> str:
    """The Markdown source of a heading."""
    return text.line(heading.children[0].content) if heading.children else ""


def level(block: Node) -> int:
    """The level of a heading, 0 for any other block."""
    return int(block.tag[1]) if block.type == "heading" else 0


def label(source: str) -> str:
    """The label at the start of a bullet's source, `**Label:** …`; empty if there is none."""
    found = _LABEL.match(source)
    return text.line(found[1]) if found else ""


def without_label(source: str) -> str:
    """The source of a bullet less its label."""
    found = _LABEL.match(source)
    return source[found.end() :] if found else source


def folded(words: str) -> str:
    """What two spellings of the same words have in common."""
    return text.line(words).rstrip(":").casefold()


def nearest(word: str, known: Sequence[str]) -> str:
    """`; nearest: …` if one of `known` is like `word`, else nothing."""
    like = get_close_matches(folded(word), [folded(name) for name in known], n=1)
    return f"; nearest: {next(name for name in known if folded(name) == like[0])}" if like else ""

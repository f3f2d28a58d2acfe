"""Blocks of text inside a Markdown document: as they are where they stay in their place, else fenced.

A block is Markdown source of somebody else. It is written unchanged if reading it back gives the same text, the
place around it is not affected, and it holds no HTML, image or heading. Anything else goes into a fence of
```` ```text ````, where it is verbatim and cannot act.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from textwrap import indent

from tmuxorch.ledger import inline
from tmuxorch.ledger.page import FENCE_INFO, Node, Page, first_line

_HARMLESS = frozenset(
    (
        *("paragraph", "inline", "bullet_list", "ordered_list", "list_item", "blockquote", "hr"),
        *("fence", "code_block", "table", "thead", "tbody", "tr", "th", "td"),
    )
)
_RUN = re.compile("`+")
CACHED = 2048


@lru_cache(CACHED)
def bullet(block: str, label: str = "") -> str:
    """`block` (in the normal form of a block) as a bullet, after `label` if there is one. Ends with a line feed."""
    plain = _plain_bullet(block, label)
    if _stays(plain, block, label):
        return plain
    if label:
        return f"- **{label}:**\n\n{indent(fenced(block), '  ')}"
    return "- " + indent(fenced(block), "  ")[2:]


def _plain_bullet(block: str, label: str) -> str:
    if not label:
        return "- " + indent(block, "  ")[2:] + "\n"
    if "\n" in block:
        return f"- **{label}:**\n\n{indent(block, '  ')}\n\n"
    return f"- **{label}:** {block}".rstrip() + "\n"


def _stays(written: str, block: str, label: str) -> bool:
    page = Page(written + "- end\n")
    if [found.type for found in page.blocks] != ["bullet_list"]:
        return False
    items = page.blocks[0].children
    return (
        len(items) == 2
        and first_line(items[1]) == len(page.lines) - 1
        and [found.type for found in items[0].children[:1]] in ([], ["paragraph"])
        and _is_harmless(items[0])
        and page.block_of(items[0], label) == block
    )


@lru_cache(CACHED)
def paragraphs(block: str) -> str:
    """`block` for a place of its own, between empty lines. Ends with a line feed.

    What is fenced is also indented: no line of a foreign text begins with an HTML comment, which could be taken for
    a marker of ours.
    """
    page = Page(f"{block}\n\n# end\n")
    *blocks, end = page.blocks
    stays = (
        first_line(end) == len(page.lines) - 1
        and all(map(_is_harmless, blocks))
        and page.block_between(0, first_line(end), blocks) == block
        and not any(line.startswith("<!--") for line in page.lines)
    )
    return f"{block}\n" if stays else indent(fenced(block), "  ")


def quote(block: str) -> str:
    """`block` as a block quote. Ends with a line feed."""
    return indent(paragraphs(block), "> ", lambda line: True).replace("> \n", ">\n")


def table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells, each Markdown source. Ends with a line feed."""
    rule = inline.row("---" for _ in columns)
    return "\n".join([inline.row(columns), rule, *map(inline.row, rows), ""])


def _is_harmless(block: Node) -> bool:
    return all(
        found.type in _HARMLESS and (found.type != "inline" or inline.is_passive(found.content))
        for found in block.walk()
    )


def fenced(block: str) -> str:
    """`block` verbatim in a fence that nothing in it can close. Ends with a line feed."""
    fence = "`" * max([3, *(len(run) + 1 for run in _RUN.findall(block))])
    return f"{fence}{FENCE_INFO}\n{block}\n{fence}\n"

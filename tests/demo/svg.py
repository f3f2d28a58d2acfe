"""A terminal's screen as an SVG picture: every character in its cell, whatever monospace font the reader has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

WIDTH, HEIGHT, BASE = 8.4, 17, 13
"""A cell, and how far below its top the letters stand, in pixels."""

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML has no place for."""

MARGIN = 12

WORD = re.compile(r"[^ ]+(?: [^ ]+)*")
"""What is placed as one: where the reader's font is another, a wide gap must not add to the error."""

FONT = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
INK, PAPER = "#d6d9dd", "#14171a"

COLOURS = {
    "black": "#2b3036",
    "red": "#e06c75",
    "green": "#8cc265",
    "brown": "#d8b36a",  # as the emulator calls yellow
    "blue": "#5aa0e6",
    "magenta": "#c678dd",
    "cyan": "#45b8c4",
    "white": "#d6d9dd",
    "brightblack": "#7d868f",
    "brightred": "#ff8a92",
    "brightgreen": "#a8e07c",
    "brightbrown": "#f2d08a",
    "brightyellow": "#f2d08a",
    "brightblue": "#7fbcff",
    "brightmagenta": "#de94f2",
    "bfightmagenta": "#de94f2",  # as the emulator spells it
    "brightcyan": "#6fdbe6",
    "brightwhite": "#ffffff",
}


class Cell(NamedTuple):
    """A character and how it is drawn; the second cell of a wide one has no character."""

    text: str = " "
    ink: str = INK
    paper: str = PAPER
    bold: bool = False
    italic: bool = False
    underlined: bool = False


def colour(name: str, default: str) -> str:
    """The colour that a terminal's name, or its six hexadecimal digits, stands for."""
    if re.fullmatch("[0-9a-fA-F]{6}", name):
        return f"#{name.lower()}"
    return COLOURS.get(name, default)


def mixed(ink: str, paper: str) -> str:
    """The colour of faint letters."""
    pairs = ((int(ink[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{(6 * one + 4 * other) // 10:02x}" for one, other in pairs)


def picture(rows: Sequence[Sequence[Cell]], title: str) -> str:
    """The SVG of a screen. `title` is what people hear who do not see it."""
    columns = max(map(len, rows))
    width, height = columns * WIDTH + 2 * MARGIN, len(rows) * HEIGHT + 2 * MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="title" font-size="14" font-family={quoteattr(FONT)}>'
    )
    frame = f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{PAPER}"/>'
    drawn = [line for at, row in enumerate(rows) for line in _row(row, MARGIN + at * HEIGHT)]
    return "\n".join([head, f'<title id="title">{escape(title)}</title>', frame, *drawn, "</svg>", ""])


def _row(row: Sequence[Cell], top: float) -> Iterator[str]:
    for at, cells in _runs(row, lambda cell: cell.paper):
        if (paper := cells[0].paper) != PAPER:
            width = len(cells) * WIDTH
            yield f'<rect x="{_x(at)}" y="{top:g}" width="{width:g}" height="{HEIGHT}" fill="{paper}"/>'
    for at, cells in _runs(row, lambda cell: cell._replace(text="", paper="")):
        for word in WORD.finditer("".join(cell.text or "\0" for cell in cells)):
            yield _text(cells[word.start() : word.end()], _x(at + word.start()), top + BASE)


def _text(cells: Sequence[Cell], x: str, y: float) -> str:
    text = UNPRINTABLE.sub("\ufffd", "".join(cell.text for cell in cells))
    style = f'fill="{cells[0].ink}"'
    style += ' font-weight="bold"' if cells[0].bold else ""
    style += ' font-style="italic"' if cells[0].italic else ""
    style += ' text-decoration="underline"' if cells[0].underlined else ""
    return (
        f'<text x="{x}" y="{y:g}" textLength="{len(cells) * WIDTH:g}" lengthAdjust="spacingAndGlyphs" '
        f"{style}>{escape(text)}</text>"
    )


def _x(column: int) -> str:
    return f"{MARGIN + column * WIDTH:g}"


def _runs(row: Sequence[Cell], same: Callable[[Cell], object]) -> Iterator[tuple[int, list[Cell]]]:
    """Neighbours that are the same in that, each with its column."""
    at = 0
    for _, group in groupby(row, same):
        cells = list(group)
        yield at, cells
        at += len(cells)

"""A part of the screen that is drawn as lines; of these only what has changed goes to the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Part = tuple[str, str]
"""Words that are safe to draw, and their style in the words of rich."""

Line = tuple[Part, ...]


class Lines(Widget):
    """Shows lines from the top, cut to the width."""

    DEFAULT_CSS = "Lines { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """From now on shows these."""
        before, self._lines = self._lines, lines
        regions = [
            region
            for row in range(max(len(before), len(lines)))
            if (region := _changed(row, _at(before, row), _at(lines, row)))
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """The line, and blanks up to the width."""
        return _strip(_at(self._lines, y), self.size.width)


def _at(lines: Sequence[Line], row: int) -> Line:
    return lines[row] if row < len(lines) else ()


@lru_cache(1024)
def _strip(line: Line, width: int) -> Strip:
    segments = [Segment(words, _style(style)) for words, style in line if words]
    return Strip(segments).adjust_cell_length(width)


@lru_cache(256)
def _style(words: str) -> Style:
    return Style.parse(words)


def _changed(row: int, before: Line, after: Line) -> Region | None:
    """Where two lines differ, at one piece; None where nothing does."""
    if before == after:
        return None
    wide = max(columns(before), columns(after))
    left = sum(cell_len(words) for words, _ in _common(before, after))
    right = 0
    if columns(before) == columns(after):
        right = sum(cell_len(words) for words, _ in _common(before[::-1], after[::-1]))
    return Region(left, row, max(wide - left - right, 1), 1)


def _common(one: Line, other: Line) -> Iterator[Part]:
    for part, same in zip(one, other, strict=False):
        if part != same:
            return
        yield part


def columns(line: Line) -> int:
    """Cells that a line takes."""
    return sum(cell_len(words) for words, _ in line)


def cut(words: str, room: int, more: str) -> str:
    """`words` in at most `room` cells; `more` says that something was cut."""
    if cell_len(words) <= room:
        return words
    if room <= len(more):
        return more[: max(room, 0)]
    return set_cell_size(words, room - len(more)).rstrip() + more


def padded(words: str, room: int, right: bool = False) -> str:
    """`words` with blanks up to `room` cells, before them if they stand at the right."""
    blanks = " " * (room - cell_len(words))
    return blanks + words if right else words + blanks


def cut_line(line: Sequence[Part], room: int, more: str) -> Line:
    """A line in at most `room` cells."""
    found: list[Part] = []
    for words, style in line:
        wide = cell_len(words)
        if wide > room:
            found.append((cut(words, room, more), style))
            return tuple(found)
        found.append((words, style))
        room -= wide
    return tuple(found)

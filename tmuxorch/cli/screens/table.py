"""Rows of a section as lines of columns, which give way by their weight where it gets narrow."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.lines import Line, Part, columns, cut, cut_line, padded
from tmuxorch.cli.screens.rows import Row, Section, said

GAP = 2
"""Blanks between columns."""

MARK = 2
"""Cells before a row, where the chosen one has its sign."""

LEAST = 24
"""Cells that the last column has before any other is shown."""


def table(
    section: Section, shown: Sequence[Row], chosen: str, width: int, now: float, glyphs: Glyphs
) -> list[Line]:
    """The lines of the rows that are `shown`, all of that width."""
    cells = [[said(cell, now) for cell in row.cells] for row in shown]
    leads = [row.lead for row in shown]
    lead = min(max(map(cell_len, leads), default=0), max(width // 3, 12))
    widths = [max(cell_len(row[at]) for row in cells) for at in range(len(section.keeps))] if cells else []
    kept = _kept(widths, section.keeps, width - MARK - lead - LEAST - GAP)
    found = []
    for row, of in zip(shown, cells, strict=True):
        parts: list[Part] = [(padded(cut(row.lead, lead, glyphs["more"]), lead), row.style)]
        parts += [(" " * GAP + padded(of[at], widths[at]), "" if at else row.style) for at in kept]
        parts += [(" " * GAP, ""), *row.words(now)]
        found.append(_whole(parts, row.id == chosen, width, glyphs))
    return found


def _kept(widths: Sequence[int], keeps: Sequence[int], room: int) -> list[int]:
    """The columns that are shown: those that hold anything, the weightiest first, as far as they fit."""
    kept = []
    for at in sorted(range(len(widths)), key=keeps.__getitem__):
        if widths[at] and widths[at] + GAP <= room:
            kept.append(at)
            room -= widths[at] + GAP
    return sorted(kept)


def _whole(parts: Sequence[Part], chosen: bool, width: int, glyphs: Glyphs) -> Line:
    line = cut_line(parts, width - MARK, glyphs["more"])
    rest = width - MARK - columns(line)
    if not chosen:
        return (("  ", ""), *line, (" " * rest, ""))
    marked = (padded(glyphs["here"], MARK), ""), *line, (" " * rest, "")
    return tuple((words, f"{style} reverse".strip()) for words, style in marked)


def rule(section: Section, hidden: int, width: int, glyphs: Glyphs) -> Line:
    """The line above a section: its title, what is told beside it, how many rows there is no room for."""
    style = "bold yellow" if section.title.startswith("waiting") else "bold"
    told = f" {glyphs['dot']} {section.told}" if section.told else ""
    more = f" {hidden} more " if hidden else ""
    dash = glyphs["rule"]
    line: list[Part] = [(dash + " ", "dim"), (section.title, style), (told, ""), (" ", "")]
    line = list(cut_line(line, max(width - cell_len(more) - 1, 0), glyphs["more"]))
    rest = max(width - columns(tuple(line)) - cell_len(more) - 1, 0)
    return cut_line([*line, (dash * rest, "dim"), (more, ""), (dash, "dim")], width, glyphs["more"])


def rest(sections: Sequence[Section], shown: Sequence[int], width: int, glyphs: Glyphs) -> Line:
    """The one line that says what there is no room for, where there is none for titles either."""
    hidden = [
        f"{section.title} {len(section.rows) - number}"
        for section, number in zip(sections, shown, strict=True)
        if number < len(section.rows)
    ]
    words = f"  not shown: {', '.join(hidden)}" if hidden else ""
    return cut_line([(words, "dim")], width, glyphs["more"])

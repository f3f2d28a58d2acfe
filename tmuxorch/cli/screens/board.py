"""The sections of the overview on a screen of any size, with one row that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.lines import Line, columns
from tmuxorch.cli.screens.rows import Group, Kind, Row, Section
from tmuxorch.cli.screens.shares import shares, urgent, visible
from tmuxorch.cli.screens.table import rest, rule, table

WIDE = 140
"""Columns from which the plan stands beside those who work."""

FILTERS: tuple[tuple[str, tuple[Group, ...]], ...] = (
    ("all", tuple(Group)),
    ("at work", (Group.AT_WORK, Group.WAITING)),
    ("waiting", (Group.WAITING,)),
    ("failed", (Group.FAILED,)),
    ("over", (Group.OVER,)),
)
"""What is shown, by the words for it."""


class Board:
    """Rows to move through. What is chosen stays chosen while it is there; once it is gone nothing is, until somebody
    moves: no key means another row than the one that was seen.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._sections: list[Section] = []
        self._at = 0
        self._offsets: dict[str, int] = {}
        self._page = 10
        self._anew = False
        self.chosen = ""
        self.words = ""
        self.filter = 0

    @property
    def filtered(self) -> bool:
        """Whether rows are left out because somebody asked for others."""
        return bool(self.words or self.filter)

    @property
    def row(self) -> Row | None:
        """The chosen row, if it is there."""
        return next((row for row in self._rows if row.id == self.chosen), None)

    @property
    def _rows(self) -> list[Row]:
        return [row for section in self._sections for row in section.rows]

    def look_for(self, words: str, filter: int) -> None:
        """From the next `take` on only rows with these words, and of that filter. If the chosen one is none of them, it
        is the first."""
        self.words, self.filter, self._anew = words, filter, True

    def take(self, sections: Sequence[Section], now: float) -> None:
        """Shows these from now on."""
        groups, words = FILTERS[self.filter][1], self.words.casefold()
        self._sections = []
        for section in sections:
            rows = section.rows
            if self.filtered:
                rows = [row for row in rows if row.group in groups and words in row.text(now)]
            if rows:
                self._sections.append(replace(section, rows=rows))
        at = next((at for at, row in enumerate(self._rows) if row.id == self.chosen), None)
        if at is not None:
            self._at = at
        elif self._anew or not self.chosen:
            self._choose(0)
        self._anew = False

    # -- moving

    def move(self, by: int) -> None:
        """Chooses another row, so many below; from one that is gone, its neighbour."""
        if self.row is None:
            by -= by > 0
        self._choose(self._at + by)

    def page(self, direction: int) -> None:
        """Moves by about a screen."""
        self.move(direction * self._page)

    def end(self, last: bool) -> None:
        """Chooses the first or the last row."""
        self._choose(len(self._rows) if last else 0)

    def section(self, direction: int) -> None:
        """Chooses the first row of the next section, or of the one before; round and round."""
        if not self._sections:
            return
        now = max(self._section_of(self._at), 0)
        target = (now + direction) % len(self._sections)
        self._choose(sum(len(section.rows) for section in self._sections[:target]))

    def _choose(self, at: int) -> None:
        rows = self._rows
        self._at = max(0, min(at, len(rows) - 1))
        self.chosen = rows[self._at].id if rows else ""

    def _section_of(self, at: int) -> int:
        for number, section in enumerate(self._sections):
            if at < len(section.rows):
                return number
            at -= len(section.rows)
        return -1

    # -- drawing

    def draw(self, width: int, height: int, now: float) -> list[Line]:
        """So many lines of that width."""
        self._page = max(1, height - len(self._sections) - 1)
        plan = [one for one in self._sections if one.rows[0].kind is Kind.ITEM]
        agents = [one for one in self._sections if one.rows[0].kind > Kind.ITEM]
        if self.filtered and not self._sections and height:
            return [(("  nothing is like that; Esc shows all", "dim"),), *[()] * (height - 1)]
        if width < WIDE or not plan or not agents:
            return self._stacked(self._sections, width, height, now)
        first = [one for one in self._sections if one.rows[0].kind is Kind.CHECKPOINT]
        used = min(sum(1 + len(one.rows) for one in first), height // 2)
        top = self._stacked(first, width, used, now) if first else []
        left = (width - 3) // 2
        return top + self._beside(
            self._stacked(plan, left, height - used, now),
            self._stacked(agents, width - 3 - left, height - used, now),
            left,
        )

    def _beside(self, left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
        bar = f" {self._glyphs['bar']} "
        return [
            (*one, (" " * (width - columns(one)), ""), (bar, "dim"), *other)
            for one, other in zip(left, right, strict=True)
        ]

    def _stacked(self, sections: Sequence[Section], width: int, height: int, now: float) -> list[Line]:
        """Sections one below the other: under their titles, if there is room for these and all that is urgent."""
        mine, position = self._place_in(sections)
        titles = len(sections) + sum(urgent(one.rows) for one in sections) <= height
        room = height - (len(sections) if titles else 1)
        first = bool(sections) and sections[0].rows[0].kind is Kind.CHECKPOINT
        given = shares([one.rows for one in sections], max(room, 0), mine, first)
        lines: list[Line] = []
        for at, (section, number) in enumerate(zip(sections, given, strict=True)):
            before = self._offsets.get(section.title, 0)
            chosen = position if at == mine else -1
            which, self._offsets[section.title] = visible(section.rows, number, chosen, before)
            shown = [section.rows[one] for one in which]
            if titles:
                lines.append(rule(section, len(section.rows) - number, width, self._glyphs))
            lines += table(section, shown, self.chosen, width, now, self._glyphs)
        if not titles:
            lines.append(rest(sections, given, width, self._glyphs))
        lines = lines[:height]
        return lines + [()] * (height - len(lines))

    def _place_in(self, sections: Sequence[Section]) -> tuple[int, int]:
        """In which of these sections the chosen row is, and where there; -1 if in none."""
        at = self._at
        for section in self._sections:
            if at < len(section.rows):
                return (sections.index(section), at) if section in sections else (-1, -1)
            at -= len(section.rows)
        return -1, -1

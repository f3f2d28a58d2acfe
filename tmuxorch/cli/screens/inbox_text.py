"""A card as lines: whole, verbatim, wrapped to any width. A long one is wrapped where it is looked at only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from tmuxorch.cli import card as plain
from tmuxorch.cli.inbox_state import numbered
from tmuxorch.cli.output import Json
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.lines import Line, columns, cut_line, padded
from tmuxorch.codex.visible import visible
from tmuxorch.host.text import breaks, width

LETTERS = {"accept": "a", "accept-for-session": "s", "decline": "d"}

PROSE = 2000
"""Characters of the longest line that is broken at words; a longer one is no prose."""

EXACT = ("approval", "permission")
"""Kinds of which each character counts: nothing is left out, and lines are broken at no words, which eats blanks."""

INDENT = 10
"""Columns of the names before Do, Expected and Blocked."""


class Row(NamedTuple):
    """A line of the card before it is wrapped. `first` stands before it, `rest` before what does not fit; it is broken
    where it is full, or with `prose` at words."""

    text: str
    style: str = ""
    first: str = ""
    rest: str = ""
    prose: bool = True


class Wrapped:
    """Rows in `columns` columns. Its lines are made when they are asked for."""

    def __init__(self, rows: Sequence[Row], columns: int) -> None:
        self._rows = rows
        self._columns = max(columns, 4)
        self._pieces: dict[int, list[str]] = {}
        self._starts = [0, *accumulate(map(self._count, range(len(rows))))]

    def __len__(self) -> int:
        return self._starts[-1]

    def lines(self, top: int, number: int) -> list[Line]:
        """At most that many lines from `top` on."""
        return [self._line(at) for at in range(max(top, 0), min(top + number, len(self)))]

    def place(self, line: int) -> int:
        """The row in which a line is."""
        return max(bisect_right(self._starts, line) - 1, 0)

    def start(self, row: int) -> int:
        """The first line of a row."""
        return self._starts[min(row, len(self._rows))]

    def _room(self, row: Row) -> int:
        return max(self._columns - max(len(row.first), len(row.rest)), 2)

    def _count(self, at: int) -> int:
        row = self._rows[at]
        if len(row.text) * 2 <= self._room(row):
            return 1
        if row.text.isascii() and not _is_prose(row):
            return -(-len(row.text) // self._room(row))
        return len(self._cut(at))

    def _cut(self, at: int) -> list[str]:
        """The pieces of a row that may be more than one, kept."""
        if at not in self._pieces:
            row = self._rows[at]
            room = self._room(row)
            if _is_prose(row):
                self._pieces[at] = [row.text[begin:end] for begin, end in breaks(row.text, room)]
            else:
                self._pieces[at] = [*_blocks(row.text, room)]
        return self._pieces[at]

    def _line(self, line: int) -> Line:
        at = self.place(line)
        row, part = self._rows[at], line - self._starts[at]
        if row.text.isascii() and not _is_prose(row):
            room = self._room(row)
            piece = row.text[part * room : (part + 1) * room]
        else:
            piece = self._cut(at)[part]
        return ((row.rest if part else row.first, "dim"), (piece, row.style))


def _is_prose(row: Row) -> bool:
    return row.prose and len(row.text) <= PROSE


def _blocks(text: str, room: int) -> Iterator[str]:
    """`text` cut wherever `room` columns are full."""
    begin = used = 0
    for at, char in enumerate(text):
        wide = width(char)
        if used + wide > room:
            yield text[begin:at]
            begin, used = at, 0
        used += wide
    yield text[begin:]


def rows(card: Json, glyphs: Glyphs) -> list[Row]:
    """The whole card."""
    sign = glyphs["continued"] + " "
    found = [Row(glyphs.line(card["title"]), "bold", "", sign)]
    blocked = ", ".join(map(str, card.get("blocks") or ()))
    for name, text in (("Do", card.get("do")), ("Expected", card.get("expect")), ("Blocked", blocked)):
        if text:
            found += _labelled(name, glyphs.block(str(text)))
    found += [Row(glyphs.line(said), "bold red", "", sign) for said in plain.tried(card)]
    if card.get("body"):
        exact = card["kind"] in EXACT
        body = (
            (verbatim(card["body"], glyphs) if exact else glyphs.block(card["body"])).rstrip("\n").split("\n")
        )
        found.append(Row(""))
        for text, style, in_diff in painted(body):
            found.append(Row(text, style, "", sign, prose=not exact and not in_diff))
    return found


def verbatim(words: str, glyphs: Glyphs) -> str:
    """Several lines, in which no character is left out, and none stands for another."""
    words = visible(words)
    if not words.isascii():
        words = "".join(char if char.isascii() else _exactly(char, glyphs) for char in words)
    return "\n".join(line.expandtabs(4) for line in words.split("\n"))


def _exactly(char: str, glyphs: Glyphs) -> str:
    shown = glyphs.line(char) if glyphs.unicode else ""
    return shown if shown == char else char.encode("ascii", "backslashreplace").decode()


def _labelled(name: str, text: str) -> list[Row]:
    blank = " " * INDENT
    first, *others = text.rstrip().split("\n")
    label = f"{name}:".ljust(INDENT)
    return [Row(first, "", label, blank), *(Row(other, "", blank, blank) for other in others)]


def painted(lines: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Each line with its colour, and whether it belongs to a diff; everything else is plain."""
    inside = False
    for at, line in enumerate(lines):
        before, after = lines[at - 1] if at else "", lines[at + 1] if at + 1 < len(lines) else ""
        files = (line.startswith("--- ") and after.startswith("+++ ")) or (
            line.startswith("+++ ") and before.startswith("--- ")
        )
        if files or line.startswith(("diff --git ", "@@ ")):
            inside = True
            yield line, "cyan" if line.startswith("@@ ") else "bold", True
        elif inside and line[:1] in ("", " ", "+", "-", "\\"):
            yield line, {"+": "green", "-": "red"}.get(line[:1], ""), True
        else:
            inside = False
            yield line, "", False


def answers(card: Json, glyphs: Glyphs, wide: int, room: int) -> list[Line]:
    """What answers the card, with its keys, in at most `room` lines of `wide` columns: one below the other with what
    they mean, if they fit, else side by side in short."""
    ways = _ways(card, glyphs)
    if len(ways) <= room:
        size = [max(width(way[at]) for way in ways) for at in range(3)] if ways else []
        return [
            cut_line(
                (
                    (padded(way[0], size[0]) + " " + padded(way[1], size[1]), "bold cyan"),
                    ("  " + padded(way[2], size[2]), "cyan"),
                    ("  " + way[3], ""),
                ),
                wide,
                glyphs["more"],
            )
            for way in ways
        ]
    parts: list[Line] = [((way[1] or way[0], "bold cyan"), (f" {way[2]}", "cyan")) for way in ways]
    return _flowed(parts, f" {glyphs['dot']} ", wide, room, glyphs["more"])


def _ways(card: Json, glyphs: Glyphs) -> list[tuple[str, str, str, str]]:
    """(digit, letter, answer, meaning) of each way to answer."""
    found = []
    if fields := card.get("fields"):
        what = glyphs.line(fields[0].get("label") or "") if len(fields) == 1 else f"{len(fields)} fields"
        found.append(("", "e", "answer in words" if len(fields) == 1 else "fill in the form", what))
    for number, (field, key, label) in enumerate(numbered(card), 1):
        digit = str(number) if number < 10 else ""
        letter = "" if field else LETTERS.get(key, "")
        found.append((digit, letter, glyphs.line(key), glyphs.line(label)))
    return found


def _flowed(parts: Sequence[Line], between: str, wide: int, room: int, more: str) -> list[Line]:
    """Parts side by side; those for which there is no room are left out, and it is said."""
    lines: list[Line] = []
    for part in parts:
        longer = (*lines[-1], (between, "dim"), *part) if lines else part
        if lines and columns(longer) <= wide:
            lines[-1] = longer
        elif len(lines) < room:
            lines.append(cut_line(part, wide, more))
        else:
            lines[-1] = (*cut_line(lines[-1], max(wide - len(more) - 1, 1), ""), (f" {more}", "dim"))
            break
    return lines


def ended(card: Json, glyphs: Glyphs) -> Row:
    """How it ended."""
    blank = glyphs["continued"] + " "
    return Row(glyphs.line(plain.ended(card)), "bold green", "", blank)

"""From rows to what is written to a terminal. Here, and only here, text is made safe, wrapped and coloured."""

from __future__ import annotations

from typing import NamedTuple

from tmuxorch.host import figures, text

NARROWEST = 20  # columns; below, wrapping makes nothing more readable

_COLOURS = {
    "plain": "",
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "waits": "1;33",
}


class Row(NamedTuple):
    """One line to draw: a short mark, and a text that wraps beside it. The text may hold anything."""

    text: str
    style: str = "plain"  # of _COLOURS
    mark: str = ""


class Ink(NamedTuple):
    """What the terminal can show."""

    colour: bool = False
    unicode: bool = True


def paint(rows: list[Row], ink: Ink, columns: int) -> str:
    """The rows as lines of at most `columns`, each ended by a newline."""
    painted = []
    for row in rows:
        mark = text.clean(row.mark, ink.unicode)
        indent = text.width(mark)
        room = max(columns, NARROWEST) - indent
        for number, line in enumerate(text.wrap(text.clean(row.text, ink.unicode), room)):
            painted.append(_coloured((" " * indent if number else mark) + line, row.style, ink))
    return "".join(painted)


def _coloured(line: str, style: str, ink: Ink) -> str:
    line = line.rstrip()
    code = _COLOURS[style]
    return f"\x1b[{code}m{line}\x1b[0m\n" if ink.colour and code and line else f"{line}\n"


def folded(content: str, head: int, tail: int, style: str, mark: str) -> list[Row]:
    """The lines of a text as rows, without blank ones at its end; of a long one the first `head` and the last `tail`,
    and between them how much was left out."""
    every = text.lines(content.rstrip())
    if not content.strip():
        return []
    if len(every) <= head + tail + 1:
        return [Row(line, style, mark) for line in every]
    left_out = every[head:-tail]
    amount = figures.size(sum(len(line.encode("utf-8", "replace")) + 1 for line in left_out))
    note = Row(f"… {len(left_out)} lines, {amount} …", "dim", mark)
    rows = [Row(line, style, mark) for line in every[:head] + every[-tail:]]
    return [*rows[:head], note, *rows[head:]]

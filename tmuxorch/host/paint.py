"""From rows to what is written to a terminal. Here, and only here, text is made safe, wrapped and coloured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tmuxorch.host import figures, text

NARROWEST = 20  # columns; below, wrapping makes nothing more readable
SHORT = 2  # characters of a mark that stay one where all of it leaves too little room

_COLOURS = {
    "plain": "",
    "bold": "1",
    "dim": "2",
    "italic": "4",  # where there are no italics, tmux would invert the words
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "waits": "1;33",
}


class Row(NamedTuple):
    """One line to draw: a short mark, and a text that wraps beside it. The texts may hold anything."""

    text: str
    style: str = "plain"  # of _COLOURS
    mark: str = ""
    more: tuple[tuple[str, str], ...] = ()  # what follows on the line, each with a style of its own


class Ink(NamedTuple):
    """What the terminal can show."""

    colour: bool = False
    unicode: bool = True


def paint(rows: list[Row], ink: Ink, columns: int) -> str:
    """The rows as lines of at most `columns`, each ended by a newline."""
    painted = []
    for row in rows:
        mark, parts = text.clean(row.mark, ink.unicode), [(text.clean(row.text, ink.unicode), row.style)]
        parts += [(text.clean(content, ink.unicode), style) for content, style in row.more]
        indent, whole = text.width(mark), max(columns, NARROWEST)
        if indent > whole // 2:  # too much to have the text beside it
            parts.insert(0, (" ".join(mark[SHORT:].split()) + " ", row.style))
            mark = mark[:SHORT]
            indent = text.width(mark)
        line = "".join(content for content, _ in parts)
        for number, (begin, end) in enumerate(text.breaks(line, whole - indent)):
            beside = " " * indent if number else mark
            if len(parts) == 1:
                painted.append(_coloured((beside + line[begin:end]).rstrip(), row.style, ink))
                continue
            end = begin + len(line[begin:end].rstrip())
            beside = _coloured(beside if end > begin else beside.rstrip(), row.style, ink)
            painted.append(beside + "".join(_coloured(*part, ink) for part in _between(parts, begin, end)))
    return "".join(f"{line}\n" for line in painted)


def _between(parts: list[tuple[str, str]], begin: int, end: int) -> Iterator[tuple[str, str]]:
    """What stands between two places of a line, which the parts are in a row."""
    at = 0
    for content, style in parts:
        if inside := content[max(begin - at, 0) : max(end - at, 0)]:
            yield inside, style
        at += len(content)


def _coloured(line: str, style: str, ink: Ink) -> str:
    code = _COLOURS[style]
    return f"\x1b[{code}m{line}\x1b[0m" if ink.colour and code and line.strip() else line


def folded(
    content: str, head: int, tail: int, style: str, mark: str, longest: int = text.LONGEST
) -> list[Row]:
    """The lines of a text as rows, without blank ones at its end; of a long one the first `head` and the last `tail`,
    and between them how much was left out. Of a line `longest` characters are shown."""
    if not content.strip():
        return []
    every = text.lines(content.rstrip())
    if len(every) <= head + tail + 1:
        return [Row(text.cut(line, longest), style, mark) for line in every]
    rows = [Row(text.cut(line, longest), style, mark) for line in every[:head] + every[-tail:]]
    return [*rows[:head], left_out(every[head:-tail], mark), *rows[head:]]


def left_out(lines: list[str], mark: str) -> Row:
    """What stands for lines that are not shown."""
    amount = figures.size(len("\n".join(lines).encode("utf-8", "replace")) + 1)
    return Row(f"… {len(lines)} lines, {amount} …", "dim", mark)

"""Markdown source of one line, broken into lines that fit a terminal, without any of them becoming something else."""

from __future__ import annotations

import re

from tmuxorch.core import text

WIDTH = 100
"""Columns of a line."""

_PLACE = re.compile(r"(?<![\\0-9]) (?=[^\W_])(?![0-9]+[.)](?: |\Z))")

_CODE = re.compile(r"(?:[-*+>] |\d+[.)] )? {0,3}```")


def wrapped(source: str, indent: str = "") -> str:
    """`source`, a line of Markdown that is harmless where it begins, in lines of `WIDTH` columns; all but the first
    after `indent`. Ends with a line feed; empty for nothing.

    A line breaks only before a letter or a figure that begins no list, and not after a backslash: then no line can
    start a block, and no break is hard. Nor does it break behind a figure, whose unit may follow. One that begins with
    code in three backticks is not broken at all: without the last of them its first line would be a fence.
    """
    if _CODE.match(source):
        return source + "\n"
    lines, line = [], ""
    for piece in _PLACE.split(source):
        if line and text.width(f"{line} {piece}") > WIDTH:
            lines.append(line)
            line = indent + piece
        else:
            line = f"{line} {piece}" if line else piece
    return "\n".join([*lines, line]) + "\n" if line else ""

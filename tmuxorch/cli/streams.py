"""What a stream can show: colours, characters that are not ASCII, a line that is drawn again and again."""

from __future__ import annotations

import os
import re
import sys
from typing import TextIO

from tmuxorch.codex.visible import visible

CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
"""Colours, by the names that rich has for them."""

BEGIN, END = "\ufdd0", "\ufdd1"
"""Around what is coloured until it is printed: no characters of any text, and none that `visible` takes for hostile."""

_BEGIN = re.compile(f"{BEGIN}({'|'.join(CODES.values())})m")

PLAIN = str.maketrans(
    {
        **dict.fromkeys("·─—–−", "-"),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("“”", '"'),
        "…": "...",
        "✓": "+",
        "✗": "x",
        "▸": ">",
    }
)
"""What stands for characters on a terminal that has no others than ASCII."""


def takes_unicode(stream: TextIO) -> bool:
    """Whether `stream` is no terminal, or one of UTF-8."""
    return not stream.isatty() or locale_has_unicode()


def locale_has_unicode() -> bool:
    """Whether the terminal is one of UTF-8. As tmux does, this believes the locale's name: the locale itself may not be
    installed here, and Python sets one where there is none."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    name = next(filter(None, names), "")
    return "utf8" in name.casefold().replace("-", "")


def in_ascii(text: str) -> str:
    """`text` for a terminal that is not of UTF-8, where the bytes of other characters could even be controls."""
    return text.translate(PLAIN).encode("ascii", "backslashreplace").decode()


def verbatim(text: str, stream: TextIO) -> str:
    """`text` visible and, unlike with `printable`, no character standing for another: for what a person decides
    about."""
    text = visible(text)
    return text if takes_unicode(stream) else text.encode("ascii", "backslashreplace").decode()


def can_draw(stream: TextIO) -> bool:
    """Whether `stream` is a terminal on which a line can be drawn anew."""
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def colour_wanted(stream: TextIO) -> bool:
    """Whether `stream` is a terminal whose user wants colours."""
    return can_draw(stream) and "NO_COLOR" not in os.environ


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """`text` in a colour of CODES once it is printed, if the stream (default: stdout) shows colours; the empty style is
    none."""
    wanted = text and style and colour_wanted(stream or sys.stdout)
    return f"{BEGIN}{CODES[style]}m{text}{END}" if wanted else text


def _coloured(text: str, stream: TextIO) -> str:
    if not colour_wanted(stream):
        return bare(text)
    return _BEGIN.sub("\x1b[\\1m", text).replace(END, "\x1b[0m")


def bare(text: str) -> str:
    """`text` without the marks of `styled`."""
    return _BEGIN.sub("", text).replace(END, "")


def printable(text: str, stream: TextIO) -> str:
    """What is written to the terminal `stream` for `text`: nothing of it acts on the terminal but the colours that
    `styled` put there."""
    text = _coloured(visible(text), stream)
    return text if takes_unicode(stream) else in_ascii(text)

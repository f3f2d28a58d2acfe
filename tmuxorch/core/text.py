"""Normal forms of text, so that what is stored is what can be rendered and read back.

Text from agents and people is arbitrary. A value of the core holds only text in one of two normal forms: a
*line* (no line breaks) or a *block* (several lines). Both hold no control characters, no lone surrogates, no
white space at the ends; a block has no trailing blanks on its lines and no tabs.
"""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls (but line feed, handled apart), DEL, and the bidirectional overrides that make text lie.
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ANSI = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z\\\\-_])")


def block(text: str) -> str:
    """`text` as a block: escape sequences dropped, controls dropped, lines right-stripped, ends stripped."""
    text = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    text = _HIDDEN.sub("", text)
    return "\n".join(part.rstrip() for part in text.split("\n")).strip()


def line(text: str) -> str:
    """`text` as one line: as `block`, with every run of white space made one blank."""
    return " ".join(block(text).split())


def is_block(text: str) -> bool:
    """Whether `text` is in the normal form of a block."""
    return text == block(text)


def is_line(text: str) -> bool:
    """Whether `text` is in the normal form of a line."""
    return text == line(text)


def clip(text: str, limit: int) -> str:
    """`text` cut to `limit` characters, the last an ellipsis when something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def width(text: str) -> int:
    """Columns that `text` takes in a terminal (wide East Asian characters two, combining ones none)."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def beginning(text: str, columns: int) -> str:
    """As much of `text` as fits into that many columns."""
    used = 0
    for at, char in enumerate(text):
        used += width(char)
        if used > columns:
            return text[:at]
    return text

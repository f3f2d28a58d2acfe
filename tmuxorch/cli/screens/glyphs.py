"""What can be drawn here: signs by the locale, and words of others made safe to draw.

A cell of the screen holds what tmux and we agree on the width of; where they do not, the rest of a line is drawn in
the wrong place. So marks that stand on other characters, and what makes them wider or of another colour, are left out,
and what is hidden, or as wide as everybody thinks, is written out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from rich.cells import cell_len

from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.host import text

SIGNS: Final = {
    "rule": ("─", "-"),
    "bar": ("│", "|"),
    "here": ("▸", ">"),
    "dot": ("·", "-"),
    "more": ("…", "..."),
    "done": ("✓", "+"),
    "failed": ("✗", "x"),
    "working": ("●", "*"),
    "waiting": ("!", "!"),
    "pending": ("·", "."),
    "branch": ("├", "|"),
    "last": ("└", "`"),
    "continued": ("↪", ">"),
    "hidden": ("•", "*"),
    "queued": ("○", "o"),
    "skipped": ("»", "~"),
    "full": ("█", "#"),
    "empty": ("░", "-"),
}

MODIFIERS = range(0x1F3FB, 0x1F400)
"""Colours of skin: joined to what stands before by some, two cells of their own by others."""

CIRCLED = range(0x3248, 0x3250)
"""Numbers on black: two cells for the C library, and so for tmux; one by Unicode."""

_JOINED = re.compile(
    "(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])"
)
"""What makes one picture of two. Between pictures it hides nothing; each is drawn for itself."""


class Glyphs:
    """Signs and words for one screen."""

    def __init__(self, unicode: bool) -> None:
        self.unicode = unicode

    def __getitem__(self, name: str) -> str:
        """The sign of that name in SIGNS."""
        beautiful, plain = SIGNS[name]
        return beautiful if self.unicode else plain

    def line(self, words: str) -> str:
        """One line of anybody's words, on which nothing hides or acts."""
        return self._drawable(visible_line(_JOINED.sub("", words)))

    def block(self, words: str) -> str:
        """The same of several lines; tabs become spaces."""
        return "\n".join(
            self._drawable(line.expandtabs(4)) for line in visible(_JOINED.sub("", words)).split("\n")
        )

    def _drawable(self, words: str) -> str:
        if words.isascii():
            return words
        if not self.unicode:  # in pieces, as of a long text only a part would be used
            pieces = (words[at : at + text.LONGEST] for at in range(0, len(words), text.LONGEST))
            return "".join(text.clean(piece, unicode=False) for piece in pieces)
        return "".join(map(_cell, unicodedata.normalize("NFC", words)))


@lru_cache(4096)
def _cell(char: str) -> str:
    """What is drawn for a character: itself, nothing, blanks for any blank, or its number."""
    category = unicodedata.category(char)
    if category in ("Mn", "Mc", "Me") or ord(char) in MODIFIERS:
        return ""
    wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
    if category == "Zs":
        return " " * wide
    if category in ("Cn", "Co") or cell_len(char) != wide or ord(char) in CIRCLED:
        return char.encode("ascii", "backslashreplace").decode()
    return char

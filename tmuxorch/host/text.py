"""Text from agents made safe to print: no control of the terminal, nothing invisible, no reordering; and its width."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 2000  # characters of one line that are shown

_COLOUR = re.compile(
    r"\x1b\[[0-9;:]*m"
)  # only paints; dropped, because shown it would hide the words around it
_BREAK = re.compile(r"\r\n|\r|\n")
_JOINERS = "\u200c\u200d"  # without effect on what is read, and common in emoji
_ASCII = {"…": "...", "—": "--", "−": "-", "·": "-", "✓": "x", "▸": ">", "•": "*", "⚒": "+", "─": "-"}
_ASCII |= {"‘": "'", "’": "'", "“": '"', "”": '"'}


def lines(text: str) -> list[str]:
    """The lines of a text. Only CR, LF and CRLF break one; whatever else does is shown by `clean`."""
    return _BREAK.split(text)


def clean(text: str, unicode: bool = True) -> str:
    """One line, printable whatever it holds: controls become ␛ or \\x9b, what is invisible or reorders \\u202e, a tab
    spaces, colours go. Without `unicode` the result is ASCII. At most LONGEST characters of the text are used."""
    if len(text) > LONGEST:
        text = text[:LONGEST] + f"… {len(text) - LONGEST} more characters"
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    text = text.expandtabs(8)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _visible(char) for char in text)
    if not unicode and not text.isascii():
        text = "".join(_ASCII.get(char) or _ascii(char) for char in text)
    return text


def _visible(char: str) -> str:
    number = ord(char)
    if number < 0x20:
        return chr(0x2400 + number)
    if number == 0x7F:
        return "␡"
    if unicodedata.category(char) == "Zs":  # a space that is not U+0020
        return "  " if unicodedata.east_asian_width(char) == "F" else " "
    return "" if char in _JOINERS else _ascii(char)


def _ascii(char: str) -> str:
    number = ord(char)
    if 0x2400 <= number <= 0x2421:  # a control already made visible
        return f"\\x{number - 0x2400 if number < 0x2421 else 0x7F:02x}"
    return char.encode("ascii", "backslashreplace").decode()


def width(text: str) -> int:
    """The columns of a cleaned text."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me") else 1


def wrap(text: str, columns: int) -> list[str]:
    """A cleaned line as lines of at most `columns` (2 or more), broken at spaces where that leaves no big gap."""
    wrapped = []
    while (cut := _fitting(text, columns)) < len(text):
        space = text.rfind(" ", 0, cut + 1)
        if space > cut // 2:
            wrapped.append(text[:space])
            text = text[space + 1 :]
        else:
            wrapped.append(text[:cut])
            text = text[cut:]
    return [*wrapped, text]


def _fitting(text: str, columns: int) -> int:
    """How many characters of a text fit."""
    if text.isascii():
        return min(len(text), columns)
    used = 0
    for index, char in enumerate(text):
        used += _columns(char)
        if used > columns:
            return index
    return len(text)


def first_line(text: str) -> str:
    """The first line that is not blank."""
    return next((line.strip() for line in lines(text) if line.strip()), "")

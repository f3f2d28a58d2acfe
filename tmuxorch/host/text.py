"""Text from agents made safe to print: no control of the terminal, nothing invisible, no reordering; and its width."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 2000  # characters of one line that are shown
MARKS = (
    3  # accents and the like upon one character that are shown; of more the line above would be painted over
)

_COLOUR = re.compile(
    r"\x1b\[[0-9;:]*m"
)  # only paints; dropped, because shown it would hide the words around it
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters and marks that nobody sees
_BREAK = re.compile(r"\r\n|\r|\n")
_JOINERS = "\u200c\u200d"  # without effect on what is read, and common in emoji
_ASCII = {"…": "...", "—": "--", "−": "-", "·": "-", "✓": "ok", "▸": ">", "•": "*", "⚒": "+", "─": "-"}
_ASCII |= {"✗": "x", "│": "|", "→": "->"}
_ASCII |= {"‘": "'", "’": "'", "“": '"', "”": '"'}


def lines(text: str) -> list[str]:
    """The lines of a text. Only CR, LF and CRLF break one; whatever else does is shown by `clean`."""
    return _BREAK.split(text)


def cut(text: str, longest: int) -> str:
    """At most so many characters of a text, and how many more it has."""
    return text if len(text) <= longest else f"{text[:longest]}… {len(text) - longest} more characters"


def clean(text: str, unicode: bool = True) -> str:
    """One line, printable whatever it holds: controls become ␛ or \\x9b, what is invisible or reorders \\u202e, a tab
    spaces, colours go. Without `unicode` the result is ASCII. At most LONGEST characters of the text are used."""
    text = cut(text, LONGEST)
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    text = text.expandtabs(8)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _visible(char) for char in text)
    if not text.isascii():
        text = _tamed(text)
    if not unicode and not text.isascii():
        text = "".join(_ASCII.get(char) or _ascii(char) for char in text)
    return text


def _tamed(text: str) -> str:
    """Without letters that nobody sees, and with few marks upon a character, none upon what stands before the text."""
    kept = []
    marks = MARKS
    for char in text:
        if char < "\u0300":
            marks = 0
        elif char in _BLANKS or "\U000e0100" <= char <= "\U000e01ef":
            char, marks = _ascii(char), 0
        elif (
            "\ufe00" <= char <= "\ufe0f"
        ):  # says how the character before is to look; terminals disagree on it
            continue
        elif unicodedata.category(char) not in ("Mn", "Me"):
            marks = 0
        elif (marks := marks + 1) > MARKS:
            char = "…" if marks == MARKS + 1 else ""
        kept.append(char)
    return "".join(kept)


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
    if char < "\u0300":
        return 1
    if unicodedata.east_asian_width(char) in "WF" or "\U0001f1e6" <= char <= "\U0001f1ff":
        return 2  # two of the latter are a flag, which is as wide as one of them alone
    return 0 if unicodedata.category(char) in ("Mn", "Me") else 1


def breaks(text: str, columns: int) -> list[tuple[int, int]]:
    """Where the lines of at most `columns` (2 or more) begin and end in a cleaned line. They are broken at spaces,
    which then are in none of them, where that leaves no big gap."""
    found = []
    begin = 0
    if len(text) <= columns and text.isascii():
        return [(0, len(text))]
    while (cut := begin + _fitting(text[begin:], columns)) < len(text):
        space = text.rfind(" ", begin, cut + 1)
        end = space if space - begin > (cut - begin) // 2 else cut
        found.append((begin, end))
        begin = end + 1 if end == space else end
    return [*found, (begin, len(text))]


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

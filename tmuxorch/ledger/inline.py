"""One line of text inside a Markdown document: written so that it cannot act, read back as it was.

A line stays Markdown source: emphasis, links and code spans are kept as they are typed. Only what would change the
document gets a backslash: the start of a block, raw HTML and images (both hide text or fetch something), and a
backslash that would be taken for such an escape. Inside a code span nothing is escaped, as in CommonMark.

`escape…` takes a line in its normal form (core.text.line); `unescape(escape…(line)) == line`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_PUNCTUATION = r"[!-/:-@\[-`{-~]"
_TICKS = re.compile("`+")
_TICKS_OR_ESCAPE = re.compile(rf"\\{_PUNCTUATION}|`+")
_ESCAPE = re.compile(rf"\\({_PUNCTUATION})")
_HTML_OR_IMAGE = re.compile(r"<(?=[A-Za-z/!?])(?!https?://[^<>\s]*>)|!(?=\[)")
_ACTIVE = re.compile(rf"\\(?={_PUNCTUATION}|\Z)|{_HTML_OR_IMAGE.pattern}")
_IN_ID = re.compile(r"[!-,/:-@\[-^`{-~]")
_BLOCK_START = re.compile(
    r"(?=#{1,6}(?: |\Z)|>|[-+*](?: |\Z)|([-*_])(?: ?\1){2,}\Z|`{3,}[^`]*\Z|~{3,}|\[[^]]*\]:)"
    r"|(?<=[0-9])(?=[.)](?: |\Z))"
)
_NUMBER = re.compile(r"[0-9]{1,9}(?=[.)])")
_CLOSING_HASHES = re.compile(r"(?:(?<= )|\A)(?=#+\Z)")
_BETWEEN_CODES = re.compile(r"(?:[\s,;]|<br ?/?>)*\Z")
_CELL_END = re.compile(r"(?<!\\)\|")
_LISTED_ID = re.compile(r"(?:\\.|[^\\,]|\\\Z)+")


class _Piece(NamedTuple):
    """A part of a line: a code span with its backticks, or what is between code spans."""

    text: str
    is_code: bool


def _pieces(text: str, delimiters: re.Pattern[str]) -> Iterator[_Piece]:
    """The code spans of `text` and what is between them. A run of backticks opens a span up to the next run as long."""
    runs: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        runs.setdefault(len(run.group()), []).append(run.start())
    for starts in runs.values():
        starts.reverse()
    start = at = 0
    while delimiter := delimiters.search(text, at):
        at = delimiter.end()
        if delimiter.group()[0] == "\\":
            continue
        length = len(delimiter.group())
        closers = runs.get(length, [])
        while closers and closers[-1] < at:
            closers.pop()
        if closers:
            at = closers.pop() + length
            yield _Piece(text[start : delimiter.start()], False)
            yield _Piece(text[delimiter.start() : at], True)
            start = at
    yield _Piece(text[start:], False)


def escape(line: str) -> str:
    """`line` for a place where no block can start: after a label, in a table's cell."""
    return "".join(
        piece.text if piece.is_code else _ACTIVE.sub(lambda found: "\\" + found.group(), piece.text)
        for piece in _pieces(line, _TICKS)
    )


def escape_start(line: str) -> str:
    """As `escape`, for the start of a paragraph: a bullet, a paragraph of its own."""
    number = _NUMBER.match(line)
    at = _BLOCK_START.match(line, number.end() if number else 0)
    escaped = escape(line)
    return escaped if at is None else f"{escaped[: at.end()]}\\{escaped[at.end() :]}"


def escape_title(line: str) -> str:
    """As `escape`, for the end of a heading, whose closing hashes Markdown drops."""
    return _CLOSING_HASHES.sub(r"\\", escape(line))


def escape_id(line: str) -> str:
    """`line` with every punctuation but `-._` escaped, so that it can be told from what separates it from others."""
    return _IN_ID.sub(lambda found: "\\" + found.group(), line)


def unescape(source: str) -> str:
    """The line that `source` was written for."""
    return "".join(
        piece.text if piece.is_code else _ESCAPE.sub(r"\1", piece.text)
        for piece in _pieces(source, _TICKS_OR_ESCAPE)
    )


def read_ids(source: str) -> list[str]:
    """The ids of a list separated by commas."""
    return [unescape(part.strip()) for part in _LISTED_ID.findall(source) if part.strip()]


def is_passive(source: str) -> bool:
    """Whether Markdown source of a paragraph has neither HTML nor images outside its code spans."""
    return not any(
        _HTML_OR_IMAGE.search(_ESCAPE.sub("", piece.text))
        for piece in _pieces(source, _TICKS_OR_ESCAPE)
        if not piece.is_code
    )


def code(line: str) -> str:
    """`line` as a code span."""
    taken = {len(run) for run in _TICKS.findall(line)}
    fence = "`" * next(length for length in range(1, len(taken) + 2) if length not in taken)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def codes(lines: Iterable[str]) -> str:
    """`lines` as code spans, separated by commas."""
    return ", ".join(map(code, lines))


def read_codes(source: str) -> list[str] | None:
    """The contents of the code spans in `source`; None if anything but separators is between them."""
    found = []
    for piece in _pieces(source, _TICKS_OR_ESCAPE):
        if piece.is_code:
            found.append(_content(piece.text))
        elif not _BETWEEN_CODES.match(piece.text):
            return None
    return found


def _content(span: str) -> str:
    fence = len(span) - len(span.lstrip("`"))
    content = span[fence:-fence]
    padded = content.startswith(" ") and content.endswith(" ") and content.strip(" ")
    return content[1:-1] if padded else content


def row(cells: Iterable[str]) -> str:
    """A table row of cells, each Markdown source."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def read_row(line: str) -> list[str]:
    """The cells of a table row, as GFM splits it: at every pipe that has no backslash before it."""
    line = line.strip()
    cells = [cell.replace("\\|", "|").strip() for cell in _CELL_END.split(line)]
    closed = line.endswith("|") and not line.endswith("\\|")
    return cells[line.startswith("|") : len(cells) - closed]

"""How runs.md is divided: our three parts between their markers, and everything else, which is left alone.

A marker is a line of its own that begins in the first column. Nothing that the ledger writes between markers has
such a line (see blocks.paragraphs), so they are found without parsing Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

PARTS = {"status": "Current Status", "sessions": "Active Child Sessions", "log": "Run Log"}
"""Names of our parts, and upstream's headings above them."""

_BREAK = r"[ \t]*(?:\r\n|\r|\n|\Z)"
_MARKER = re.compile(
    rf"<!-- tmuxorch:(begin|end) ({'|'.join(PARTS)}) -->{_BREAK}"
)  # searched for as a literal, fast


class Span(NamedTuple):
    """Where a part of ours is, with its markers; and what is between them."""

    start: int
    end: int
    inner_start: int
    inner_end: int


class _Place(NamedTuple):
    """Where a part is to be written: over these characters, after `before`."""

    start: int
    end: int
    before: str
    name: str


def spans(page: str) -> dict[str, Span]:
    """Our parts: for each name the first pair of markers with no other beginning in between."""
    found: dict[str, Span] = {}
    begin: re.Match[str] | None = None
    for marker in _MARKER.finditer(page):
        if marker.start() and page[marker.start() - 1] not in "\r\n":
            continue
        kind, name = marker.groups()
        if kind == "begin":
            begin = marker
        elif begin and begin[2] == name:
            found.setdefault(name, Span(begin.start(), marker.end(), begin.end(), marker.start()))
            begin = None
    return found


def replaced(page: str, bodies: Mapping[str, str]) -> str:
    """`page` with our parts in their places; one that is not there yet below its heading, else at the end."""
    pieces = []
    at = 0
    for place in sorted(_places(page), key=lambda place: (place.start, place.end)):
        begin, end = (f"<!-- tmuxorch:{kind} {place.name} -->\n" for kind in ("begin", "end"))
        pieces += [page[at : place.start], place.before, begin, bodies[place.name], end]
        at = place.end
    return "".join([*pieces, page[at:]])


def _places(page: str) -> list[_Place]:
    known = spans(page)
    places = [_Place(span.start, span.end, "", name) for name, span in known.items()]
    ended = page.endswith(("\r", "\n"))
    for name, title in PARTS.items():
        if name in known:
            continue
        if heading := _heading(page, title, known):
            places.append(
                _Place(
                    heading.end(), heading.end(), "\n" if heading[0].endswith(("\r", "\n")) else "\n\n", name
                )
            )
        else:
            places.append(_Place(len(page), len(page), f"{'' if ended else chr(10)}\n## {title}\n\n", name))
            ended = True
    return places


def _heading(page: str, title: str, known: Mapping[str, Span]) -> re.Match[str] | None:
    for heading in re.finditer(rf"^## {title}{_BREAK}", page, re.MULTILINE):
        if not any(span.start <= heading.start() < span.end for span in known.values()):
            return heading
    return None

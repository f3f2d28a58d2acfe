"""What commands print: data on stdout, messages on stderr; plain, aligned, and safe whatever an agent wrote.

Nothing slow is imported here: every command prints.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any

import click

from tmuxorch.cli.progress import ERASE, Progress
from tmuxorch.cli.streams import bare, can_draw, in_ascii, printable, takes_unicode
from tmuxorch.codex.visible import visible_line
from tmuxorch.core.text import beginning, width

Json = dict[str, Any]
"""One of the objects of the command line contract."""

UNLIMITED = 1_000_000
"""Columns of what is no terminal."""

NARROWEST = 8
"""Columns that a column of a table keeps when it gives way."""

BESIDE = 24
"""Columns in which text can be read beside others; with less it stands below them."""

PATIENCE = 1.0
"""Seconds of waiting that need no words."""

LONG = 5.0
"""Seconds after which one line says what is waited for where no line can be drawn again and again."""

_progress: Progress | None = None
_timer: threading.Timer | None = None
"""What turns right now; or what will say that it takes long."""


class ReaderGone(Exception):
    """Who read our output has what they wanted. No OSError: click would make a failure of that."""


def write(text: str) -> None:
    """Writes to stdout at once. Raises ReaderGone."""
    try:
        with _above():
            sys.stdout.write(text)
            sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None


def data(text: str) -> None:
    """Prints `text` and a newline, if it does not end with one. Verbatim into a file or pipe; on a terminal nothing in
    it can act on the terminal."""
    if sys.stdout.isatty():
        text = printable(text, sys.stdout)
    write(text if text.endswith("\n") else text + "\n")


def as_json(value: object) -> None:
    """Prints one JSON document. ASCII, so that it is right in every locale."""
    write(json.dumps(value, indent=2 if sys.stdout.isatty() else None) + "\n")


def _above() -> AbstractContextManager[None]:
    return _progress.above() if _progress else nullcontext()


def note(text: str) -> None:
    """A message to the person, never data."""
    with _above():
        sys.stderr.write(printable(text, sys.stderr) + "\n")
        sys.stderr.flush()


def cell(text: str) -> str:
    """`text` on one line, with the width that it will have on stdout."""
    text = visible_line(text)
    return text if takes_unicode(sys.stdout) else in_ascii(text)


def table(rows: Sequence[Sequence[str]], gives_way: Sequence[int] = (-1,)) -> str:
    """Rows as aligned columns, on a terminal in its width."""
    return "\n".join(aligned(rows, columns(), gives_way))


def aligned(
    rows: Sequence[Sequence[str]],
    room: int = UNLIMITED,
    gives_way: Sequence[int] = (-1,),
    *,
    wrap: bool = False,
) -> list[str]:
    """Rows of cells as lines of columns two spaces apart, safe to print; columns in which nothing is are left out.

    Where they are wider than `room`, the columns `gives_way` are cut, the widest first, then the ends of the lines.
    With `wrap` the last column is not cut: it goes on below itself, and its row is a text of several lines.
    """
    if not rows:
        return []
    clean = [[cell(one) for one in row] for row in rows]
    used = [at for at in range(len(clean[0])) if any(row[at] for row in clean)]
    widths = {at: max(width(row[at]) for row in clean) for at in used}
    yielding = [at for at in used if at in gives_way or at - len(clean[0]) in gives_way]
    _narrow(widths, yielding, sum(widths.values()) + 2 * (len(used) - 1) - room)
    if wrap and used:
        return [_hanging(row, used[:-1], used[-1], widths, room) for row in clean]
    return [fitted(_row(row, used, widths).rstrip(), room) for row in clean]


def _row(row: Sequence[str], used: Sequence[int], widths: Mapping[int, int]) -> str:
    cells = [(fitted(row[at], widths[at]), widths[at]) for at in used]
    return "  ".join(text + " " * (room - width(text)) for text, room in cells)


def _hanging(row: Sequence[str], used: Sequence[int], last: int, widths: Mapping[int, int], room: int) -> str:
    """A row whose last column goes on below itself, or stands below all others where there is little room beside
    them."""
    beside = _row(row, used, widths) + "  " if used else ""
    if room - width(beside) >= BESIDE:
        indent = width(beside)
        return (beside + f"\n{'':{indent}}".join(wrapped(row[last], room - indent))).rstrip()
    return "\n".join(
        [fitted(beside.rstrip(), room), *(f"    {part}" for part in wrapped(row[last], room - 4))]
    )


def _narrow(widths: dict[int, int], yielding: Sequence[int], excess: int) -> None:
    """Makes columns narrower, by `excess` together if that goes, the widest first."""
    while excess > 0 and (wide := [at for at in yielding if widths[at] > NARROWEST]):
        widths[max(wide, key=widths.__getitem__)] -= 1
        excess -= 1


def fitted(text: str, columns: int) -> str:
    """One visible line cut to `columns`, with an ellipsis where something was cut."""
    if len(text) * 2 <= columns or width(text) <= columns:
        return text
    ellipsis = "…" if takes_unicode(sys.stdout) else "..."
    return beginning(text, max(columns - len(ellipsis), 0)) + ellipsis


def wrapped(text: str, columns: int) -> list[str]:
    """One visible line as lines of at most `columns`, broken at blanks where that goes; at least one line."""
    found = []
    while width(text) > columns:
        begin = beginning(text, columns) or text[0]
        cut = begin.rfind(" ")
        part = begin[:cut] if cut > 0 and text[len(begin) : len(begin) + 1] != " " else begin
        found.append(part.rstrip())
        text = text[len(part) :].lstrip()
    return [*found, text] if text or not found else found


def flowed(parts: Iterable[str], room: int | None = None) -> str:
    """As `joined`; where that is wider than the terminal, on several lines of whole parts."""
    room = columns() if room is None else room
    lines: list[str] = []
    for part in filter(None, parts):
        longer = joined([lines[-1], part]) if lines else part
        if lines and width(bare(longer)) <= room:
            lines[-1] = longer
        else:
            lines.append(f"  {part}" if lines else part)
    return "\n".join(lines)


def columns() -> int:
    """Columns of the terminal on stdout; without one, as good as no limit."""
    if not sys.stdout.isatty():
        return UNLIMITED
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80


def seconds_since(when: str | None, now: float | None = None) -> float:
    """Seconds from an RFC 3339 time until now; 0 if there is none."""
    if not when:
        return 0.0
    return max(0.0, (time.time() if now is None else now) - datetime.fromisoformat(when).timestamp())


def seconds_until(when: str, now: float | None = None) -> float:
    """Seconds from now until an RFC 3339 time; 0 once it is over."""
    return max(0.0, datetime.fromisoformat(when).timestamp() - (time.time() if now is None else now))


def duration(seconds: float) -> str:
    """`12 s`, `4 min`, `2 h 07 min`, `3 d 4 h`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def count(number: int) -> str:
    """`950`, `12.3k`, `1.2M`."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 1_000_000 else f"{number / 1_000_000:.1f}M"


def tokens(of: Json) -> str:
    """`12.3k tokens`; empty where none were counted."""
    spent = (of.get("input") or 0) + (of.get("output") or 0)
    return f"{count(spent)} tokens" if spent else ""


def joined(parts: Iterable[str]) -> str:
    """What is not empty, with middle dots between."""
    return " · ".join(part for part in parts if part)


@contextmanager
def waiting(what: str, goes_on: str = "") -> Iterator[None]:
    """Says on stderr what is waited for while the block runs, and for how long: on a terminal after a second, turning;
    elsewhere after five, once. Silent with `--json`. Ctrl-C says what `goes_on` without us.

    Inside of another one it only says for its time what that waits for.
    """
    try:
        with turning(what, PATIENCE), _told(what):
            yield
    except KeyboardInterrupt:
        if goes_on and sys.stderr.isatty():
            sys.stderr.write(ERASE if can_draw(sys.stderr) else "\n")
        if goes_on:
            note(goes_on)
        raise


@contextmanager
def turning(what: str, delay: float = 0.0) -> Iterator[Callable[[str], None]]:
    """A line at the bottom of the terminal on stderr, from `delay` seconds on; gives what says something else there.
    Elsewhere and with `--json` nothing. Inside of another one, its line says something else for the time of the block.
    """
    global _progress
    outer = _progress
    if outer is None and not _speaks_json() and can_draw(sys.stderr):
        _progress = Progress(sys.stderr, "", delay, ascii=not takes_unicode(sys.stderr))
    before = _progress.text if _progress else ""
    try:
        _say(what)
        yield _say
    finally:
        if _progress and outer is None:
            _progress.close()
            _progress = None
        _say(before)


def _say(what: str) -> None:
    if _progress:
        text = visible_line(what)
        _progress.text = text if takes_unicode(sys.stderr) else in_ascii(text)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Where no line can be drawn: after a while one that stays, of the outermost wait."""
    global _timer
    if _timer or can_draw(sys.stderr) or _speaks_json():
        yield
        return
    _timer = threading.Timer(LONG, note, [f"{what}…"])
    _timer.daemon = True
    _timer.start()
    try:
        yield
    finally:
        _timer.cancel()
        _timer = None


def _speaks_json() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and getattr(context.obj, "json", False))

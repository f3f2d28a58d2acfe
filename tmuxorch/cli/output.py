"""What commands print: data on stdout, messages on stderr; plain, aligned, and safe whatever an agent wrote.

Nothing slow is imported here: every command prints.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TextIO

from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.core.text import width

Json = dict[str, Any]
"""One of the objects of the command line contract."""

CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
"""Colours, by the names that rich has for them."""

BEGIN, END = "\ufdd0", "\ufdd1"
"""Around what is coloured until it is printed: no characters of any text, and none that `visible` takes for hostile."""

_BEGIN = re.compile(f"{BEGIN}({'|'.join(CODES.values())})m")


class ReaderGone(Exception):
    """Who read our output has what they wanted. No OSError: click would make a failure of that."""


def write(text: str) -> None:
    """Writes to stdout at once. Raises ReaderGone."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None


def data(text: str) -> None:
    """Prints `text` and a newline, if it does not end with one. Verbatim into a file or pipe; on a terminal nothing in
    it can act on the terminal."""
    if sys.stdout.isatty():
        text = _coloured(visible(text), sys.stdout)
    write(text if text.endswith("\n") else text + "\n")


def as_json(value: object) -> None:
    """Prints one JSON document. ASCII, so that it is right in every locale."""
    write(json.dumps(value, indent=2 if sys.stdout.isatty() else None) + "\n")


def note(text: str) -> None:
    """A message to the person, never data."""
    sys.stderr.write(_coloured(visible(text), sys.stderr) + "\n")
    sys.stderr.flush()


def colour_wanted(stream: TextIO) -> bool:
    """Whether `stream` is a terminal whose user wants colours."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM", "dumb") != "dumb"


def styled(text: str, style: str) -> str:
    """`text` in a colour of CODES once it is printed, if stdout shows colours; the empty style is none."""
    return f"{BEGIN}{CODES[style]}m{text}{END}" if text and style and colour_wanted(sys.stdout) else text


def _coloured(text: str, stream: TextIO) -> str:
    if not colour_wanted(stream):
        return _BEGIN.sub("", text).replace(END, "")
    return _BEGIN.sub("\x1b[\\1m", text).replace(END, "\x1b[0m")


def table(rows: Sequence[Sequence[str]], indent: int = 0) -> str:
    """Rows as aligned columns; on a terminal each line is cut to its width."""
    room = columns()
    return "\n".join(fitted(" " * indent + line, room) for line in aligned(rows))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines of columns two spaces apart, safe to print; columns in which nothing is are left out."""
    clean = [[visible_line(cell) for cell in row] for row in rows]
    used = [at for at in range(len(clean[0]) if clean else 0) if any(row[at] for row in clean)]
    widths = {at: max(width(row[at]) for row in clean) for at in used}
    return ["  ".join(row[at] + " " * (widths[at] - width(row[at])) for at in used).rstrip() for row in clean]


def fitted(text: str, columns: int) -> str:
    """One visible line cut to `columns`, with an ellipsis where something was cut."""
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[:-1]
    return text + "…"


def columns() -> int:
    """Columns of the terminal on stdout; without one, as good as no limit."""
    if not sys.stdout.isatty():
        return 1_000_000
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
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
def waiting(what: str) -> Iterator[None]:
    """Shows a spinner and the elapsed time on a terminal's stderr while the block runs; elsewhere nothing."""
    if not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(visible_line(what), total=None)
        yield

"""runs.md: written from the state and read back, with upstream's headings, columns and fields.

Three parts are ours, each between `<!-- tmuxorch:begin NAME -->` and `<!-- tmuxorch:end NAME -->`; everything
outside stays as it is. `parse(render(view, previous)) == view` for every view in normal form: lines and blocks of
core.text, at most KEEP entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tmuxorch.core.model import LogEntry
from tmuxorch.ledger import blocks, inline
from tmuxorch.ledger.runs_parts import PARTS, replaced
from tmuxorch.ledger.runs_reading import parse
from tmuxorch.ledger.runs_values import COLUMNS, FIELDS, KEEP, LABELS, RunsView, SessionRow, timestamp
from tmuxorch.ledger.runs_view import view

_ARCHIVED = re.compile(r"^<!-- tmuxorch:entry (\d+) ", re.MULTILINE)
"""The beginning of an entry's comment; no text of somebody else has such a line (see blocks.paragraphs)."""

__all__ = [
    "KEEP",
    "RunsView",
    "SessionRow",
    "last_archived",
    "parse",
    "render",
    "render_archive",
    "split_for_archive",
    "view",
]


def render(of: RunsView, previous: str = "") -> str:
    """The text of runs.md; everything in `previous` outside our parts stays byte for byte."""
    bodies = {
        "status": _status(of),
        "sessions": blocks.table(COLUMNS, map(_cells, of.sessions)),
        "log": _log(of.entries),
    }
    return replaced(previous or "# Runs\n", bodies)


def _status(of: RunsView) -> str:
    values = (of.overall_status, of.waiting_on, of.last_updated_by)
    return "".join(
        f"- {label}: {inline.escape(value)}".rstrip() + "\n"
        for label, value in zip(LABELS, values, strict=True)
    )


def _cells(row: SessionRow) -> Iterator[str]:
    return map(inline.escape, (row.child, row.session_handle, row.state, row.current_task, row.last_summary))


def _log(entries: Sequence[LogEntry]) -> str:
    return "".join(map(_entry, entries[-KEEP:]))


@lru_cache(2 * KEEP)
def _entry(logged: LogEntry) -> str:
    """One entry of the log. Its comment holds the exact time (seconds since the epoch)."""
    bodies = (
        timestamp(logged.at),
        inline.escape_start(logged.child),
        *map(blocks.paragraphs, (logged.intent, logged.result, logged.checks)),
        *map(blocks.paragraphs, (logged.artifacts, logged.resume, logged.next_step)),
    )
    heading = f"### {logged.number} · {inline.escape_title(logged.child)}".rstrip()
    fields = "".join(
        f"\n#### {name}\n" + (f"\n{body.rstrip(chr(10))}\n" if body.strip() else "")
        for name, body in zip(FIELDS, bodies, strict=True)
    )
    return f"\n{heading}\n<!-- tmuxorch:entry {logged.number} {logged.at!r} -->\n{fields}\n"


def split_for_archive(
    entries: tuple[LogEntry, ...], keep: int = KEEP
) -> tuple[tuple[LogEntry, ...], tuple[LogEntry, ...]]:
    """The newest `keep` entries, and the older ones."""
    cut = max(0, len(entries) - keep)
    return entries[cut:], entries[:cut]


def render_archive(entries: Sequence[LogEntry], previous: str = "") -> str:
    """A document of its own for entries that leave runs.md: what it holds already stays, and they come after."""
    return (previous or f"# Runs\n\n## {PARTS['log']}\n") + "".join(map(_entry, entries))


def last_archived(page: str) -> int:
    """The number of the last entry in a document of the archive; 0 when it has none."""
    return max((int(number) for number in _ARCHIVED.findall(page)), default=0)

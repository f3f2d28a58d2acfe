"""runs.md: written from the state and read back, with upstream's headings, columns and fields.

Three parts are ours, each between `<!-- tmuxorch:begin NAME -->` and `<!-- tmuxorch:end NAME -->`; everything
outside stays as it is. `parse(render(view, previous)) == view` for every view in normal form: lines and blocks of
core.text, at most KEEP entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from tmuxorch.core.model import LogEntry
from tmuxorch.ledger import blocks, inline
from tmuxorch.ledger.runs_parts import PARTS, replaced
from tmuxorch.ledger.runs_reading import parse
from tmuxorch.ledger.runs_values import COLUMNS, FIELDS, LABELS, RunsView, SessionRow

__all__ = [
    "KEEP",
    "RunsView",
    "SessionRow",
    "entry",
    "parse",
    "render",
    "render_archive",
    "split_for_archive",
    "timestamp",
]

KEEP = 200
"""Entries that stay in runs.md; older ones belong into the archive."""


def render(view: RunsView, previous: str = "") -> str:
    """The text of runs.md; everything in `previous` outside our parts stays byte for byte."""
    bodies = {"status": _status(view), "sessions": _sessions(view), "log": _log(view.entries)}
    return replaced(previous or "# Runs\n", bodies)


def _status(view: RunsView) -> str:
    values = (view.overall_status, view.waiting_on, view.last_updated_by)
    return "".join(
        f"- {label}: {inline.escape(value)}".rstrip() + "\n"
        for label, value in zip(LABELS, values, strict=True)
    )


def _sessions(view: RunsView) -> str:
    return "\n".join(
        [inline.row(COLUMNS), inline.row("---" for _ in COLUMNS), *map(_session, view.sessions), ""]
    )


@lru_cache(256)
def _session(row: SessionRow) -> str:
    cells = (row.child, row.session_handle, row.state, row.current_task, row.last_summary)
    return inline.row(map(inline.escape, cells))


def _log(entries: Sequence[LogEntry]) -> str:
    return "".join(map(entry, entries[-KEEP:]))


@lru_cache(2 * KEEP)
def entry(logged: LogEntry) -> str:
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


def timestamp(at: float) -> str:
    """`at` (seconds since the epoch) as upstream writes times: YYYY-MM-DD HH:MM and the zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def split_for_archive(
    entries: tuple[LogEntry, ...], keep: int = KEEP
) -> tuple[tuple[LogEntry, ...], tuple[LogEntry, ...]]:
    """The newest `keep` entries, and the older ones."""
    cut = max(0, len(entries) - keep)
    return entries[cut:], entries[:cut]


def render_archive(entries: Sequence[LogEntry]) -> str:
    """A document of its own for entries that leave runs.md."""
    return f"# Runs\n\n## {PARTS['log']}\n" + "".join(map(entry, entries))

"""What runs.md shows, as values, and upstream's words for it."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from tmuxorch.core.model import LogEntry

KEEP = 200
"""Entries that stay in runs.md; older ones belong into the archive."""

LABELS = ("Overall status", "Waiting on", "Last updated by")
COLUMNS = ("Child", "Session Handle", "State", "Current Task", "Last Summary")
FIELDS = ("Timestamp", "Child", "Intent", "Result", "Tests / Checks", "Artifacts", "Resume", "Next Step")


class SessionRow(Struct, frozen=True, kw_only=True):
    """One row of Active Child Sessions."""

    child: str
    session_handle: str = ""
    state: str = ""
    current_task: str = ""
    last_summary: str = ""


class RunsView(Struct, frozen=True, kw_only=True):
    """What runs.md shows."""

    overall_status: str = ""
    waiting_on: str = ""
    last_updated_by: str = ""
    sessions: tuple[SessionRow, ...] = ()
    entries: tuple[LogEntry, ...] = ()


def timestamp(at: float) -> str:
    """`at` (seconds since the epoch) as upstream writes times: YYYY-MM-DD HH:MM and the zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")

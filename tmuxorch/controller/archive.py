"""The archive of runs.md: an entry is written there, whole, before runs.md drops it.

The archive is a projection too: it tells itself how far it goes, so nothing is written twice, and what the state holds
no more is made again from the journal.
"""

from __future__ import annotations

import asyncio
from itertools import groupby

from tmuxorch.controller import history
from tmuxorch.core import model as m
from tmuxorch.ledger import runs_md
from tmuxorch.store.atomic import write_atomic
from tmuxorch.store.paths import ProjectPaths, private_directory

PAGE = 200
"""Entries of one page."""


class Archive:
    """The pages in the project's archive; only one writes them."""

    def __init__(self, paths: ProjectPaths) -> None:
        self._paths = paths
        self._last: int | None = None

    async def take(self, state: m.State) -> None:
        """Sees to it that every entry that is too old for runs.md is there. Raises StorageError or ConfigError."""
        _, old = runs_md.split_for_archive(state.log)
        wanted = state.log_count - runs_md.KEEP
        if self._last is None:
            self._last = await asyncio.to_thread(self._found)
        if wanted <= self._last:
            return
        missing = [entry for entry in old if entry.number > self._last]
        if len(missing) < wanted - self._last:
            missing = await asyncio.to_thread(history.log_entries, self._paths, self._last + 1, wanted)
        await asyncio.to_thread(self._write, missing)

    def _found(self) -> int:
        pages = sorted(self._paths.archive.glob("runs-*.md"))
        return runs_md.last_archived(pages[-1].read_text(encoding="utf-8")) if pages else 0

    def _write(self, entries: list[m.LogEntry]) -> None:
        private_directory(self._paths.archive)
        for number, group in groupby(entries, lambda entry: (entry.number - 1) // PAGE):
            page = self._paths.archived_runs(number * PAGE + 1)
            new = list(group)
            previous = page.read_text(encoding="utf-8") if page.exists() else ""
            write_atomic(page, runs_md.render_archive(new, previous).encode())
            self._last = new[-1].number

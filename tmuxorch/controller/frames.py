"""What an App Server sent, one frame per line, for the live view and for looking back."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

GATHER = 0.05
"""Seconds in which frames are gathered into one write."""

LIMIT = 64 * 1024 * 1024
"""Bytes after which the file is begun anew; the one before is kept beside it."""


class FrameLog:
    """Appends frames to `path`, a few writes a second at most. What cannot be written is dropped: it is only a view."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, frame: bytes) -> None:
        """Takes one frame (a JSON object without line breaks)."""
        self._held.append(frame)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER, self._write)

    def close(self) -> None:
        """Writes what is held."""
        if self._timer:
            self._timer.cancel()
        self._write()

    def _write(self) -> None:
        self._timer = None
        held, self._held = self._held, []
        if not held:
            return
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(fd, b"\n".join(held) + b"\n")
                size = os.fstat(fd).st_size
            finally:
                os.close(fd)
            if size > LIMIT:
                self._path.replace(self._path.with_suffix(".old.jsonl"))
        except OSError:
            return

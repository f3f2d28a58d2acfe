"""What an App Server sent, one frame per line, for the live view and for looking back."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

GATHER = 0.05
"""Seconds in which frames are gathered into one write."""

LIMIT = 64 * 1024 * 1024
"""Bytes after which the file is begun anew; the one before is kept beside it."""


class FrameLog:
    """Appends frames to `path`, a few writes a second at most. What cannot be written is dropped: it is only a view."""

    def __init__(self, path: Path, redact: Callable[[str], str], results: bool = True) -> None:
        """`redact` masks what may not be stored; without `results` those of our own requests are left out."""
        self._path = path
        self._redact = redact
        self._results = results
        self._held: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, frame: str) -> None:
        """Takes one frame (a JSON object without line breaks)."""
        if not self._results and not _is_told(frame):
            return
        self._held.append(self._redact(frame).encode())
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


def _is_told(frame: str) -> bool:
    """Whether a frame is a notification or request, rather than what our own request gave."""
    try:
        value = json.loads(frame)
    except ValueError:
        return False
    return isinstance(value, dict) and "method" in value

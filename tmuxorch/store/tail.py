"""Reading a file that grows, line by line, without ever reading a part twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

LINE_LIMIT = 16 << 20
"""Bytes of the longest line that is kept in memory."""

JUNK_KEPT = 4096
"""Bytes that are given of a longer one: never valid JSON, so that it is told from a line."""

CHUNK = 1 << 20
HEAD = 256


class Tail:
    """The lines of the file at `path`, from the byte `offset` (the beginning of a line) on.

    Only complete lines are given. The file may not exist yet. If it is cut short or another one takes its place,
    reading begins again at its beginning; that is told by its size and its first bytes, so one that is replaced by
    a copy of itself is simply read on.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        """The byte after the last line that was given: where a new Tail goes on."""
        self._partial = bytearray()  # what was read after `offset`
        self._skipped = 0  # bytes of a line over the limit that were not kept
        self._head = b""

    def read(self) -> list[bytes]:
        """Lines that were completed since, without their line breaks, as bytes: at most about one CHUNK's. Call it
        until it gives none. A line over LINE_LIMIT is given as its first JUNK_KEPT bytes."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return []
        with file:
            if self._is_another(file):
                self.offset, self._skipped, self._head = 0, 0, b""
                self._partial.clear()
            self._head = _head(file)
            file.seek(self._position)
            while chunk := file.read(CHUNK):
                if lines := self._lines(chunk):
                    return lines
        return []

    @property
    def partial(self) -> bytes:
        """What there is of the line that is not complete yet."""
        return bytes(self._partial)

    @property
    def _position(self) -> int:
        return self.offset + len(self._partial) + self._skipped

    def _is_another(self, file: BinaryIO) -> bool:
        size = os.fstat(file.fileno()).st_size
        return size < self._position or not _head(file).startswith(self._head)

    def _lines(self, chunk: bytes) -> list[bytes]:
        *ends, rest = chunk.split(b"\n")
        lines = []
        for end in ends:
            self._keep(end)
            lines.append(bytes(self._partial))
            self.offset = self._position + 1
            self._partial.clear()
            self._skipped = 0
        self._keep(rest)
        return lines

    def _keep(self, part: bytes) -> None:
        if self._skipped:
            self._skipped += len(part)
            return
        self._partial += part
        if len(self._partial) > LINE_LIMIT:
            self._skipped = len(self._partial) - JUNK_KEPT
            del self._partial[JUNK_KEPT:]


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(HEAD)

"""Reading what a file grows by, whatever happens to it."""

from __future__ import annotations

import os
from typing import NamedTuple

MOST = 4_000_000  # bytes that are read at once; of more only the end is of interest to somebody who watches
HEAD = 64  # bytes by which a file that was truncated and has grown again is told from the old one


class Grown(NamedTuple):
    """What came since the last look."""

    data: bytes
    restarted: bool  # it is another file's beginning: what was incomplete before stays so
    skipped: int  # bytes left out before `data`, which then begins in the middle of a line


class Follower:
    """Follows the file at `path`, which need not be there yet, may be truncated, and may be replaced by another."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1
        self._offset = 0
        self._head = b""

    def read(self) -> Grown:
        """What the file has grown by. Of a replaced file the rest comes first, the new one with the next call."""
        restarted = self._cut() if self._fd >= 0 else self._open()
        grown = self._rest(restarted)
        if not grown.data and self._replaced():
            self.close()
            return self._rest(True) if self._open() else grown
        return grown

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._offset, self._head = -1, 0, b""

    def _open(self) -> bool:
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        return True

    def _cut(self) -> bool:
        """Begins again if the file is not a longer version of what was read."""
        if (
            os.fstat(self._fd).st_size >= self._offset
            and os.pread(self._fd, len(self._head), 0) == self._head
        ):
            return False
        self._offset, self._head = 0, b""
        return True

    def _rest(self, restarted: bool) -> Grown:
        if self._fd < 0:
            return Grown(b"", False, 0)
        skipped = max(0, os.fstat(self._fd).st_size - self._offset - MOST)
        data = os.pread(self._fd, MOST, self._offset + skipped)
        self._offset += skipped + len(data)
        if len(self._head) < HEAD:
            self._head = os.pread(self._fd, min(HEAD, self._offset), 0)
        return Grown(data, restarted, skipped)

    def _replaced(self) -> bool:
        if self._fd < 0:
            return False
        try:
            return not os.path.samestat(os.stat(self._path), os.fstat(self._fd))
        except OSError:  # deleted: it may still be written to, and another may come
            return False

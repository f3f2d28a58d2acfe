"""Reading what a file grows by, whatever happens to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

MOST = 4_000_000  # bytes that are read at once; of more only the end is of interest to somebody who watches
PIECE = 65_536  # bytes that are made into rows at once: a row of two bytes takes a hundred
END = 131_072  # bytes of the end of a file that is longer than its limit
HEAD = 64  # bytes by which a file that was truncated and has grown again is told from the old one


class Grown(NamedTuple):
    """What came since the last look."""

    data: bytes
    restarted: bool  # it is another file's beginning: what was incomplete before stays so
    skipped: int  # bytes left out before `data`, which then begins in the middle of a line

    def pieces(self) -> Iterator[Grown]:
        """The same in pieces of at most PIECE bytes; one if nothing came."""
        yield Grown(self.data[:PIECE], self.restarted, self.skipped)
        for begin in range(PIECE, len(self.data), PIECE):
            yield Grown(self.data[begin : begin + PIECE], False, 0)


class Follower:
    """Follows the file at `path`, which need not be there yet, may be truncated, and may be replaced by another.

    With a `limit` (bytes, more than END) of a longer file the beginning is read, and its end after `release`.
    """

    def __init__(self, path: str, limit: int | None = None) -> None:
        self.path = path
        self.held = False  # whether the file is longer than what is read of it before `release`
        self._room = limit and limit - END
        self._most = MOST
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

    def release(self) -> None:
        """It grows no more: what is held back is read too, as far as it is the end."""
        self._room, self._most = None, END

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._offset, self._head = -1, 0, b""

    def _open(self) -> bool:
        try:
            self._fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
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
        size = os.fstat(self._fd).st_size
        end = size if self._room is None else min(size, self._room)
        self.held = end < size
        skipped = max(0, end - self._offset - self._most)
        data = os.pread(self._fd, max(0, end - self._offset - skipped), self._offset + skipped)
        self._offset += skipped + len(data)
        if len(self._head) < HEAD:
            self._head = os.pread(self._fd, min(HEAD, self._offset), 0)
        return Grown(data, restarted, skipped)

    def _replaced(self) -> bool:
        if self._fd < 0:
            return False
        try:
            return not os.path.samestat(os.stat(self.path), os.fstat(self._fd))
        except OSError:  # deleted: it may still be written to, and another may come
            return False

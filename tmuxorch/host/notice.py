"""Being told that something in a directory has changed: inotify, kqueue, or else the clock."""

from __future__ import annotations

import os
import select
from typing import Any

SWEEP = 2.0  # seconds; a look without notice, for file systems that give none (another machine wrote)
POLL = 0.25


class Notice:
    """`fd` is readable when something changed, and is None where only looking every `interval` seconds helps."""

    fd: int | None = None
    interval = POLL

    def clear(self) -> None:
        """Forgets what has changed so far; to call before looking."""

    def close(self) -> None:
        pass


def notice(path: str) -> Notice:
    """What tells of changes to the file at `path`, which need not be there yet; its directory should."""
    try:
        if hasattr(select, "kqueue"):
            return _Kqueue(path)
        return _Inotify(os.path.dirname(path))
    except (OSError, AttributeError):  # no directory, no watches left, or no such calls in this system's libc
        return Notice()


class _Inotify(Notice):
    """The whole directory, so that a file that comes later or is replaced is noticed too (inotify(7))."""

    interval = SWEEP
    _MODIFY, _MOVED_TO, _CREATE = 0x2, 0x80, 0x100

    def __init__(self, directory: str) -> None:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        wanted = self._MODIFY | self._MOVED_TO | self._CREATE
        if libc.inotify_add_watch(self.fd, os.fsencode(directory), wanted) < 0:
            os.close(self.fd)
            raise OSError(ctypes.get_errno(), "inotify_add_watch")

    def clear(self) -> None:
        assert self.fd is not None
        try:
            while os.read(self.fd, 65536):
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        assert self.fd is not None
        os.close(self.fd)


class _Kqueue(Notice):
    """The directory tells of files that come, the file itself of what is written to it (kqueue(2))."""

    interval = SWEEP

    def __init__(self, path: str) -> None:
        self._select: Any = select  # the names below exist only where kqueue does
        self._path = path
        self._file = -1
        self._queue = self._select.kqueue()
        self.fd = self._queue.fileno()
        self._directory = os.open(os.path.dirname(path), os.O_RDONLY | os.O_CLOEXEC)
        self._watch(self._directory)
        self._watch_file()

    def clear(self) -> None:
        while self._queue.control(None, 16, 0):
            pass
        self._watch_file()

    def close(self) -> None:
        for fd in (self._directory, self._file):
            if fd >= 0:
                os.close(fd)
        self._queue.close()

    def _watch(self, fd: int) -> None:
        notes = self._select.KQ_NOTE_WRITE | self._select.KQ_NOTE_EXTEND
        flags = self._select.KQ_EV_ADD | self._select.KQ_EV_CLEAR
        self._queue.control([self._select.kevent(fd, self._select.KQ_FILTER_VNODE, flags, notes)], 0)

    def _watch_file(self) -> None:
        """The file that has the name now."""
        try:
            if self._file >= 0 and os.path.samestat(os.stat(self._path), os.fstat(self._file)):
                return
            new = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return
        if self._file >= 0:
            os.close(self._file)
        self._file = new
        self._watch(new)

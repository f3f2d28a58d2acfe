"""Writing a file so that a reader, and a crash, sees either all of the old or all of the new content."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sys
from pathlib import Path

from tmuxorch.errors import ChangedMeanwhile, StorageError

PRIVATE = 0o600
PROJECT = 0o666
"""Mode of files that belong to the user's project; the umask takes from it."""

ABSENT = "absent"
"""The digest of a file that is not there."""


ROOM = 1 << 16
"""Bytes without which no controller is started: its first commits and the records of some processes."""


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str:
    """The digest of a file's present content, or ABSENT."""
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return ABSENT


def write_atomic(path: Path, data: bytes, mode: int = PRIVATE, expect: str | None = None) -> None:
    """Replaces the content of `path` (of what it leads to, if it is a link), durably.

    A PROJECT file that is already there keeps its permission bits. With `expect`, the digest of the content that was
    last read, nothing is written if the content is another by now: raises ChangedMeanwhile. Raises StorageError if it
    cannot be written; the old content is then untouched. Blocks for two fsyncs.
    """
    target = Path(os.path.realpath(path))
    temporary = target.parent / f".tmuxorch-{os.urandom(6).hex()}.tmp"
    try:
        try:
            _write_new(temporary, data, mode)
            if mode == PROJECT:
                with contextlib.suppress(FileNotFoundError):
                    temporary.chmod(target.stat().st_mode & 0o777)
            # As late as can be: an edit between this look and the rename is the only one that could be lost.
            if expect is not None and file_digest(target) != expect:
                raise ChangedMeanwhile(f"{path} was changed since it was read")
            temporary.rename(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_directory(target.parent)
    except OSError as error:
        hint = "make room there" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise StorageError(f"{path} cannot be written: {error.strerror}", hint=hint) from error


def check_room(directory: Path) -> None:
    """Raises StorageError when so little room is left that nothing should be begun."""
    probe = directory / f"room-{os.getpid()}"  # several commands may look at once
    write_atomic(probe, bytes(ROOM))
    probe.unlink(missing_ok=True)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        write_all(descriptor, data)
        sync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """Writes all of `data`, however many calls the system needs for it."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync(descriptor: int) -> None:
    """Returns when the file's content is on the disk."""
    if sys.platform == "darwin":
        import fcntl

        # There, fsync only hands it to the drive, which may reorder writes and lose them with the power.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(descriptor)


def sync_directory(path: Path) -> None:
    """Returns when the names in a directory are on the disk, where the file system can promise that."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Writing the journal: the append-only record of everything that happened.

One process writes (it holds the controller's lock); any number may read meanwhile (reading.py). What the files hold
is said in segments.py.
"""

from __future__ import annotations

import itertools
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tmuxorch.errors import StorageError
from tmuxorch.store.atomic import sync, sync_directory, write_all, write_atomic
from tmuxorch.store.reading import Cursor, Upcasts
from tmuxorch.store.segments import (
    Record,
    commits,
    first_seq,
    header_line,
    record_line,
    segment_path,
    segments,
)

SEGMENT_BYTES = 8 << 20
SNAPSHOTS_KEPT = 2


class Snapshot(msgspec.Struct, frozen=True):
    """The state after record `seq`, encoded by version `v` of its encoding."""

    seq: int
    v: int
    state: bytes


class Journal:
    """The journal in a directory, open for writing. One caller at a time; `commit` may run in another thread."""

    def __init__(self, directory: Path, version: int, segment_bytes: int, end: _End) -> None:
        self._directory = directory
        self._version = version
        self._segment_bytes = segment_bytes
        self._segment = end.segment
        self._size = end.size
        self._pending: list[tuple[bytes, float]] = []
        self._file = -1
        self._untidy = False
        self.last = end.last
        """The seq of the last durable record, 0 if there is none."""

    @classmethod
    def open(cls, directory: Path, version: int = 1, segment_bytes: int = SEGMENT_BYTES) -> Journal:
        """Opens the journal, or begins one. `version` is the one in which events are encoded.

        What a crash left of an unfinished commit is moved to a file beside. Raises StorageError if the journal is
        damaged elsewhere, was written by a newer tmuxorch, or the disk refuses.
        """
        try:
            return cls(directory, version, segment_bytes, _repaired_end(directory))
        except OSError as error:
            raise StorageError(f"the journal in {directory} cannot be opened: {error.strerror}") from error

    def append(self, event: bytes, at: float) -> None:
        """Adds one event, a JSON object without line breaks, recorded at `at` (seconds since the Epoch).

        It is in no file before `commit`. Raises msgspec.DecodeError if it is no JSON object.
        """
        msgspec.json.decode(event, type=dict[str, msgspec.Raw])
        if b"\n" in event:
            raise msgspec.DecodeError("an event has to be on one line")
        self._pending.append((event, at))

    def commit(self) -> None:
        """Makes all that was appended durable, whole or not at all; blocks for one fsync.

        Raises OSError if the disk refuses: nothing of it is recorded then, and `commit` may be called again.
        """
        if not self._pending:
            return
        first, count = self.last + 1, len(self._pending)
        lines = [
            record_line(Record(seq, self._version, at, (first, count), msgspec.Raw(event)))
            for seq, (event, at) in enumerate(self._pending, first)
        ]
        if self._segment is None or self._size >= self._segment_bytes:
            self._write_segment(segment_path(self._directory, first), header_line(first) + b"".join(lines))
        else:
            self._write_more(b"".join(lines))
        self.last += count
        self._pending.clear()

    def snapshot(self, state: bytes, version: int = 1) -> None:
        """Keeps `state`, which has to be the one after the last durable record, so that loading begins there."""
        fields = msgspec.json.encode({"crc": zlib.crc32(state), "seq": self.last, "v": version})
        write_atomic(_snapshot_path(self._directory, self.last), fields + b"\n" + state)
        for old in _snapshots(self._directory)[SNAPSHOTS_KEPT:]:
            old.unlink(missing_ok=True)

    def load(
        self, version: int = 1, upcasts: Upcasts | None = None
    ) -> tuple[Snapshot | None, Iterator[Record]]:
        """The newest snapshot whose state is of `version` and not damaged, if any, and the records after it."""
        found = (_read_snapshot(path) for path in _snapshots(self._directory))
        snapshot = next((each for each in found if each and each.v == version), None)
        since = snapshot.seq if snapshot else 0
        if since > self.last:
            raise StorageError(
                f"the journal in {self._directory} ends at {self.last}, yet there was a record {since}"
            )
        return snapshot, Cursor(self._directory, since, upcasts).read()

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write_segment(self, path: Path, data: bytes) -> None:
        new = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            write_all(new, data)
            sync(new)
            sync_directory(self._directory)
        except BaseException:
            os.close(new)
            path.unlink()
            raise
        self.close()
        self._file, self._segment, self._size = new, path, len(data)

    def _write_more(self, data: bytes) -> None:
        assert self._segment
        if self._file < 0:
            self._file = os.open(self._segment, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        if self._untidy:
            self._tidy()
        try:
            write_all(self._file, data)
            sync(self._file)
        except BaseException:
            self._untidy = True
            self._tidy()
            raise
        self._size += len(data)

    def _tidy(self) -> None:
        """Takes a failed commit out of the file again, before anything is written after it."""
        os.ftruncate(self._file, self._size)
        self._untidy = False


class _End(msgspec.Struct, frozen=True):
    """Where a journal ends: after record `last`, at `size` bytes of `segment`."""

    last: int
    segment: Path | None = None
    size: int = 0


def _repaired_end(directory: Path) -> _End:
    known = segments(directory)
    if not known:
        return _End(last=0)
    segment, last, size = known[-1], first_seq(known[-1]) - 1, 0
    for commit in commits(segment, 0, last + 1):
        last, size = last + len(commit.records), commit.end
    with segment.open("r+b") as file:
        file.seek(size)
        if torn := file.read():
            write_atomic(_unused(directory, f"torn-{last + 1:016d}"), torn)
            file.truncate(size)
        sync(file.fileno())  # its last commit may be whole without ever having been synced
    if size == 0:  # not even its first line was complete
        segment.unlink()
        return _repaired_end(directory)
    sync_directory(directory)
    return _End(last=last, segment=segment, size=size)


def _unused(directory: Path, name: str) -> Path:
    numbered = (directory / f"{name}-{number}" for number in itertools.count(1))
    return next(path for path in numbered if not path.exists())


def _snapshot_path(directory: Path, seq: int) -> Path:
    return directory / f"snapshot-{seq:016d}"


def _snapshots(directory: Path) -> list[Path]:
    """Newest first."""
    return sorted(directory.glob("snapshot-[0-9]*"), reverse=True)


def _read_snapshot(path: Path) -> Snapshot | None:
    """None if it is damaged: the journal holds all that it held."""
    fields, _, state = path.read_bytes().partition(b"\n")
    try:
        header = msgspec.json.decode(fields, type=dict[str, int])
        intact = header["crc"] == zlib.crc32(state)
        return Snapshot(header["seq"], header["v"], state) if intact else None
    except (msgspec.DecodeError, KeyError):
        return None

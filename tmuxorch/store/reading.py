"""Reading the journal, also while another process writes it: nothing is locked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from tmuxorch.errors import StorageError
from tmuxorch.store.segments import Record, commits, first_seq, segment_path, segments

Upcasts = Mapping[int, Callable[[bytes], bytes]]
"""By version of an event's encoding: what makes the next version's JSON of it."""


class Cursor:
    """A place in the journal of `directory`, after record `since`; `read` goes on from there."""

    def __init__(self, directory: Path, since: int = 0, upcasts: Upcasts | None = None) -> None:
        self._directory = directory
        self._since = since
        self._upcasts = upcasts or {}
        self._segment: Path | None = None
        self._offset = 0
        self._next = 0  # the seq that has to come at the offset

    def read(self) -> Iterator[Record]:
        """The records that are there by now and were not given yet. Raises StorageError if any is damaged or
        missing."""
        while known := segments(self._directory):  # as they are before reading: all but the last are complete
            if self._segment is None:
                self._enter(self._first_segment(known))
            assert self._segment
            for commit in commits(self._segment, self._offset, self._next):
                self._offset = commit.end
                self._next += len(commit.records)
                yield from (self._upcast(record) for record in commit.records if record.seq > self._since)
            following = segment_path(self._directory, self._next)
            if following != self._segment and following.exists():
                self._enter(following)
            elif self._segment == known[-1]:
                return
            else:
                raise StorageError(f"{self._segment} ends before record {self._next}, which is missing")

    def _first_segment(self, known: list[Path]) -> Path:
        holding = [segment for segment in known if first_seq(segment) <= self._since + 1]
        if not holding:
            raise StorageError(f"{self._directory}: the records before {first_seq(known[0])} are missing")
        return holding[-1]

    def _enter(self, segment: Path) -> None:
        self._segment, self._offset, self._next = segment, 0, first_seq(segment)

    def _upcast(self, record: Record) -> Record:
        while upcast := self._upcasts.get(record.v):
            record = replace(record, v=record.v + 1, e=msgspec.Raw(upcast(bytes(record.e))))
        return record


async def follow(directory: Path, since: int = 0) -> AsyncGenerator[Record, None]:
    """Every record after `since`, and for ever those to come."""
    from tmuxorch.store.watch import watch  # who only reads does not wait for what watches

    cursor = Cursor(directory, since)
    async for _ in watch(directory):
        for record in cursor.read():
            yield record

"""The journal's files: their names, their lines, and what in them counts.

    journal/0000000000000001.jsonl    a segment, named by the seq of its first record
        {"journal":1,"first":1}
        {"crc":"4778d224","seq":1,"v":1,"at":1763683200.25,"commit":[1,2],"e":{…}}
        {"crc":"47d096a7","seq":2,"v":1,"at":1763683200.25,"commit":[1,2],"e":{…}}
    journal/snapshot-0000000000000002      {"crc":…,"seq":2,"v":1} and a line break, then the state
    journal/torn-0000000000000003-1        what a crash left of a commit

One commit becomes durable by one fsync and counts whole or not at all: each record says of which commit it is, by
that one's first seq and number of records. After a crash the blocks of the last commit may be on the disk in any
selection, so a record that does not check is forgiven if no later commit follows; if one does, the disk has lost
something that it had promised to keep.

`crc` is the CRC-32 of the line from the comma after it, without the line break. Fields may be added; a reader of a
later format (`journal` in the first line) refuses. Segments are never deleted.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tmuxorch.errors import StorageError

FORMAT = 1
SEGMENT = "[0-9]*.jsonl"
CRC_END = len(b'{"crc":"00000000"')


class Record(msgspec.Struct, frozen=True):
    """One event as recorded: `v` is the version of its encoding, `at` seconds since the Epoch, `e` a JSON object."""

    seq: int
    v: int
    at: float
    commit: tuple[int, int]
    e: msgspec.Raw


class Header(msgspec.Struct, frozen=True):
    """The first line of a segment."""

    journal: int
    first: int


_decode_record = msgspec.json.Decoder(Record).decode
_decode_header = msgspec.json.Decoder(Header).decode


def segment_path(directory: Path, first: int) -> Path:
    return directory / f"{first:016d}.jsonl"


def segments(directory: Path) -> list[Path]:
    """All segments of a journal, oldest first."""
    return sorted(directory.glob(SEGMENT))


def first_seq(segment: Path) -> int:
    return int(segment.stem)


def header_line(first: int) -> bytes:
    return msgspec.json.encode(Header(FORMAT, first)) + b"\n"


def check_header(segment: Path, line: bytes) -> None:
    """Raises StorageError unless `line` is the first line of a segment that this version can read."""
    try:
        header = _decode_header(line)
    except msgspec.DecodeError:
        raise StorageError(f"{segment}, line 1: not the beginning of a journal segment") from None
    if header.journal > FORMAT:
        raise StorageError(
            f"{segment} was written by a newer tmuxorch (journal format {header.journal}, this one reads {FORMAT})",
            hint="install the newer tmuxorch again",
        )


def with_crc(fields: bytes) -> bytes:
    """A line: the JSON object `{fields}` with its checksum before them."""
    rest = b"," + fields + b"}"
    return b'{"crc":"%08x"' % zlib.crc32(rest) + rest + b"\n"


def crc_holds(line: bytes) -> bool:
    """Whether a line (without its line break) is as it was written."""
    return line[:CRC_END] == b'{"crc":"%08x"' % zlib.crc32(line[CRC_END:])


def record_line(record: Record) -> bytes:
    return with_crc(msgspec.json.encode(record)[1:-1])


def read_record(line: bytes) -> Record | None:
    """The record of a line without its line break, None if it does not check."""
    return _decode_record(line) if crc_holds(line) else None


class Commit(msgspec.Struct, frozen=True):
    """A segment's next part: `records` that became durable together (none for its first line), and where it ends."""

    records: tuple[Record, ...]
    end: int


def commits(segment: Path, offset: int, next_seq: int) -> Iterator[Commit]:
    """The whole commits of a segment from `offset` (0, or the end of a commit) on; `next_seq` has to come first.

    Ends silently before a commit that is not whole, as it is while a writer is at it and after a crash. Raises
    StorageError, naming the place, if records are damaged that a later commit follows.
    """
    with segment.open("rb") as file:
        file.seek(offset)
        data = file.read()
    here = 0
    if offset == 0:
        if (here := data.find(b"\n") + 1) == 0:
            return
        check_header(segment, data[: here - 1])
        yield Commit((), here)
    records: list[Record] = []
    while (end := data.find(b"\n", here)) >= 0:
        record = read_record(data[here:end])
        if record is None or record.seq != next_seq + len(records) or record.commit[0] != next_seq:
            _refuse_if_later_commit(segment, offset + here, data[here:], next_seq)
            return
        here = end + 1
        records.append(record)
        if len(records) == record.commit[1]:
            yield Commit(tuple(records), offset + here)
            next_seq += len(records)
            records = []


def _refuse_if_later_commit(segment: Path, offset: int, rest: bytes, unfinished: int) -> None:
    # What was lost may have taken the line break before the next record with it: look wherever one may begin.
    begins = (place.start() for place in re.finditer(rb'\{"crc":', rest))
    lines = (rest[begin:].partition(b"\n")[0] for begin in begins)
    found = (record.commit[0] for line in lines if (record := read_record(line)))
    if any(first > unfinished for first in found):
        with segment.open("rb") as file:
            line = file.read(offset).count(b"\n") + 1
        raise StorageError(
            f"{segment}, line {line}: the journal is damaged here, in the middle of what is recorded",
            hint="restore the file from a backup; nothing in it was changed",
        )

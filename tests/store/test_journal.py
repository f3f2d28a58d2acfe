"""What a commit promised stays, what it did not promise never counts in part."""

from __future__ import annotations

import resource
import subprocess
import sys
import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmuxorch.errors import StorageError
from tmuxorch.store.journal import Journal
from tmuxorch.store.reading import Cursor
from tmuxorch.store.segments import Record, read_record, record_line

AT = 1763683200.123456


def event(number: int) -> bytes:
    return b'{"n":%d}' % number


def write(journal: Journal, *numbers: int) -> None:
    for number in numbers:
        journal.append(event(number), AT)
    journal.commit()


def numbers(directory: Path, since: int = 0) -> list[int]:
    return [number(record) for record in Cursor(directory, since).read()]


def number(record: Record) -> int:
    return msgspec.json.decode(record.e, type=dict[str, int])["n"]


def only_segment(directory: Path) -> Path:
    (segment,) = directory.glob("*.jsonl")
    return segment


def test_what_was_committed_is_there_again(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    assert list(Cursor(tmp_path).read()) == []
    write(journal, 1, 2)
    write(journal, 3)
    journal.append(event(4), AT)
    journal.close()
    again = Journal.open(tmp_path)
    assert again.last == 3
    write(again, 4)
    again.close()
    records = list(Cursor(tmp_path).read())
    assert [(r.seq, r.v, r.at, r.commit, bytes(r.e)) for r in records] == [
        (1, 1, AT, (1, 2), b'{"n":1}'),
        (2, 1, AT, (1, 2), b'{"n":2}'),
        (3, 1, AT, (3, 1), b'{"n":3}'),
        (4, 1, AT, (4, 1), b'{"n":4}'),
    ]
    assert numbers(tmp_path, since=1) == [2, 3, 4]


@pytest.mark.parametrize("bad", [b"", b"[]", b"{", b'{"a":\n1}', b'{"a":1}{}'])
def test_an_event_is_one_json_object_on_one_line(tmp_path: Path, bad: bytes) -> None:
    journal = Journal.open(tmp_path)
    with pytest.raises(msgspec.DecodeError):
        journal.append(bad, AT)
    journal.commit()
    assert list(tmp_path.iterdir()) == []


def test_cut_at_every_byte(tmp_path: Path) -> None:
    """Whole commits before the cut stay, the rest is set aside, and writing goes on."""
    whole = tmp_path / "whole"
    whole.mkdir()
    journal = Journal.open(whole)
    ends = []
    for commit in ([1], [2, 3], [4]):
        write(journal, *commit)
        ends.append((only_segment(whole).stat().st_size, commit[-1]))
    journal.close()
    data = only_segment(whole).read_bytes()
    for cut in range(len(data) + 1):
        place = tmp_path / str(cut)
        place.mkdir()
        (place / "0000000000000001.jsonl").write_bytes(data[:cut])
        last = max((seq for end, seq in ends if end <= cut), default=0)
        assert numbers(place) == list(range(1, last + 1)), cut
        journal = Journal.open(place)
        write(journal, 50)
        journal.close()
        assert numbers(place) == [*range(1, last + 1), 50], cut
        kept = b"".join(each.read_bytes() for each in place.glob("torn-*"))
        assert data[:cut].endswith(kept)
        header = data.index(b"\n") + 1
        expected = max((end for end, _ in ends if end <= cut), default=header if cut >= header else 0)
        assert len(kept) == cut - expected


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_blocks_lost_of_the_last_commit_are_forgiven_of_others_not(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    place = tmp_path_factory.mktemp("j")
    journal, following, before = Journal.open(place), 1, 0
    for size in sizes:
        before = only_segment(place).stat().st_size if following > 1 else 0
        write(journal, *range(following, following + size))
        following += size
    journal.close()
    segment = only_segment(place)
    content = bytearray(segment.read_bytes())
    header = content.index(b"\n") + 1
    start = data.draw(st.integers(header, len(content) - 1))
    end = data.draw(st.integers(start + 1, len(content)))
    content[start:end] = bytes(end - start)
    segment.write_bytes(content)
    if start >= before:
        assert Journal.open(place).last == following - 1 - sizes[-1]
    elif end <= content.rfind(b'{"crc"'):  # at least one record of a later commit can still be read
        with pytest.raises(StorageError, match=r"line \d+: the journal is damaged here"):
            Journal.open(place)
        assert segment.read_bytes() == content


def test_a_lost_block_that_ends_where_the_last_record_begins_is_no_torn_tail(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    for each in (1, 2, 3):
        write(journal, each)
    journal.close()
    segment = only_segment(tmp_path)
    content = bytearray(segment.read_bytes())
    header, last = content.index(b"\n") + 1, content.rfind(b'{"crc"')
    content[header:last] = bytes(last - header)
    segment.write_bytes(content)
    with pytest.raises(StorageError, match="the journal is damaged here"):
        Journal.open(tmp_path)


def test_damage_is_named_by_file_and_line(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    for each in (1, 2, 3):
        write(journal, each)
    journal.close()
    segment = only_segment(tmp_path)
    segment.write_bytes(segment.read_bytes().replace(b'{"n":2}', b'{"n":7}'))
    with pytest.raises(StorageError, match=r"0000000000000001\.jsonl, line 3: "):
        Journal.open(tmp_path)
    with pytest.raises(StorageError, match=r"0000000000000001\.jsonl, line 3: "):
        numbers(tmp_path)


def test_segments_follow_one_another_and_are_kept(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, segment_bytes=300)
    for each in range(1, 31):
        write(journal, each)
    journal.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) > 5
    assert numbers(tmp_path) == list(range(1, 31))
    assert numbers(tmp_path, since=17) == list(range(18, 31))
    again = Journal.open(tmp_path, segment_bytes=300)
    write(again, 31)
    again.close()
    assert numbers(tmp_path, since=30) == [31]
    (tmp_path / names[2]).unlink()
    with pytest.raises(StorageError, match=f"{names[1]} ends before record"):
        numbers(tmp_path)
    assert numbers(tmp_path, since=29) == [30, 31]
    (tmp_path / names[0]).unlink()
    (tmp_path / names[1]).unlink()
    with pytest.raises(StorageError, match=r"the records before \d+ are missing"):
        numbers(tmp_path)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0000000000000001.jsonl").write_bytes(b'{"journal":2,"first":1}\n')
    with pytest.raises(StorageError, match="written by a newer tmuxorch"):
        Journal.open(tmp_path)


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0000000000000001.jsonl").write_bytes(b"hello\n")
    with pytest.raises(StorageError, match="line 1: not the beginning of a journal"):
        Journal.open(tmp_path)


def test_a_segment_of_the_first_release_loads_for_ever(tmp_path: Path) -> None:
    """These bytes are out there: never change them."""
    (tmp_path / "0000000000000001.jsonl").write_bytes(
        b'{"journal":1,"first":1}\n'
        b'{"crc":"4778d224","seq":1,"v":1,"at":1763683200.25,"commit":[1,2],"e":{"n":1}}\n'
        b'{"crc":"47d096a7","seq":2,"v":1,"at":1763683200.25,"commit":[1,2],"e":{"n":2}}\n'
    )
    assert numbers(tmp_path) == [1, 2]
    assert Journal.open(tmp_path).last == 2


def test_old_events_are_brought_up_to_date(tmp_path: Path) -> None:
    old = Journal.open(tmp_path, version=1)
    write(old, 1)
    old.close()
    new = Journal.open(tmp_path, version=3)
    write(new, 2)
    upcasts = {1: lambda e: e.replace(b'"n":', b'"n":10'), 2: lambda e: e.replace(b"}", b"5}")}
    _, records = new.load(upcasts=upcasts)
    assert [(record.v, number(record)) for record in records] == [(3, 1015), (3, 2)]
    new.close()


def test_a_snapshot_shortens_loading(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    write(journal, 1, 2)
    journal.snapshot(b"state\nafter 2")
    write(journal, 3)
    snapshot, records = journal.load()
    assert snapshot
    assert (snapshot.seq, snapshot.state) == (2, b"state\nafter 2")
    assert [record.seq for record in records] == [3]
    for each in (4, 5):
        write(journal, each)
        journal.snapshot(b"%d" % each)
    journal.close()
    assert len(list(tmp_path.glob("snapshot-*"))) == 2
    assert numbers(tmp_path) == [1, 2, 3, 4, 5]


def test_a_snapshot_that_cannot_be_used_is_passed_over(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    write(journal, 1)
    journal.snapshot(b"good", version=1)
    write(journal, 2)
    journal.snapshot(b"newest", version=1)
    newest = max(tmp_path.glob("snapshot-*"))
    newest.write_bytes(newest.read_bytes()[:-1])
    snapshot, records = journal.load()
    assert snapshot
    assert (snapshot.state, [record.seq for record in records]) == (b"good", [2])
    newest.write_bytes(b"no json\n")
    assert journal.load(version=2)[0] is None
    assert [record.seq for record in journal.load(version=2)[1]] == [1, 2]
    journal.close()


def test_a_journal_shorter_than_its_snapshot_is_refused(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    write(journal, 1)
    write(journal, 2)
    journal.snapshot(b"after 2")
    journal.close()
    segment = only_segment(tmp_path)
    segment.write_bytes(segment.read_bytes()[:-5])
    with pytest.raises(StorageError, match="ends at 1, yet there was a record 2"):
        Journal.open(tmp_path).load()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tmuxorch.store.journal import Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
directory = Path(sys.argv[1])
journal = Journal.open(directory)
try:
    while True:
        journal.append(b'{"n":%d}' % (journal.last + 1), 0.0)
        journal.append(b'{"n":%d}' % (journal.last + 2), 0.0)
        journal.commit()
except OSError as error:
    print(error.strerror)
print(journal.last, sum(path.stat().st_size for path in directory.iterdir()))
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
journal.commit()
print(journal.last)
"""


@pytest.mark.parametrize("limit", [10, 2000])
def test_without_space_a_commit_counts_not_at_all_and_can_be_tried_again(tmp_path: Path, limit: int) -> None:
    """The limit on a file's size stops the write in the middle, as a full disk does."""
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, 1 << 20)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    why, at_failure, at_end = ran.stdout.splitlines()
    last, size = map(int, at_failure.split())
    assert why == "File too large"
    assert numbers(tmp_path) == list(range(1, last + 3))
    assert int(at_end) == last + 2
    lines = only_segment(tmp_path).read_bytes().splitlines(keepends=True)
    assert size == (sum(map(len, lines[: last + 1])) if last else 0)


def test_a_changed_byte_anywhere_is_noticed() -> None:
    line = record_line(Record(1, 1, AT, (1, 1), msgspec.Raw(b'{"n":1}')))[:-1]
    assert read_record(line)
    for place in range(len(line)):
        spoilt = bytearray(line)
        spoilt[place] ^= 1
        assert read_record(bytes(spoilt)) is None
    assert zlib.crc32(line[17:]) == int(line[8:16], 16)

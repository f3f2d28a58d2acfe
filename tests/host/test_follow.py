"""Following a file that another process writes, truncates and replaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmuxorch.host import follow
from tmuxorch.host.feed import LONGEST, Feed
from tmuxorch.host.follow import Follower, Grown
from tmuxorch.host.paint import Row


def rows_of(line: bytes, _: float | None) -> list[Row]:
    return [Row(line.decode())]


class Watcher:
    """A follower and a feed as the views use them."""

    def __init__(self, path: Path) -> None:
        self._follower = Follower(str(path))
        self._feed = Feed(rows_of)

    def look(self) -> list[str]:
        return [row.text for row in self._feed.rows(self._follower.read(), None)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def append(file: Path, data: bytes) -> None:
    with file.open("ab") as stream:
        stream.write(data)


def test_a_file_that_comes_later_and_grows(file: Path) -> None:
    watcher = Watcher(file)
    seen = [watcher.look()]
    for data in (b"one\ntw", b"o\n\xc3", b"\xbc\n", b""):
        append(file, data)
        seen.append(watcher.look())
    assert seen == [[], ["one"], ["two"], ["ü"], []]


def test_truncated(file: Path) -> None:
    watcher = Watcher(file)
    append(file, b"old 1\nold 2\npart")
    assert watcher.look() == ["old 1", "old 2"]
    file.write_bytes(b"new\n")
    assert watcher.look() == ["new"]


def test_truncated_and_grown_beyond_what_it_was(file: Path) -> None:
    watcher = Watcher(file)
    append(file, b"old 1\npart")
    watcher.look()
    file.write_bytes(b"new 1\nnew 2\nnew 3\n")
    assert watcher.look() == ["new 1", "new 2", "new 3"]


def test_replaced_with_the_last_of_the_old_one(file: Path) -> None:
    watcher = Watcher(file)
    append(file, b"old 1\n")
    watcher.look()
    append(file, b"old 2\npart")
    new = file.with_suffix(".new")
    new.write_bytes(b"new\n")
    new.rename(file)
    assert [watcher.look(), watcher.look()] == [["old 2"], ["new"]]


def test_deleted_and_made_again(file: Path) -> None:
    watcher = Watcher(file)
    append(file, b"old\n")
    watcher.look()
    file.unlink()
    assert watcher.look() == []
    append(file, b"new\n")
    assert watcher.look() == ["new"]


def test_of_a_flood_only_the_end_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "MOST", 10)
    watcher = Watcher(file)
    append(file, b"first\nsecond\nthird\nfourth\n")
    assert watcher.look() == ["… 16 B not shown …", "fourth"]


def test_an_endless_line_is_left_out() -> None:
    feed = Feed(rows_of)
    seen = [
        [row.text for row in feed.rows(Grown(data, False, 0), None)]
        for data in (b"x" * (LONGEST + 1), b"more", b"end\nnext\n")
    ]
    assert seen == [["… a line too long to show …"], [], ["next"]]


def test_of_a_file_with_a_limit_the_beginning_is_read_and_the_end_when_it_is_over(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "END", 10)
    follower, feed = Follower(str(file), limit=20), Feed(rows_of)

    def look() -> list[str]:
        return [row.text for row in feed.rows(follower.read(), None)]

    append(file, b"one\n")
    seen = [(look(), follower.held)]
    append(file, b"two\nthree\nfour\nfive\nsix\n")
    seen += [(look(), follower.held), (look(), follower.held)]
    follower.release()
    seen += [(look(), follower.held), (look(), follower.held)]
    assert seen == [
        (["one"], False),
        (["two"], True),
        ([], True),
        (["… 8 B not shown …", "five", "six"], False),
        ([], False),
    ]


def test_within_its_limit_a_file_is_read_whole(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "END", 10)
    follower = Follower(str(file), limit=20)
    append(file, b"1\n2\n3\n4\n5\n")
    assert (follower.read(), follower.held) == (Grown(b"1\n2\n3\n4\n5\n", True, 0), False)


def test_pieces_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "PIECE", 4)
    assert list(Grown(b"one\ntwo\nx", True, 7).pieces()) == [
        Grown(b"one\n", True, 7),
        Grown(b"two\n", False, 0),
        Grown(b"x", False, 0),
    ]
    assert list(Grown(b"", False, 3).pieces()) == [Grown(b"", False, 3)]

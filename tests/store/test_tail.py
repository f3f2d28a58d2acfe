"""Lines of a growing file: each once, complete, whatever pieces it arrives in."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxorch.store.tail import CHUNK, JUNK_KEPT, LINE_LIMIT, Tail
from tmuxorch.store.watch import watch


def read_all(tail: Tail) -> list[bytes]:
    lines = []
    while some := tail.read():
        lines += some
    return lines


def test_only_complete_lines_are_given(tmp_path: Path) -> None:
    path = tmp_path / "f"
    tail = Tail(path)
    assert tail.read() == []
    with path.open("ab", buffering=0) as file:
        file.write(b"one\ntw")
        assert tail.read() == [b"one"]
        assert tail.read() == []
        assert (tail.partial, tail.offset) == (b"tw", 4)
        file.write(b"o\n\nthree")
        assert tail.read() == [b"two", b""]
        assert (tail.partial, tail.offset) == (b"three", 9)


@given(st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8")), max_size=8), st.data())
def test_however_the_bytes_arrive(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    content = "".join(text + "\n" for text in texts).encode()
    path = tmp_path_factory.mktemp("t") / "f"
    tail, lines, written = Tail(path), list[bytes](), 0
    while written < len(content):
        size = data.draw(st.integers(1, len(content) - written))
        with path.open("ab") as file:
            file.write(content[written : written + size])
        written += size
        lines += tail.read()
        if data.draw(st.booleans()):  # the reader is another one now, that goes on from there
            tail = Tail(path, tail.offset)
    assert [line.decode() for line in lines] == texts
    assert tail.offset == len(content)


def test_byte_by_byte(tmp_path: Path) -> None:
    path, lines = tmp_path / "f", list[bytes]()
    tail = Tail(path)
    with path.open("ab", buffering=0) as file:
        for byte in "é😀\r\nx\n".encode():
            file.write(bytes([byte]))
            lines += tail.read()
    assert lines == ["é😀\r".encode(), b"x"]


def test_much_is_read_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"0123456789\n" * 300_000)
    tail = Tail(path)
    first = tail.read()
    assert 0 < sum(map(len, first)) <= CHUNK
    assert len(first) + len(read_all(tail)) == 300_000


def test_a_line_over_the_limit_is_junk_and_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "f"
    tail = Tail(path)
    with path.open("ab", buffering=0) as file:
        file.write(b"before\n" + b'{"' * (LINE_LIMIT // 2 + CHUNK))
        assert read_all(tail) == [b"before"]
        assert len(tail.partial) == JUNK_KEPT
        file.write(b'"}' * CHUNK + b"\nafter\n")
    assert read_all(tail) == [(b'{"' * JUNK_KEPT)[:JUNK_KEPT], b"after"]
    assert tail.offset == path.stat().st_size


def test_a_line_just_under_the_limit_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * LINE_LIMIT + b"\n")
    assert [len(line) for line in read_all(Tail(path))] == [LINE_LIMIT]


@pytest.mark.parametrize("content", [b"", b"1\n", b"other, longer than it was\n2\n"])
@pytest.mark.parametrize("renamed", [True, False])
def test_another_file_in_its_place_is_read_from_its_beginning(
    tmp_path: Path, content: bytes, renamed: bool
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"one\ntwo\nthr")
    tail = Tail(path)
    assert tail.read() == [b"one", b"two"]
    if renamed:
        (tmp_path / "new").write_bytes(content)
        (tmp_path / "new").rename(path)
    else:
        path.write_bytes(content)
    assert tail.read() == content.split(b"\n")[:-1]
    assert tail.offset == len(content)


async def test_changes_are_hinted_also_in_directories_made_later(tmp_path: Path) -> None:
    seen, steps = set[Path](), list[str]()
    new = tmp_path / "children" / "node_modules"  # a child may have a name that watchers like to pass over
    async with asyncio.timeout(20), aclosing(watch(tmp_path)) as hints:
        assert await anext(hints) == set()
        async for changed in hints:
            seen |= changed
            if not steps:
                new.mkdir(parents=True)
                steps.append("made")
            elif len(steps) == 1 and {new, new.parent} & seen:
                with (new / "events.jsonl").open("ab") as file:
                    file.write(b"x\n")
                steps.append("written")
            elif (
                len(steps) == 2
            ):  # and again, also because the first time may have been before it was watched
                with (new / "events.jsonl").open("ab") as file:
                    file.write(b"y\n")
                if new / "events.jsonl" in seen:
                    seen.clear()
                    steps.append("written again")
            elif len(steps) == 3 and new / "events.jsonl" in seen:
                return

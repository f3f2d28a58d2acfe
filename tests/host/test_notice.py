"""Being told that a file has changed, by the system and not by looking."""

from __future__ import annotations

import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from tmuxorch.host.notice import Notice, notice


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def told(file: Path) -> Iterator[Notice]:
    told = notice(str(file))
    yield told
    told.close()


def tells(told: Notice, within: float = 10.0) -> bool:
    """Whether it has something to tell; forgets it then."""
    assert told.fd is not None
    ready = bool(select.select([told.fd], [], [], within)[0])
    told.clear()
    return ready


def test_of_creation_of_growth_and_of_replacement(file: Path, told: Notice) -> None:
    seen = [tells(told, 0)]
    file.touch()
    seen += [tells(told), tells(told, 0)]
    with file.open("a") as stream:
        print("line", file=stream, flush=True)
        seen += [tells(told), tells(told, 0)]
    new = file.parent / "new"
    new.touch()
    tells(told)
    new.rename(file)
    seen += [tells(told), tells(told, 0)]
    assert seen == [False, True, False, True, False, True, False]


def test_without_a_directory_only_looking_helps(tmp_path: Path) -> None:
    told = notice(str(tmp_path / "later" / "events.jsonl"))
    assert told.fd is None
    assert told.interval < 1

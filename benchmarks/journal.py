"""The journal: writing it durably, and reading it again."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import history
from benchmarks.measure import Row, Sample, compare, timed
from tmuxorch.controller.history import replay
from tmuxorch.core import events as e
from tmuxorch.core.model import State
from tmuxorch.store.journal import Journal
from tmuxorch.store.reading import Cursor
from tmuxorch.store.segments import segments

WRITTEN = 1000
READ = 20_000
TOGETHER = 50


def rows(directory: Path) -> Iterator[Row]:
    """Writing, then reading."""
    yield _writing(directory)
    yield from _reading(directory / "read")


def _encoded(count: int) -> list[bytes]:
    return [e.encode(event) for event in history.events(count // history.EVENTS_EACH)]


def _write(journal: Journal, events: list[bytes], together: int) -> None:
    for number, event in enumerate(events, 1):
        journal.append(event, history.NOW)
        if number % together == 0:
            journal.commit()


def _writing(directory: Path) -> Row:
    events = _encoded(WRITTEN)
    names = itertools.count()

    def written(together: int) -> Sample:
        def sample() -> float:
            journal = Journal.open(_made(directory / f"written-{next(names)}"))
            try:
                return timed(lambda: _write(journal, events, together))()
            finally:
                journal.close()

        return sample

    return compare(f"{WRITTEN} events in one commit", "a commit each", written(WRITTEN), written(1), rounds=3)


def _reading(directory: Path) -> Iterator[Row]:
    journal = Journal.open(_made(directory))
    _write(journal, _encoded(READ), TOGETHER)
    journal.close()

    def records() -> list[object]:
        return list(Cursor(directory).read())

    def parsed() -> list[object]:
        files = (segment.read_bytes() for segment in segments(directory))
        return [json.loads(line) for file in files for line in file.splitlines()]

    def state() -> State:
        return replay(State(), Cursor(directory).read())

    what: tuple[tuple[str, Callable[[], object]], ...] = (
        (f"{READ} events read, checksums checked", records),
        (f"{READ} events made a state again", state),
    )
    for words, ours in what:
        yield compare(words, "json.loads of the same lines", timed(ours), timed(parsed), rounds=3)


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory

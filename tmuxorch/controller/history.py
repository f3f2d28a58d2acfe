"""The state from the journal: the newest snapshot and the events after it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import DecodeError, json

from tmuxorch.core import events as e
from tmuxorch.core.evolve import evolve
from tmuxorch.core.model import LogEntry, State
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.reading import Cursor
from tmuxorch.store.segments import Record

if TYPE_CHECKING:
    from tmuxorch.store.journal import Journal

STATE_VERSION = zlib.crc32(json.encode(json.schema(State)))
"""Tells a snapshot of another shape of the state, which is passed over: the journal itself loads for ever."""


def replay(state: State, records: Iterable[Record]) -> State:
    """`state` after the recorded events."""
    for record in records:
        state = evolve(state, e.decode(bytes(record.e)), record.at)
    return state


def resume(journal: Journal, paths: ProjectPaths) -> State:
    """The state for a controller that takes over the journal."""
    snapshot, records = journal.load(STATE_VERSION)
    state = State()
    if snapshot:
        try:
            state = json.decode(snapshot.state, type=State)
        except DecodeError:
            records = Cursor(paths.journal).read()
    return replay(state, records)


def snapshot(journal: Journal, state: State) -> None:
    """Keeps the state, so that the next start reads less. Raises StorageError when the disk refuses."""
    journal.snapshot(json.encode(state), STATE_VERSION)


def load(paths: ProjectPaths) -> State:
    """The state for somebody who only looks, also while a controller writes; empty before the first `up`."""
    if not paths.journal.is_dir():
        return State()
    return replay(State(), Cursor(paths.journal).read())


def log_entries(paths: ProjectPaths, first: int, last: int) -> list[LogEntry]:
    """The log's entries of these numbers, made again from the journal."""
    state, found = State(), []
    for record in Cursor(paths.journal).read():
        before = state.log_count
        state = evolve(state, e.decode(bytes(record.e)), record.at)
        if state.log_count > before and first <= state.log_count <= last:
            found.append(state.log[-1])
    return found

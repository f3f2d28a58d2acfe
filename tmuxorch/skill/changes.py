"""Several files changed together: all of them, or none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from tmuxorch.errors import ChangedMeanwhile, StorageError
from tmuxorch.store.atomic import ABSENT, PRIVATE, PROJECT, digest, file_digest, write_atomic


class Change(Struct, frozen=True, kw_only=True):
    """A file that gets another content. None is no file. A file that is there keeps its mode, a new one is `private`
    or as the umask says."""

    path: Path
    before: bytes | None
    after: bytes | None
    private: bool = False


def content(path: Path) -> bytes | None:
    """The content of a file, None if there is none. Raises StorageError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}", hint=f"ls -ld {path}") from error


def missing(directory: Path) -> list[Path]:
    """`directory` and those above it that are not there, the topmost first."""
    return [place for place in (*reversed(directory.parents), directory) if not place.exists()]


def carry_out(changes: Iterable[Change]) -> None:
    """Makes all changes, and the directories that they need. When one cannot be made, those before it are taken back:
    raises StorageError, or ChangedMeanwhile for a file that is not as it was `before`."""
    made: list[Path] = []
    done: list[Change] = []
    try:
        for change in changes:
            for place in missing(change.path.parent):
                _make(place, 0o700 if change.private else 0o777)
                made.append(place)
            _put(change.path, change.before, change.after, change.private)
            done.append(change)
    except BaseException:
        for change in reversed(done):
            with contextlib.suppress(StorageError, ChangedMeanwhile):
                _put(change.path, change.after, change.before, change.private)
        remove_empty(made)
        raise


def remove_empty(directories: Sequence[Path]) -> list[Path]:
    """Removes those directories in which nothing is, the last first; those that were removed. Links stay."""
    removed = []
    for place in reversed(directories):
        with contextlib.suppress(OSError):
            place.rmdir()
            removed.append(place)
    return removed


def _make(place: Path, mode: int) -> None:
    try:
        place.mkdir(mode)
    except OSError as error:
        raise StorageError(
            f"{place} cannot be made: {error.strerror}", hint=f"ls -ld {place.parent}"
        ) from error


def _put(path: Path, before: bytes | None, after: bytes | None, private: bool) -> None:
    expect = ABSENT if before is None else digest(before)
    if after is not None:
        write_atomic(path, after, PRIVATE if private and before is None else PROJECT, expect)
    elif file_digest(path) != expect:
        raise ChangedMeanwhile(f"{path} was changed since it was read")
    else:
        try:
            os.unlink(os.path.realpath(path))
        except OSError as error:
            raise StorageError(
                f"{path} cannot be removed: {error.strerror}", hint=f"ls -ld {path.parent}"
            ) from error

"""Reading single files of a repo that nobody vouches for: only regular ones, only inside it, only so much of each."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from msgspec import Struct


class Piece(Struct, frozen=True):
    """The beginning of a file: `data`, of `size` bytes in all."""

    data: bytes
    size: int


def read(repo: Path, path: str, limit: int) -> Piece | None:
    """At most `limit` bytes of the file `path` of `repo`.

    None when it is no regular file, cannot be read, is git's own, or lies elsewhere once its links are followed.
    """
    try:
        place = (repo / path).resolve(strict=True)
        inside = place.relative_to(repo.resolve())
        if ".git" in inside.parts:
            return None
        # What turns into a pipe between looking and opening must not hold us up: hence O_NONBLOCK.
        number = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError, RuntimeError):
        return None
    try:
        facts = os.fstat(number)
        return Piece(os.read(number, limit), facts.st_size) if stat.S_ISREG(facts.st_mode) else None
    except OSError:
        return None
    finally:
        os.close(number)


def names(directory: Path) -> list[os.DirEntry[str]]:
    """What is in a directory, by name; nothing when it cannot be read."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []

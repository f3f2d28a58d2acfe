"""What is in the files of a project that is at work: one that goes while somebody looks is not there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def contents(*roots: Path, without: str) -> Iterator[tuple[Path, bytes]]:
    """Every file below `roots` and what is in it, but for those in directories of the name `without`."""
    for root in roots:
        for directory, directories, names in os.walk(os.path.realpath(root)):
            directories[:] = set(directories) - {without}
            for path in (Path(directory, name) for name in names):
                if (found := _content(path)) is not None:
                    yield path, found


def _content(path: Path) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        if path.is_file():
            return path.read_bytes()
    return None

"""How files are told apart: by what `stat` says where that is enough, by their content where it is not."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping

from msgspec import Struct

FILES_READ = 5000
BYTES_READ = 128 << 20
"""Of one repo, what is read; of what is beyond, `stat` has to do."""

FILES_WALKED = 50_000
"""Of a repo inside a repo, the files that are looked at."""

FRESH = 50_000_000
"""Nanoseconds in which a file may change once more and look the same to `stat`: the clock of file systems ticks."""

GONE = "gone"


class Mark(Struct, frozen=True, array_like=True):
    """A file at some moment: what `stat` said (empty when that proves nothing), and a digest of its content (empty
    when it was not read)."""

    stat: str
    content: str = ""

    def same(self, other: Mark) -> bool:
        """Whether the file is the same as far as can be told."""
        if self.content and other.content:
            return self.content == other.content
        return bool(self.stat) and self.stat == other.stat


class Budget:
    """How much may still be read."""

    def __init__(self) -> None:
        self._files = FILES_READ
        self._bytes = BYTES_READ

    def takes(self, size: int) -> bool:
        """Whether a file of `size` bytes may be read; if so it counts."""
        if self._files < 1 or size > self._bytes:
            return False
        self._files -= 1
        self._bytes -= size
        return True


def mark(path: str, known: Mark | None, budget: Budget) -> Mark:
    """The file at `path`; not read again when `stat` says that it is what is `known`. Never follows a link, never
    waits (for the other end of a pipe)."""
    try:
        seen = os.lstat(path)
    except OSError:
        return Mark(GONE, GONE)
    said = f"{seen.st_mode:o} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns} {seen.st_ino}"
    if known and known.content and known.stat == said:
        return known
    if not budget.takes(seen.st_size):
        return Mark(said)
    if time.time_ns() - max(seen.st_mtime_ns, seen.st_ctime_ns) < FRESH:
        said = ""
    return Mark(said, _content(path, seen))


def _content(path: str, seen: os.stat_result) -> str:
    """Its kind, and a digest of what is in it; `unreadable` when it cannot be read."""
    try:
        if stat.S_ISLNK(seen.st_mode):
            return f"link {hashlib.blake2b(os.fsencode(os.readlink(path)), digest_size=16).hexdigest()}"
        if not stat.S_ISREG(seen.st_mode):
            return f"special {seen.st_mode:o}"
        kind = "program" if seen.st_mode & stat.S_IXUSR else "file"
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
        return f"{kind} {digest.hexdigest()}"
    except OSError:
        return "unreadable"


def walk(top: str) -> Iterator[str]:
    """The files below `top`, by their paths from there, without what git keeps; the first FILES_WALKED."""
    left = FILES_WALKED
    for directory, directories, files in os.walk(top):
        directories[:] = sorted(set(directories) - {".git"})
        for name in sorted(files):
            left -= 1
            if left < 0:
                return
            yield os.path.relpath(os.path.join(directory, name), top)


def digest(head: str, files: Mapping[str, Mark]) -> str:
    """One word for all of it: another as soon as HEAD or a file is another."""
    whole = hashlib.blake2b(head.encode(), digest_size=16)
    for name, one in sorted(files.items()):
        whole.update(f"\0{name}\0{one.content or one.stat}".encode())
    return whole.hexdigest()

"""What an item may change: paths relative to its owner's repo.

An entry is a file (`a/b.py`), a directory with all that is below it (`src` or `src/`; `.` is the whole repo), or a
pattern for whole paths: `*` and `?` stay within a name, `**` goes through any number of directories. Brackets are
themselves, because frameworks name files so (`[id].tsx`).
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from functools import lru_cache

ANY_DEPTH = "**"


def in_scope(path: str, scope: Iterable[str]) -> bool:
    """Whether `path` (relative to the repo, with `/`) is among what `scope` names."""
    parts = path.split("/")
    return any(_names(entry, parts) for entry in scope)


def problem(entry: str) -> str:
    """What is wrong with an entry of a scope; empty when nothing is."""
    parts = entry.removesuffix("/").split("/")
    if entry.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:[\\/]", entry):
        return f"the path {entry!r} is not relative to the repo"
    if ".." in parts:
        return f"the path {entry!r} leads out of the repo"
    if ".git" in parts:
        return f"the path {entry!r} is git's own"
    if "" in parts:
        return f"the path {entry!r} has an empty part"
    return ""


def _names(entry: str, parts: list[str]) -> bool:
    """All ways through the pattern at once, name by name: no entry, however odd, takes long."""
    pattern = [part for part in entry.split("/") if part not in ("", ".")]
    below = entry.endswith("/") or not {"*", "?"} & set(entry)
    reached = _with_skips(pattern, {0})
    for part in parts:
        if below and len(pattern) in reached:
            return True
        ahead = (at for at in reached if at < len(pattern))
        reached = _with_skips(
            pattern,
            {
                at if pattern[at] == ANY_DEPTH else at + 1
                for at in ahead
                if pattern[at] == ANY_DEPTH or _name(pattern[at]).match(part)
            },
        )
    return len(pattern) in reached


def _with_skips(pattern: list[str], reached: set[int]) -> set[int]:
    """`**` may stand for no directory at all."""
    for at in range(len(pattern)):
        if at in reached and pattern[at] == ANY_DEPTH:
            reached.add(at + 1)
    return reached


@lru_cache(2048)
def _name(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))

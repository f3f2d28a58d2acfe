"""Where in the code something is: paths and lines as agents write them brought into one form, and which paths are the
same file.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable

from tmuxorch.core import text

LIMIT, LINES = 500, 9_999_999
"""Characters of a path that are kept, and the last line that a file can have."""

_LINE = re.compile(r"(?::([0-9]{1,7})(?:[-:][0-9]+)?|#L([0-9]{1,7})(?:-L?[0-9]+)?)\Z")
_DIFF = re.compile(r"[ab]/(?=[^/]+/)")


def location(file: str | None, line: int | None, root: str = "") -> tuple[str | None, int | None]:
    """A path relative to `root` (an absolute path, or empty for none) with `/`, and a line from 1.

    `./`, backslashes, quotes and `file://` go; a line at the end of the path (`a.py:12`) counts where none is given.
    A path outside of `root` stays as it is. What is no path is None, and a line without a path too.
    """
    path = text.clip(text.line((file or "")[: LIMIT * 4]).strip("`'\" ").replace("\\", "/"), LIMIT)
    found = _LINE.search(path)
    if found:
        path = path[: found.start()]
        line = line or int(found[1] or found[2])
    path = posixpath.normpath(path.removeprefix("file://")) if path else ""
    above = root.rstrip("/") + "/"
    if root and path.startswith(above):
        path = path.removeprefix(above)
    if path.strip("/.") == "" or path == root.rstrip("/"):
        return None, None
    return path, line if line and 0 < line <= LINES else None


def without_sides(paths: Iterable[str]) -> dict[str, str]:
    """Each path without the `a/` or `b/` that git's diffs put before it.

    A path in the top directory keeps it, and so does one that is given with both, unless somebody names it without:
    these may be directories of that name.
    """
    known = set(paths)
    found = {}
    for path in known:
        bare = path[2:]
        both = {f"a/{bare}", f"b/{bare}"} <= known
        found[path] = bare if bare in known or (_DIFF.match(path) and not both) else path
    return found


class Files:
    """The paths that are given, to tell which name the same file: equal ones, and one that is the end of another when
    there is only one file that it can be.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        known = set(paths)
        self._longer: dict[str, set[str]] = defaultdict(set)
        for path in known:
            for end in _ends(path):
                if end in known:
                    self._longer[end].add(path)

    def same(self, one: str, other: str) -> bool:
        """Whether both are certainly one file."""
        short, long = sorted((one, other), key=len)
        if short == long:
            return True
        longer = self._longer.get(short, set())
        longest = max(longer, key=len, default="")
        return long in longer and all(path == longest or longest.endswith("/" + path) for path in longer)


def _ends(path: str) -> Iterable[str]:
    """What follows each `/` in `path`."""
    at = path.find("/")
    while at >= 0:
        yield path[at + 1 :]
        at = path.find("/", at + 1)


def shown(file: str | None, line: int | None) -> str:
    """A place as people write it: `a.py:12`; empty for none."""
    return f"{file}:{line}" if file and line else file or ""

"""What a run begins with: a problem and children, from arguments or from a kickoff prompt in upstream's shape."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from tmuxorch.errors import UsageError

PAIR = re.compile(r"([A-Za-z0-9_-]{1,40})=(.+)", re.DOTALL)
PROBLEM = re.compile(r"^the problem is:[ \t]*", re.IGNORECASE)
DIRECTORIES = re.compile(r"^the child repo directories are:\s*$", re.IGNORECASE)
ENTRY = re.compile(r"^\s*[-*]\s+([A-Za-z0-9_-]{1,40})=(.+?)\s*$")
CALL = re.compile(r"^use \$[\w-]+\.?\s*$", re.IGNORECASE)


class Kickoff(Struct, frozen=True, kw_only=True):
    """`children` are absolute directories by name."""

    problem: str
    children: dict[str, Path]


def pairs(arguments: Iterable[str], base: Path) -> dict[str, Path]:
    """NAME=PATH arguments; relative paths are against `base`. Raises UsageError."""
    found: dict[str, Path] = {}
    for argument in arguments:
        match = PAIR.fullmatch(argument)
        if match is None:
            raise UsageError(f"{argument!r} is not NAME=PATH", hint="tmuxorch init backend=../backend")
        _add(found, match[1], match[2], base)
    return found


def is_pair(argument: str) -> bool:
    """Whether an argument is NAME=PATH rather than a problem in words: the part before `=` is a label and what
    comes after it is a directory or at least holds no blank."""
    match = PAIR.fullmatch(argument)
    return match is not None and (" " not in match[2] or Path(match[2]).expanduser().is_dir())


def parse(text: str, base: Path) -> Kickoff:
    """A kickoff prompt; relative paths are against `base`.

    `The problem is:` may be followed by several lines; without it every line that is nothing else is the problem.
    Raises UsageError when there is no problem in it.
    """
    problem: list[str] = []
    children: dict[str, Path] = {}
    listing = False
    for line in text.splitlines():
        if DIRECTORIES.match(line):
            listing = True
        elif listing and (entry := ENTRY.match(line)):
            _add(children, entry[1], entry[2], base)
        elif CALL.match(line):
            continue
        elif PROBLEM.match(line):
            listing, problem = False, [PROBLEM.sub("", line)]
        else:
            listing = listing and not line.strip()
            problem.append(line)
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(problem)).strip()
    if not words:
        raise UsageError("the kickoff names no problem", hint="begin a line with: The problem is: …")
    return Kickoff(problem=words, children=children)


def _add(children: dict[str, Path], name: str, path: str, base: Path) -> None:
    if name in children:
        raise UsageError(f"two children are named {name}", hint="give each child a name of its own")
    children[name] = Path(os.path.abspath(base / os.path.expanduser(path)))

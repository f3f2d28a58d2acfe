"""What a run begins with: a problem, children and requests, from arguments or from a kickoff prompt in upstream's
shape."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field

from tmuxorch.core.model import Request, RequestKind
from tmuxorch.errors import UsageError

PAIR = re.compile(r"([A-Za-z0-9_-]{1,40})=(.+)", re.DOTALL)
PROBLEM = re.compile(r"^the problem is:[ \t]*", re.IGNORECASE)
DIRECTORIES = re.compile(r"^the child repo directories are:[ \t]*", re.IGNORECASE)
BULLET = re.compile(r"^\s*[-*]\s+(.*?)\s*$")
ENTRY = re.compile(r"([A-Za-z0-9_-]{1,40})=(.+)")
CALL = re.compile(r"^use \$[\w-]+\.?\s*$", re.IGNORECASE)
REQUESTS = {
    RequestKind.LOGGING: re.compile(r"^logging:[ \t]*", re.IGNORECASE),
    RequestKind.INSTRUMENTATION: re.compile(r"^instrumentation:[ \t]*", re.IGNORECASE),
    RequestKind.PRE_TESTS: re.compile(r"^pre[ -]?(?:execution[ -])?tests?:[ \t]*", re.IGNORECASE),
}


class Kickoff(Struct, frozen=True, kw_only=True):
    """`children` are absolute directories by name."""

    problem: str
    children: dict[str, Path] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()


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

    `The problem is:`, `Logging:`, `Instrumentation:` and `Pre-execution tests:` may be followed by several lines, up
    to the next of them; without the first, every line that is nothing else is the problem. Raises UsageError when
    there is no problem in it, a request without words, or a list of children that cannot be read.
    """
    return _Reader(base).read(text)


class _Reader:
    """Reads line by line; `_into` is the text that a line without a mark of its own belongs to."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._problem: list[str] = []
        self._requests: dict[RequestKind, list[str]] = {}
        self._children: dict[str, Path] = {}
        self._into = self._problem
        self._listing = False

    def read(self, text: str) -> Kickoff:
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            if not self._begins(line, number) and not (self._listing and self._lists(line, number)):
                self._into.append(line)
        problem = _joined(self._problem)
        if not problem:
            raise UsageError(
                "the kickoff names no problem: no line begins with `The problem is:`",
                hint="tmuxorch run --help",
            )
        for kind, lines in self._requests.items():
            if not _joined(lines):
                raise UsageError(
                    f"the kickoff asks for {kind} and does not say for what", hint="tmuxorch run --help"
                )
        return Kickoff(
            problem=problem,
            children=self._children,
            requests=tuple(Request(kind=kind, text=_joined(lines)) for kind, lines in self._requests.items()),
        )

    def _begins(self, line: str, number: int) -> bool:
        """Whether the line begins another part (and is taken)."""
        if CALL.match(line):
            return True
        if mark := DIRECTORIES.match(line):
            if line[mark.end() :].strip():
                raise UsageError(
                    f"line {number}: the children come one on a line below, as in `- backend=../backend`",
                    hint="tmuxorch run --help",
                )
            self._listing = True
            return True
        if mark := PROBLEM.match(line):
            self._problem.clear()
            self._into = self._problem
        else:
            marks = ((kind, pattern.match(line)) for kind, pattern in REQUESTS.items())
            kind, mark = next(((kind, mark) for kind, mark in marks if mark), (None, None))
            if kind is None or mark is None:
                return False
            self._into = self._requests.setdefault(kind, [])
        self._listing = False
        self._into.append(line[mark.end() :])
        return True

    def _lists(self, line: str, number: int) -> bool:
        """Whether the line belongs to the list of children; the first one that cannot ends the list."""
        if not line.strip():
            return True
        bullet = BULLET.match(line)
        if bullet is None:
            self._listing, self._into = False, self._problem
            return False
        entry = ENTRY.fullmatch(bullet[1])
        if entry is None:
            raise UsageError(
                f"line {number}: {bullet[1]!r} is not name=path, as in `- backend=../backend`",
                hint="tmuxorch run --help",
            )
        _add(self._children, entry[1], entry[2], self._base)
        return True


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _add(children: dict[str, Path], name: str, path: str, base: Path) -> None:
    if name in children:
        raise UsageError(
            f"two children are named {name}; each needs a name of its own", hint="tmuxorch child ls"
        )
    children[name] = Path(os.path.abspath(base / os.path.expanduser(path)))

"""The files of templates: finding them, reading them, and what may be in them.

They are as strict as the configuration, and somewhat more: no anchors, no pipes, not much of it. A project's may be
anybody's, so text in them is brought into normal form.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from tmuxorch.codex.workerprompt import Role
from tmuxorch.core import text
from tmuxorch.core.pattern import Parameter, Pattern, Step
from tmuxorch.core.pattern_rules import LABEL, Wrong
from tmuxorch.errors import ConfigError

SUFFIX = ".yaml"

SIZE = 32_768
"""Bytes that a file may have."""

NAMES = "a name is 1 to 24 of a-z 0-9 -"

UNQUOTED = {
    "unhashable key": "what begins with {{",
    "mapping values are not allowed": "a text with `: ` in it",
}
"""By what YAML says of it: which text should have been quoted."""

T = TypeVar("T")


class _RoleFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    do: str
    output: str
    do_not: str = ""
    calls_itself: str = ""
    about: str = ""
    scratch: bool = False


class _PatternFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    steps: tuple[Step, ...]
    about: str = ""
    letter: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)


def files(directory: Path) -> list[Path]:
    """The files of templates in a directory, by name; none if it is not there. Raises ConfigError if it is and cannot
    be looked into.
    """
    try:
        names = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        problem = f"{directory} cannot be read: {error.strerror}"
        raise ConfigError(problem, hint=f"ls -ld {directory}") from None
    # Editors leave hidden files beside what is being edited; a name that is no line could not even be shown.
    return [
        directory / name
        for name in sorted(names)
        if name.endswith(SUFFIX) and not name.startswith(".") and text.is_line(name)
    ]


def role(path: Path) -> Role:
    """The role in a file; it has the file's name. Raises ConfigError."""
    hint = f"correct it, then type: tmuxorch exec --role {path.stem} --show-prompt …"
    source, found = _parsed(path, _RoleFile, hint)
    made = Role(
        name=path.stem,
        calls_itself=text.line(found.calls_itself) or path.stem,
        do=text.block(found.do),
        output=text.block(found.output),
        do_not=text.block(found.do_not),
        about=text.line(found.about),
        scratch=found.scratch,
    )
    empty = (key for key in ("do", "output") if not getattr(made, key))
    _refuse(path, source, hint, (Wrong(where=(key,), what="it is empty") for key in empty))
    return made


def pattern(path: Path, problems: Callable[[Pattern], Iterable[Wrong]]) -> Pattern:
    """The pattern in a file, if it has no `problems`; it has the file's name. Raises ConfigError."""
    hint = f"correct it, then type: tmuxorch pattern show {path.stem}"
    source, found = _parsed(path, _PatternFile, hint)
    made = Pattern(
        name=path.stem,
        title=text.line(found.title),
        about=text.block(found.about),
        letter=found.letter,
        steps=tuple(
            replace(step, task=text.block(step.task), lens=text.line(step.lens)) for step in found.steps
        ),
        parameters={
            name: replace(one, about=text.line(one.about), default=tuple(map(text.line, one.default)))
            for name, one in found.parameters.items()
        },
    )
    _refuse(path, source, hint, problems(made))
    return made


def lenses(path: Path) -> dict[str, str]:
    """What each lens of a file looks for; none if it is not there. Raises ConfigError."""
    if not os.path.lexists(path):
        return {}
    hint = "correct it, then type: tmuxorch exec --lens NAME --show-prompt …"
    source, found = _parsed(path, dict[str, str], hint, named=False)
    made = {name: text.line(said) for name, said in found.items()}
    _refuse(
        path,
        source,
        hint,
        (
            Wrong(where=(name,), what="it is empty" if LABEL.match(name) else NAMES)
            for name, said in made.items()
            if not said or not LABEL.match(name)
        ),
    )
    return made


def _parsed(path: Path, kind: type[T], hint: str, named: bool = True) -> tuple[str, T]:
    """The file's text and what it says. The import is here because most commands read no YAML, and it is slow."""
    from tmuxorch.store.strict_yaml import parse

    if named and not LABEL.match(path.stem):
        raise ConfigError(f"{path}: {NAMES}, and the file's before {SUFFIX} is one", hint=f"mv {path} …")
    source = _read(path)
    try:
        return source, parse(source, kind, str(path), hint=hint, anchors=False)
    except ConfigError as error:
        unquoted = next((what for said, what in UNQUOTED.items() if said in error.message), "")
        if not unquoted:
            raise
        raise ConfigError(
            error.message, hint=f"{unquoted} is put in quotes, or on lines below `|-`"
        ) from None


def _refuse(path: Path, source: str, hint: str, problems: Iterable[Wrong]) -> None:
    """Raises ConfigError for the first problem."""
    from tmuxorch.store.strict_yaml import line

    for wrong in problems:
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in wrong.where).lstrip(".")
        at = f"{path}, line {line(source, wrong.where)}"
        raise ConfigError(f"{at}: {place}: {wrong.what}", hint=wrong.hint or hint)


def _read(path: Path) -> str:
    try:
        # Without O_NONBLOCK a named pipe would hold up whoever reads.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise ConfigError(f"{path} is not a file", hint=f"ls -ld {path}")
        with open(descriptor, "rb") as file:
            data = file.read(SIZE + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint=f"ls -ld {path}") from None
    if len(data) > SIZE:
        raise ConfigError(f"{path} has more than {SIZE} bytes", hint="make it shorter")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start})", hint=f"file {path}") from None

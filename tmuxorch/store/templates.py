"""Role templates, lenses and patterns: those that are built in, the user's and the project's.

Each of the three places may have `roles/NAME.yaml`, `patterns/NAME.yaml` and `lenses.yaml`; a name of the project's
wins over the user's, and that over the built-in one. Nothing is kept: files are read when they are asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from tmuxorch.codex.workerprompt import Role
from tmuxorch.core import pattern_rules, text
from tmuxorch.core.pattern import Pattern, parts
from tmuxorch.core.pattern_rules import Wrong
from tmuxorch.core.unknown import sayings, unknown
from tmuxorch.errors import ConfigError
from tmuxorch.store import template_files as on_disk

BUILT_IN = Path(__file__).parents[1] / "templates"
OWN = "tmuxorch"
"""The directory of templates in a project, and in the user's configuration."""

OWN_LENS = "a lens of your own has several words;"


class Listed(Struct, frozen=True, kw_only=True):
    """A role or pattern in a list: its name, what it is for, the file that it is from. If that cannot be used,
    `problem` says why, and title and letter are empty.
    """

    name: str
    source: str
    title: str = ""
    letter: str = ""
    problem: str = ""


class Templates:
    """All templates that count in the project in `project`; `environ` gives XDG_CONFIG_HOME and HOME.

    Making one reads nothing. What cannot be read raises ConfigError with file, line and what was expected; a name that
    is not there raises UsageError with the nearest one. A broken file spoils only what is asked of that file.
    """

    def __init__(self, project: Path, environ: Mapping[str, str]) -> None:
        self._places = (BUILT_IN, _config_home(environ) / OWN, project / OWN)

    # ---- roles ----------------------------------------------------------------------------------------------------

    def role(self, name: str) -> Role:
        """The role of that name, whatever its case."""
        found = self.files("roles")
        if (path := found.get(name) or found.get(name.casefold())) is None:
            raise unknown("role", name, sorted(found))
        return on_disk.role(path)

    def roles(self) -> list[Listed]:
        """All roles by name; `title` is what the role is for."""
        return [_listed(path, _role_in_short) for _, path in sorted(self.files("roles").items())]

    # ---- lenses ---------------------------------------------------------------------------------------------------

    def lens(self, words: str) -> str:
        """`words` as a worker is told them: of known names, whatever their case and with commas between them, what
        each looks for. Several words are a lens of one's own and stay as they are.
        """
        if not (names := _names(words)):
            return text.line(words)
        known = self.lenses()
        for name in names:
            if name not in known:
                raise unknown("lens", name, known, OWN_LENS)
        return "; ".join(f"{name}: {known[name]}" for name in names)

    def lenses(self) -> dict[str, str]:
        """What is looked for, by the names of the lenses, sorted."""
        found: dict[str, str] = {}
        for place in self._places:
            found |= on_disk.lenses(place / "lenses.yaml")
        return dict(sorted(found.items()))

    # ---- patterns -------------------------------------------------------------------------------------------------

    def pattern(self, name: str) -> Pattern:
        """The pattern of that name or letter, whatever its case; its roles and lenses are there and can be used."""
        found = self.files("patterns")
        path = found.get(name) or found.get(name.casefold()) or found.get(self._lettered(name.upper()))
        if path is None:
            raise unknown("pattern", name, sorted(found))
        return on_disk.pattern(path, self._problems)

    def patterns(self) -> list[Listed]:
        """All patterns: those with a letter first, the others by name."""
        found = [_listed(path, self._in_short) for path in self.files("patterns").values()]
        return sorted(found, key=lambda one: (not one.letter, one.letter, one.name))

    def _lettered(self, letter: str) -> str:
        """The name of the pattern with that letter; a broken one has none. Its name counts then: whoever has a
        `review` of their own means that by A.
        """
        if not re.fullmatch("[A-Z]", letter):
            return ""
        for place in reversed(self._places):
            for path in on_disk.files(place / "patterns"):
                try:
                    if on_disk.pattern(path, lambda _: ()).letter == letter:
                        return path.stem
                except ConfigError:
                    continue
        return ""

    def _problems(self, pattern: Pattern) -> Iterator[Wrong]:
        """Of the rules, then of the roles and lenses that it names."""
        yield from pattern_rules.problems(pattern, self.files("roles"))
        defaults = {name: one.default or ("to be given",) for name, one in pattern.parameters.items()}
        lenses = self.lenses() if any(step.lens for step in pattern.steps) else {}
        for index, step in enumerate(pattern.steps):
            self.role(step.role)
            for part in parts(step, "what is asked for", defaults):
                for name in _names(part.lens):
                    if name not in lenses:
                        what, hint = sayings("lens", name, lenses, OWN_LENS)
                        yield Wrong(where=("steps", index, "lens"), what=what, hint=hint)

    def _in_short(self, path: Path) -> tuple[str, str]:
        pattern = on_disk.pattern(path, self._problems)
        return pattern.title, pattern.letter

    def files(self, kind: str) -> dict[str, Path]:
        """The file that counts, of each name."""
        return {path.stem: path for place in self._places for path in on_disk.files(place / kind)}


def _listed(path: Path, in_short: Callable[[Path], tuple[str, str]]) -> Listed:
    name, source = path.stem, str(path)
    try:
        title, letter = in_short(path)
    except ConfigError as error:
        return Listed(name=name, source=source, problem=error.message)
    return Listed(name=name, source=source, title=title, letter=letter)


def _role_in_short(path: Path) -> tuple[str, str]:
    return on_disk.role(path).about, ""


def _names(words: str) -> list[str]:
    """The names in a list of lenses, each once; none if it is a lens in words of one's own."""
    names = [name for each in text.line(words).split(",") if (name := each.strip().casefold())]
    return [] if any(" " in name for name in names) else list(dict.fromkeys(names))


def _config_home(environ: Mapping[str, str]) -> Path:
    given = environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(given):  # anything else is to be ignored, says the XDG specification
        return Path(given)
    return Path(environ.get("HOME") or os.path.expanduser("~"), ".config")

"""Where the skill and Codex's configuration are: for one project, or for all that a user does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tmuxorch.codex.binary import codex_home
from tmuxorch.errors import ConfigError
from tmuxorch.skill import codex_config
from tmuxorch.skill.entry import NAME

Scope = Literal["user", "project"]


class Place(Struct, frozen=True, kw_only=True):
    """`skill` is the skill's directory, `config` Codex's configuration. Of a user's `project` is None."""

    scope: Scope
    skill: Path
    config: Path
    project: Path | None = None

    @property
    def private(self) -> bool:
        """Whether a new configuration is nobody else's to read: Codex's own has secrets in it."""
        return self.scope == "user"


def of_user(environ: Mapping[str, str]) -> Place:
    home = Path(environ.get("HOME") or os.path.expanduser("~"))
    return Place(
        scope="user",
        skill=home / ".agents" / "skills" / NAME,
        config=codex_home(environ).absolute() / "config.toml",
    )


def of_project(project: Path) -> Place:
    return Place(
        scope="project",
        skill=project / ".agents" / "skills" / NAME,
        config=project / ".codex" / "config.toml",
        project=project,
    )


def is_trusted(project: Path, environ: Mapping[str, str]) -> bool:
    """Whether Codex reads the configuration that is in `project`: only if its user said that they trust that directory
    or the repo it is in."""
    config = of_user(environ).config
    try:
        known = codex_config.parsed(codex_config.read(config.read_bytes(), str(config))).get("projects")
    except (OSError, ConfigError):
        return False
    said = known if isinstance(known, dict) else {}
    levels = (said[str(place)] for place in _looked_up(project) if str(place) in said)
    nearest = next(levels, None)
    return isinstance(nearest, dict) and nearest.get("trust_level") == "trusted"


def _looked_up(project: Path) -> Iterator[Path]:
    """The directory, the working tree that it is in, and of a linked one the repo that it is of."""
    yield project
    for place in (project, *project.parents):
        mark = place / ".git"
        if mark.exists():
            yield place
            if mark.is_file():
                yield Path(mark.read_text().strip().removeprefix("gitdir: ")).parents[
                    2
                ]  # REPO/.git/worktrees/NAME
            return

"""The stories that the demo and the tests can play, each a folder beside this file.

`script/*.yaml` is what the scripted model answers, `repos/*.fast-import` the histories of the repos that it is about.
It begins with `kickoff.md` and `orchestrator.config.yaml`; `demo.yaml` is what `tmuxorch demo` adds of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from msgspec import Struct, yaml


class Aside(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exec worker beside the run."""

    role: str
    task: str
    lens: str = ""


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer to checkpoints of a kind."""

    choice: str
    text: str = ""


class Extras(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the demo adds: `answers` are by kind of checkpoint, where the obvious one would not do."""

    workers: tuple[Aside, ...] = ()
    answers: dict[str, Given] = {}


@dataclass(frozen=True)
class Story:
    """One story, in `folder`."""

    folder: Path

    @property
    def script(self) -> Path:
        """The directory of its scenario files."""
        return self.folder / "script"

    @property
    def histories(self) -> tuple[Path, ...]:
        """git's own text form of each repo's history, by name."""
        return tuple(sorted((self.folder / "repos").glob("*.fast-import")))

    @property
    def kickoff(self) -> str:
        """What it begins with, in upstream's shape; the repos lie in `repos/`."""
        return (self.folder / "kickoff.md").read_text(encoding="utf-8")

    @property
    def config(self) -> str:
        """Its orchestrator.config.yaml."""
        return (self.folder / "orchestrator.config.yaml").read_text(encoding="utf-8")

    @cached_property
    def extras(self) -> Extras:
        """What the demo adds to it."""
        return yaml.decode((self.folder / "demo.yaml").read_bytes(), type=Extras)


ONBOARDING = Story(Path(__file__).with_name("onboarding"))
"""backend, firmware and mobile: connecting a new device times out."""

CHECKOUT = Story(Path(__file__).with_name("checkout"))
"""backend, edge and frontend: a checkout shows a 500 in place of what is wrong with the form."""

STORIES = {story.folder.name: story for story in (ONBOARDING, CHECKOUT)}

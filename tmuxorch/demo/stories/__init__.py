"""The stories that the demo and the tests can play, each a folder beside this file.

`script/*.yaml` is what the scripted model answers, `repos/*.fast-import` the histories of the repos that it is about,
`orchestrator.config.yaml` the configuration. It begins with `kickoff.md`, a run, or with the patterns in `demo.yaml`,
which is what `tmuxorch demo` adds of its own.
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

    choice: str = ""
    text: str = ""
    values: dict[str, str] = {}


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A run of a pattern, as `pattern run` takes it; `cd` is relative to the project."""

    name: str
    task: str
    cd: str
    given: dict[str, tuple[str, ...]] = {}
    paths: tuple[str, ...] = ()
    worktree: bool = False


class Extras(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the demo adds: `answers` are by kind of checkpoint, where the obvious one would not do. `patterns` are run
    one after the other. `repos` names the story whose repos these are, where it has none of its own; `scripts` those
    by whose scripts the model answers what its own does not. `led`: Codex itself begins and leads the run.
    """

    workers: tuple[Aside, ...] = ()
    answers: dict[str, Given] = {}
    patterns: tuple[Wanted, ...] = ()
    repos: str = ""
    scripts: tuple[str, ...] = ()
    led: bool = False


@dataclass(frozen=True)
class Story:
    """One story, in `folder`."""

    folder: Path

    @property
    def script(self) -> Path:
        """The directory of its own scenario files."""
        return self.folder / "script"

    @property
    def scripts(self) -> list[Path]:
        """What the scripted model answers by: directories of scenario files, in order."""
        return [self.script, *(self.folder.with_name(name) / "script" for name in self.extras.scripts)]

    @property
    def histories(self) -> tuple[Path, ...]:
        """git's own text form of each repo's history, by name."""
        folder = self.folder.with_name(self.extras.repos) if self.extras.repos else self.folder
        return tuple(sorted((folder / "repos").glob("*.fast-import")))

    @property
    def kickoff(self) -> str:
        """What its run begins with, in upstream's shape; the repos lie in `repos/`."""
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

REVIEW = Story(Path(__file__).with_name("review"))
"""The repos of the onboarding story: reviewers find what is wrong with them, and the device is mended."""

LEAD = Story(Path(__file__).with_name("lead"))
"""Two repos of the onboarding story, led by Codex itself with the skill and our tools."""

STORIES = {story.folder.name: story for story in (ONBOARDING, CHECKOUT, REVIEW, LEAD)}

"""The stories that the demo and the tests can play, each a folder beside this file.

`script/*.yaml` is what the scripted model answers, `repos/*.fast-import` the histories of the repos that it is about.
A story may also have a `kickoff.md` and an `orchestrator.config.yaml` to begin with.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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
        """What it begins with, in upstream's shape; the repos lie in `repos/`. Empty without one."""
        return _text(self.folder / "kickoff.md")

    @property
    def config(self) -> str:
        """Its orchestrator.config.yaml. Empty without one."""
        return _text(self.folder / "orchestrator.config.yaml")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


ONBOARDING = Story(Path(__file__).with_name("onboarding"))
"""backend, firmware and mobile: connecting a new device times out."""

CHECKOUT = Story(Path(__file__).with_name("checkout"))
"""backend, edge and frontend: a checkout shows a 500 in place of what is wrong with the form."""

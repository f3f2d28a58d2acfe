"""The excerpts of docs/runs.md are what the checkout story prints and writes.

A fence below `<!-- excerpt: SOURCE -->` holds lines of that source: in their order, and next to each other unless a
line `…` stands between them. What differs from run to run is the same placeholder on both sides.
"""

from __future__ import annotations

import getpass
import re
from pathlib import Path

from tests.e2e.project import Project

DOC = Path(__file__).parents[2] / "docs" / "runs.md"
MARKED = re.compile(r"^<!-- excerpt: ([^\n]+) -->\n(```+)\w*\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"

DIFFERS = (
    (r"tmuxorch/my-shop-[0-9a-f]{8}", "tmuxorch/my-shop-HASH"),
    (r"\b[0-9a-f]{7,40}\b", "HASH"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d UTC", "TIME"),
    (r"\b\d+(\.\d+)? (s|min)\b", "SECONDS"),
    (r"(?<=\| )\d+\.\d(?= \|$)", "SECONDS"),
    (r"\bK\d+\b", "K0"),
    (r"(?<=\S) {2,}", "  "),  # columns are as wide as what is in them
)


class Excerpts:
    """Collects what the story of a project prints and writes, by the names that the document has for it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sources: dict[str, str] = {}

    def keep(self, source: str, text: str) -> None:
        self._sources[source] = text

    def keep_output(self, *words: str) -> None:
        """What `tmuxorch WORDS` prints now."""
        self.keep(" ".join(("tmuxorch", *words)), self._project.run(*words))

    def hold(self) -> None:
        """Each excerpt is in its source, and none of the sources was kept for nothing."""
        excerpts = MARKED.findall(DOC.read_text())
        assert {source for source, _, _ in excerpts} == self._sources.keys()
        assert len(excerpts) == DOC.read_text().count("<!-- excerpt:")
        wrong = [
            f"not in {source}, or not there:\n{missing}"
            for source, _, text in excerpts
            if (missing := _first_missing(_same(text), _same(self._here(self._sources[source]))))
        ]
        assert not wrong, "\n\n".join(wrong)

    def _here(self, text: str) -> str:
        """With the user and the directories that the document has."""
        project = self._project
        text = text.replace(str(project.directory), "/home/ada/my shop")
        text = text.replace(str(project.paths.state.parent), "/home/ada/.local/state/tmuxorch")
        return text.replace(f" by {getpass.getuser()}", " by ada")


def _same(text: str) -> list[str]:
    """Its lines, with what differs from run to run replaced."""
    lines = text.rstrip("\n").split("\n")
    for pattern, placeholder in DIFFERS:
        lines = [re.sub(pattern, placeholder, line) for line in lines]
    return lines


def _first_missing(excerpt: list[str], source: list[str]) -> str:
    """The first part of an excerpt that is not where it should be; empty when all are there."""
    at = 0
    for part in _parts(excerpt):
        found = (n for n in range(at, len(source)) if source[n : n + len(part)] == part)
        if (place := next(found, None)) is None:
            return "\n".join(part)
        at = place + len(part)
    return ""


def _parts(excerpt: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in excerpt:
        if line == LEFT_OUT:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts

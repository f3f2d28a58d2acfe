"""What a repo says of itself, read by the tool: its documents, the commands that test and build it.

Only known places are looked at, so a repo of 100,000 files takes no longer than a small one, and nothing of the repo
is ever run. What stands in the files may have been written by anybody.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from tmuxorch.codex.visible import visible
from tmuxorch.core import text
from tmuxorch.core.model import Found, RepoFacts
from tmuxorch.store import repo_commands, repo_files

STEMS = (
    *("agents", "readme", "architecture", "design", "development", "contributing"),
    *("build", "building", "release", "releases", "releasing", "changelog", "changes"),
)
"""Names of documents worth pulling, less their endings, in any case; the first ones matter most."""

ENDINGS = frozenset({".md", ".markdown", ".rst", ".adoc", ".txt"})
BARE = frozenset({"readme", "contributing", "changelog", "changes"})
"""What is a document also without an ending; a file `build` is rather a script."""

PLACES = ".", "docs", "doc"
DOCUMENTS, DIRECTORIES = 20, 12
"""How many of each are named."""

LEFTOVERS = frozenset({"node_modules", "__pycache__", "target", "dist", "build", "venv", "vendor"})
"""Directories that are made, not written."""

EACH, TOGETHER = 8_000, 40_000
"""Characters that are pulled of one document, and of all."""


class Document(Struct, frozen=True, kw_only=True):
    """A document of a repo: its beginning, harmless to show; `whole` when nothing is missing at its end."""

    path: str
    text: str
    whole: bool


def look(
    repo: Path, docs: Iterable[str] = (), tests: Iterable[str] = (), build: Iterable[str] = ()
) -> RepoFacts:
    """What there is in `repo`. `docs`, `tests` and `build` are what the configuration says: its documents come before
    those that are found, its commands in place of them."""
    found_tests, found_build = repo_commands.detect(repo)
    return RepoFacts(
        docs=tuple(_documents(repo, docs))[:DOCUMENTS],
        tests=_configured(tests) or found_tests,
        build=_configured(build) or found_build,
        directories=tuple(_directories(repo))[:DIRECTORIES],
    )


def pull(repo: Path, paths: Iterable[str]) -> list[Document]:
    """The text of documents, clipped; those that are not there, or no text, are left out."""
    pulled = []
    left = TOGETHER
    for path in paths:
        piece = repo_files.read(repo, path, EACH * 4)  # bytes of UTF-8
        if piece is None or b"\0" in piece.data:
            continue
        whole = visible(piece.data.decode(errors="replace").replace("\r\n", "\n")).strip()
        said = text.clip(whole, min(EACH, left))
        left -= len(said)
        pulled.append(Document(path=path, text=said, whole=said == whole and piece.size == len(piece.data)))
        if left <= 0:
            break
    return pulled


def _configured(commands: Iterable[str]) -> tuple[Found, ...]:
    return tuple(Found(command=command, source="config") for command in commands)


def _documents(repo: Path, configured: Iterable[str]) -> Iterator[str]:
    """Paths of documents that are there, each file once."""
    seen = set()
    for path in (*configured, *_known(repo)):
        if not text.is_line(path) or repo_files.read(repo, path, 0) is None:
            continue
        place = os.path.realpath(repo / path)
        if place not in seen:
            seen.add(place)
            yield path


def _known(repo: Path) -> list[str]:
    """Paths that have the name of a document, the weightiest first."""
    ranked = []
    for rank, place in enumerate(PLACES):
        for entry in repo_files.names(repo / place):
            stem, _, ending = entry.name.lower().partition(".")
            document = PurePosixPath(entry.name).suffix.lower() in ENDINGS if ending else stem in BARE
            if stem in STEMS and document and text.is_line(entry.name):
                ranked.append((STEMS.index(stem), rank, str(PurePosixPath(place, entry.name))))
    return [path for _, _, path in sorted(ranked)]


def _directories(repo: Path) -> Iterator[str]:
    """Directories at the top that somebody wrote."""
    for entry in repo_files.names(repo):
        written = not entry.name.startswith(".") and entry.name not in LEFTOVERS
        if written and text.is_line(entry.name) and entry.is_dir(follow_symlinks=False):
            yield entry.name

"""What of a repo differs from HEAD at one moment, and what differs between two moments."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from tmuxorch.controller.git.command import run
from tmuxorch.controller.git.marks import Budget, Mark, digest, mark, walk
from tmuxorch.controller.git.names import is_leftover, text
from tmuxorch.controller.git.status import Change, changes, empty_tree, head_of, locate, submodules
from tmuxorch.errors import Refused


class Snapshot(Struct, frozen=True, kw_only=True):
    """A repo at one moment. `files` is everything that differs from HEAD, by path from the repo's top; `missing` says
    why there is nothing to see: the repo is gone."""

    branch: str = ""
    head: str = ""
    missing: str = ""
    files: dict[str, Mark] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A digest of HEAD and of all that differs from it; empty when the repo is gone."""
        return "" if self.missing else digest(self.head, self.files)


async def snapshot(repo: str, known: Snapshot | None = None) -> Snapshot:
    """How `repo` is now. Files that are as they were in `known`, by `stat`, are not read again.

    Raises TimedOut when git takes too long, Refused when it will not look (a repo of another user).
    """
    try:
        found = await locate(repo)
    except Refused as error:
        if Path(repo, ".git").exists() and "no git repository" not in error.message:
            raise
        return Snapshot(missing=error.message)
    branch, head = await head_of(repo)
    listed = [("", change) for change in await changes(repo)]
    heads = {}
    for name, kept in (await submodules(found)).items():
        where, at = os.path.join(repo, os.fsdecode(name)), os.path.join(text(name), "")
        into = ("--git-dir", kept, "--work-tree", where)
        try:
            heads[text(name)] = (await head_of(where, *into))[1]
            listed += [(at, change) for change in await changes(where, *into)]
        except Refused:
            heads[text(name)] = ""
    before = known.files if known else {}
    files = await asyncio.to_thread(_marks, repo, listed, before)
    moved = {name: Mark(head, head) for name, head in heads.items() if name in files}
    return Snapshot(branch=branch, head=head, files=files | moved)


def _marks(repo: str, listed: list[tuple[str, Change]], known: Mapping[str, Mark]) -> dict[str, Mark]:
    """Of each file that is listed, below the directory that it is listed with, how it is now."""
    budget, marks = Budget(), {}
    for below, change in listed:
        name = below + text(change.name)
        path = os.path.join(repo, below, os.fsdecode(change.name))
        if change.name.endswith(b"/"):
            # A repo that git does not know, which any agent could have made: git must not look into it.
            for inner in walk(path):
                file = text(os.fsencode(os.path.join(name, inner)))
                if not is_leftover(file):
                    marks[file] = mark(os.path.join(path, inner), known.get(file), budget)
            continue
        marks[name] = mark(path, known.get(name), budget)
    return marks


async def compare(repo: str, before: Snapshot, now: Snapshot) -> tuple[str, ...]:
    """The paths that differ between two moments, sorted: in the work tree, and by commits made in between."""
    if before.missing or now.missing:
        return ()
    touched = {
        name
        for name in before.files.keys() | now.files.keys()
        if name not in before.files or name not in now.files or not before.files[name].same(now.files[name])
    }
    if before.head != now.head:
        touched |= await committed(repo, before.head, now.head)
    return tuple(sorted(touched))


async def committed(repo: str, before: str, now: str) -> set[str]:
    """The paths that differ between two commits (empty: before the first); none when one is not there any more."""
    words = ("diff-tree", "-r", "--name-only", "-z", "--no-renames")
    try:
        ends = [commit or await empty_tree(repo) for commit in (before, now)]
        said = await run(repo, *words, *ends, "--")
    except Refused:
        return set()
    return {text(name) for name in said.split(b"\0") if name}

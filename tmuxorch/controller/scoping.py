"""Where a worker works, what of it is its own, and what its window is called."""

from __future__ import annotations

import os

from msgspec.structs import replace

from tmuxorch.controller import git, trees
from tmuxorch.core import model as m
from tmuxorch.errors import TmuxorchError, UsageError
from tmuxorch.store.paths import ProjectPaths

LABEL = 24
"""Characters of a worker's label."""


def place_to_work(directory: str) -> str:
    """The directory without links. Raises UsageError when it is not there."""
    if not os.path.isabs(directory) or not os.path.isdir(directory):
        raise UsageError(f"--cd: there is no directory {directory}")
    return os.path.realpath(directory)


def lease(directory: str, scope: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """What an editing worker has for itself: the paths that it was given, else the whole of where it works. One with
    scope full could write anywhere, so without paths it has everything. Raises UsageError for a path that leads out.
    """
    if scope == "read-only":
        return ()
    if scope == "full" and not paths:
        return ("/",)
    found = []
    for path in paths:
        whole = os.path.realpath(os.path.join(directory, path))
        if whole != directory and not whole.startswith(os.path.join(directory, "")):
            raise UsageError(
                f"--path: {path} is not below {directory}",
                hint="tmuxorch exec --cd DIR --path P …, P below DIR",
            )
        if ".git" in os.path.relpath(whole, directory).split(os.sep):
            raise UsageError(f"--path: {path} is git's own")
        found.append(whole)
    return tuple(dict.fromkeys(found)) or (directory,)


async def repo_of(directory: str) -> str:
    """The repo in which a worktree is wanted. Raises UsageError when there is none, Refused when it has no commit."""
    try:
        repo = await git.top(directory)
    except TmuxorchError as error:
        raise UsageError(f"--worktree: {directory} is in no git repo", hint=error.hint) from None
    await git.base_of(repo)
    return repo


def in_its_tree(paths: ProjectPaths, worker: str, spec: m.WorkerSpec, repo: str) -> m.WorkerSpec:
    """`spec`, of a worker that is to have a worktree, with its lease there: in the one that it goes on in, else in one
    yet to be made that nobody else has anything to do with.
    """
    tree = spec.place.path if spec.place else str(trees.place_of(paths, worker, repo))
    there = tuple(tree + path.removeprefix(repo) for path in spec.lease if path != "/")
    return replace(spec, lease=there or (tree,))


def label(given: str) -> str:
    """`given` as the label of a worker's window."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "_-") else "-" for char in given)
    return kept.strip("-")[:LABEL] or "worker"

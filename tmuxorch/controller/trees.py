"""The worktree of a worker that is to have one."""

from __future__ import annotations

import asyncio
import os
from itertools import count
from pathlib import Path

from tmuxorch.controller import git
from tmuxorch.core import model as m
from tmuxorch.store.paths import ProjectPaths, private_directory


def place_of(paths: ProjectPaths, worker: str, repo: str) -> Path:
    """Where the worktree of a worker is, or will be; without links, as leases are."""
    return Path(os.path.realpath(paths.worktree(worker, os.path.basename(repo))))


async def make(paths: ProjectPaths, worker: m.Worker) -> m.WorkerPlace:
    """Makes the worktree, on a branch of its own that begins at the repo's HEAD. One that is there already is as good.

    Raises Refused, with what to do, when it works in no repo, or in one without a commit.
    """
    repo = await git.top(worker.spec.cwd)
    path = place_of(paths, worker.id, repo)
    await asyncio.to_thread(private_directory, path.parent)
    base = await git.base_of(repo)
    made = await git.add_worktree(repo, path, await _branch(repo, path, worker.id), base)
    return m.WorkerPlace(repo=repo, path=str(path), branch=made.branch, base=made.head)


async def _branch(repo: str, path: Path, worker: str) -> str:
    """The branch of the worktree that is there, else the first of its names that nobody has."""
    if on := await git.branch_of(repo, path):
        return on
    names = (f"tmuxorch/{worker}" + (f"-{number}" if number > 1 else "") for number in count(1))
    for name in names:
        if not await git.has_branch(repo, name):
            return name
    raise AssertionError("there is no last name")

"""Facts about a repo, for the state, for prompts and for people."""

from __future__ import annotations

import logging
from pathlib import Path

from tmuxorch.controller.git.command import run
from tmuxorch.controller.git.snapshots import Snapshot, snapshot
from tmuxorch.core.model import Git, Place
from tmuxorch.errors import TmuxorchError

log = logging.getLogger(__name__)

CHANGED_KEPT = 200
"""Changed paths that are remembered; a repo may have any number."""

COMMITS, BRANCHES = 15, 10
"""How many of each are told; who wants to know more can look."""


async def look(repo: str) -> Git:
    """Branch, HEAD, changed files and fingerprint of `repo`; empty values where git has no answer."""
    try:
        seen = await snapshot(repo)
    except TmuxorchError as error:
        log.warning("%s", error)
        return Git(missing=not Path(repo).is_dir())
    return git_of(seen)


def git_of(seen: Snapshot) -> Git:
    """A snapshot as what the state keeps of it."""
    return Git(
        branch=seen.branch,
        head=seen.head,
        changed=tuple(sorted(seen.files)[:CHANGED_KEPT]),
        missing=bool(seen.missing),
        fingerprint=seen.fingerprint,
    )


def moved(place: Place, now: Snapshot) -> str:
    """In words, in how far a place is not on the branch and commit that it was left on; empty when it is."""
    if now.missing:
        return now.missing
    was, is_now = _where(place.branch, place.head), _where(now.branch, now.head)
    if place.branch != now.branch:
        how = "HEAD is detached now" if not now.branch else "another branch is checked out"
        return f"{how}: {place.path} was on {was} and is on {is_now}"
    if place.head != now.head:
        return f"somebody committed, reset or rebased: {place.path} was on {was} and is on {is_now}"
    return ""


def _where(branch: str, head: str) -> str:
    return f"{branch or '(detached)'} at {head[:12] or '(no commit)'}"


async def newest_commits(repo: str) -> list[str]:
    """The newest commits, a line each; none where git has no answer."""
    return await _lines(repo, "log", f"-{COMMITS}", "--format=%h %ad %s", "--date=short")


async def newest_branches(repo: str) -> list[str]:
    """The branches, ours and of remotes, that were worked on last, a line each."""
    refs = f"--count={BRANCHES}", "--sort=-committerdate", "refs/heads", "refs/remotes"
    return await _lines(
        repo, "for-each-ref", *refs, "--format=%(refname:short) %(committerdate:short) %(subject)"
    )


async def _lines(repo: str, *words: str) -> list[str]:
    try:
        return (await run(repo, *words)).decode(errors="replace").splitlines()
    except TmuxorchError as error:
        log.info("%s", error)
        return []

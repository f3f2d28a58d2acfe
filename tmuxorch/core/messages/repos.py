"""What the controller saw of repos: what git says of them, where their items can be worked on, what was committed."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Git, Place, RepoFacts


class SawGit(Struct, frozen=True, kw_only=True):
    """What git says of an agent's repo."""

    agent: str
    git: Git


class SawRepo(Struct, frozen=True, kw_only=True):
    """What the tool found in an agent's repo."""

    agent: str
    repo: RepoFacts


class PlaceFound(Struct, frozen=True, kw_only=True):
    """Where a child's items can be worked on: its repo as it is, or the worktree that was made."""

    run: str
    child: str
    place: Place


class PlaceFailed(Struct, frozen=True, kw_only=True):
    """There is no place: the repo is gone, or no worktree can be made of it."""

    run: str
    child: str
    reason: str


class CommitMade(Struct, frozen=True, kw_only=True):
    """What an item (or the run) changed is committed; see events.WorkCommitted."""

    run: str
    item: str
    child: str
    commit: str
    left: tuple[str, ...] = ()
    note: str = ""


class CommitFailed(Struct, frozen=True, kw_only=True):
    """Git made no commit of it."""

    run: str
    item: str
    child: str
    reason: str


RepoObservation = SawGit | SawRepo | PlaceFound | PlaceFailed | CommitMade | CommitFailed

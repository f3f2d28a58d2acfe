"""Worktrees: a second work tree of a child's repo, on a branch of its own. The first is never touched."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shlex
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from tmuxorch.controller.git.command import run
from tmuxorch.controller.git.names import text
from tmuxorch.controller.git.status import Repo, head_of, locate, submodules
from tmuxorch.errors import Refused, TimedOut

CHECKOUT = 600.0
"""Seconds that writing all files of a repo may take."""

LOOK = 0.1
"""Seconds between two looks whether somebody else has ended."""

_one_by_one: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
"""By git directory: one addition at a time, or git's own locks could let one fail."""


class Worktree(Struct, frozen=True):
    """A worktree that was made. `lacks` are submodules that are not filled: their content is not on this machine."""

    branch: str
    head: str
    lacks: tuple[str, ...] = ()


class _Listed(Struct, frozen=True):
    """A worktree that git knows of; `half` when git was killed while it made it."""

    branch: str
    half: bool


async def add_worktree(repo: str, path: Path, branch: str, base: str) -> Worktree:
    """Makes a worktree of `repo` at `path`, on the new branch `branch` that begins at the commit `base`.

    One that is there already, from before a crash, is as good; what was half made is made anew. Raises Refused, with
    what to do, when the repo has no commit, when the branch exists with other commits, or when something is in the way.
    """
    found = await locate(repo)
    base = base or await base_of(repo)
    async with _one_by_one[found.common], _alone(path) as lock:
        if not await _is_there(found, path, branch):
            await _make(found, path, branch, base, lock)
        lacks = [name for name in await _gitlinks(found, path) if not await _fill(found, path, name)]
    on, head = await head_of(str(path))
    return Worktree(on, head, tuple(map(text, lacks)))


@asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[int]:
    """Waits until nobody else makes the worktree at `path`: the git of a controller that was killed may still be at it,
    and would in the end take away what is made there meanwhile. The descriptor is for the git that makes it now.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = path.with_name(f".{path.name}.lock")
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await _until_mine(descriptor, path)
        try:
            yield descriptor
        finally:
            file.unlink()
    finally:
        os.close(descriptor)


async def _until_mine(descriptor: int, path: Path) -> None:
    try:
        async with asyncio.timeout(CHECKOUT):
            while True:
                if _is_mine(descriptor):
                    return
                await asyncio.sleep(LOOK)
    except TimeoutError:
        raise TimedOut(f"another git still makes {path}, after {CHECKOUT:g} s") from None


def _is_mine(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def base_of(repo: str) -> str:
    """The commit at which a worktree of `repo` begins. Raises Refused, with what to do, when it has none."""
    _, head = await head_of(repo)
    if not head:
        raise Refused(
            f"{repo} has no commit yet, and a worktree begins at one",
            hint=f"git -C {shlex.quote(repo)} commit --allow-empty -m Begin",
        )
    return head


async def branch_of(repo: str, path: Path) -> str:
    """The branch of the worktree of `repo` at `path`; empty when git knows none there."""
    known = (await _listed(await locate(repo))).get(os.path.realpath(path))
    return known.branch if known else ""


async def has_branch(repo: str, branch: str) -> bool:
    """Whether the repo has a branch of that name."""
    words = ("rev-parse", "--verify", "-q", f"refs/heads/{branch}")
    return bool(await run(repo, *words, fine=(0, 1)))


async def _is_there(repo: Repo, path: Path, branch: str) -> bool:
    """Whether it has been made. What is left of a half-made one is taken away; nobody has worked in there yet."""
    listed = await _listed(repo)
    place = os.path.realpath(path)
    for other, one in listed.items():
        if one.branch == branch and other != place:
            raise Refused(
                f"the branch {branch} of {repo.path} is checked out already, in {other}",
                hint=f"git -C {shlex.quote(other)} switch --detach",
            )
    known = listed.get(place)
    if known and known.half:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        return False
    if known and path.is_dir():
        if known.branch != branch:
            raise Refused(
                f"{path} is a worktree on {known.branch or 'no branch'}, not on {branch}",
                hint=f"git -C {shlex.quote(str(path))} switch {shlex.quote(branch)}",
            )
        return True
    if not known and path.is_dir() and any(path.iterdir()):
        raise Refused(
            f"{path} is in the way, where a worktree is to be", hint=f"mv {shlex.quote(str(path))} …"
        )
    return False


async def _listed(repo: Repo) -> dict[str, _Listed]:
    """What `git worktree list` says, by real path. (Its -z is newer than git 2.34.)"""
    listed: dict[str, _Listed] = {}
    said = (await run(repo.path, "worktree", "list", "--porcelain")).decode(errors="surrogateescape")
    for paragraph in said.split("\n\n"):
        lines = dict(line.partition(" ")[::2] for line in paragraph.splitlines())
        if "worktree" in lines:
            branch = lines.get("branch", "").removeprefix("refs/heads/")
            half = lines.get("locked") == "initializing"
            listed[os.path.realpath(lines["worktree"])] = _Listed(branch, half)
    return listed


async def _make(repo: Repo, path: Path, branch: str, base: str, lock: int) -> None:
    at = (await run(repo.path, "rev-parse", "--verify", "-q", f"refs/heads/{branch}", fine=(0, 1))).decode()
    known = os.path.realpath(path) in await _listed(repo)
    if at and at.strip() != base and not known:
        raise Refused(
            f"{repo.path} has a branch {branch} with other commits, of an earlier run or another project",
            hint=f"git -C {shlex.quote(repo.path)} branch -m {shlex.quote(branch)} {shlex.quote(branch)}-old",
        )
    words = (str(path), branch) if at else ("--no-track", "-b", branch, str(path), base)
    # Twice forced: a worktree that git knows and that was deleted is made again, whoever locked it.
    force = ("--force", "--force") if known else ()
    await run(
        repo.path,
        *("worktree", "add", "--quiet", *force, *words),
        online=True,
        timeout=CHECKOUT,
        inherits=(lock,),
    )


# -- submodules


async def _gitlinks(repo: Repo, path: Path) -> list[bytes]:
    """The submodules of a worktree that are not filled."""
    if not (path / ".gitmodules").exists():
        return []
    entries = (await run(str(path), "ls-files", "-s", "-z")).split(b"\0")
    names = [name for about, _, name in (e.partition(b"\t") for e in entries) if about.startswith(b"160000")]
    return [name for name in names if not (path / os.fsdecode(name) / ".git").exists()]


async def _fill(repo: Repo, path: Path, name: bytes) -> bool:
    """Fills a submodule from what git keeps of it for the first work tree, as a worktree of that; no network.

    False when it is not on this machine: nobody has filled it in the repo, or not up to that commit.
    """
    kept = (await submodules(repo)).get(name)
    if kept is None:
        return False
    entry = await run(str(path), "ls-files", "-s", "-z", "--", os.fsdecode(name))
    commit = entry.split()[1].decode()
    place = path / os.fsdecode(name)
    try:
        await run(kept, "--git-dir", kept, "worktree", "prune")
        words = ("worktree", "add", "--quiet", "--detach", "--force", str(place), commit)
        await run(kept, "--git-dir", kept, *words, timeout=CHECKOUT)
    except Refused:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        return False
    return True

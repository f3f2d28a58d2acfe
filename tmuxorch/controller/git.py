"""The door to git: facts about a repo, read by the tool itself and never taken from an agent's words."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tmuxorch.core.model import Git

TIMEOUT = 30.0
"""Seconds that git may take for one question."""

CHANGED_KEPT = 200
"""Changed paths that are remembered; a repo may have any number."""


def environment() -> dict[str, str]:
    """Git's environment: nothing optional is written (no index refresh), nothing is asked of a person."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}


async def _git(repo: str, *words: str) -> str:
    """What `git WORDS` prints in `repo`; empty when it fails or takes too long."""
    process = await asyncio.create_subprocess_exec(
        "git",
        "-C",
        repo,
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(),
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    return out.decode(errors="replace") if process.returncode == 0 else ""


async def look(repo: str) -> Git:
    """Branch, HEAD and changed files of `repo`; empty values where git has no answer."""
    if not Path(repo).is_dir():
        return Git()
    branch, head, status = await asyncio.gather(
        _git(repo, "symbolic-ref", "--short", "-q", "HEAD"),
        _git(repo, "rev-parse", "--verify", "-q", "HEAD"),
        _git(repo, "status", "--porcelain=v1", "-z", "--untracked-files=normal"),
    )
    return Git(branch=branch.strip(), head=head.strip(), changed=changed_paths(status)[:CHANGED_KEPT])


def changed_paths(status: str) -> tuple[str, ...]:
    """The paths of `git status --porcelain=v1 -z`: of a rename the new one."""
    paths, fields = [], iter(status.split("\0"))
    for field in fields:
        if len(field) > 3:
            paths.append(field[3:])
            if field[0] in "RC":
                next(fields, None)
    return tuple(paths)


async def summary(repo: str) -> str:
    """Facts for a prompt: branch, HEAD, changed files and the newest commits, as git prints them."""
    git, commits = await asyncio.gather(
        look(repo), _git(repo, "log", "-8", "--format=%h %ad %s", "--date=short")
    )
    changed = "\n".join(f"  {path}" for path in git.changed[:30]) or "  none"
    return (
        f"branch: {git.branch or '(detached)'}\nHEAD: {git.head or '(no commit)'}\n"
        f"changed files:\n{changed}\nnewest commits:\n{commits.rstrip() or '  none'}"
    )

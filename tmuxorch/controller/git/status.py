"""What `git status` and `git rev-parse` say, as values."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from tmuxorch.controller.git.command import run
from tmuxorch.controller.git.names import is_leftover, text, word
from tmuxorch.errors import Refused

GITLINK = "160000"
"""The mode of a submodule's entry."""

GONE = "000000"
"""The mode of a file that is not there."""


class Change(Struct, frozen=True):
    """A file that differs from HEAD: its name as git has it, its mode in the work tree (empty when untracked)."""

    name: bytes
    mode: str

    @property
    def tracked(self) -> bool:
        """Whether git knows it already."""
        return bool(self.mode)

    @property
    def is_repo(self) -> bool:
        """Whether it is a repo of its own: a submodule, or one that git does not know."""
        return self.mode == GITLINK or self.name.endswith(b"/")


class Repo(Struct, frozen=True):
    """A work tree and where git keeps what belongs to it: real paths. Worktrees of one repo share `common`."""

    path: str
    git_dir: str
    common: str


async def locate(path: str) -> Repo:
    """The repo whose work tree is `path`. Raises Refused when there is none, or it is bare."""
    said = await run(
        path,
        *("rev-parse", "--path-format=absolute", "--is-bare-repository"),
        *("--absolute-git-dir", "--git-common-dir"),
    )
    bare, git_dir, common = said.decode(errors="surrogateescape").splitlines()
    if bare == "true":
        raise Refused(
            f"{path} is a bare repo: it has no files to work on",
            hint="make a clone of it, and give that as child",
        )
    return Repo(os.path.realpath(path), os.path.realpath(git_dir), os.path.realpath(common))


async def top(path: str) -> str:
    """The top of the work tree that `path` is in, without links. Raises Refused when it is in none."""
    above = {"GIT_CEILING_DIRECTORIES": ""}  # here, unlike elsewhere, git is to look above it
    said = await run(path, "rev-parse", "--path-format=absolute", "--show-toplevel", env=above)
    return os.path.realpath(said.decode(errors="surrogateescape").removesuffix("\n"))


async def head_of(path: str, *at: str) -> tuple[str, str]:
    """Branch and HEAD; no branch when HEAD is detached, no HEAD before the first commit. `at` are options of git."""
    branch = await run(path, *at, "symbolic-ref", "--short", "-q", "HEAD", fine=(0, 1))
    head = await run(path, *at, "rev-parse", "--verify", "-q", "HEAD", fine=(0, 1))
    return word(branch), word(head)


async def empty_tree(path: str) -> str:
    """The tree without any file, in the hash that the repo uses."""
    return word(await run(path, "hash-object", "-t", "tree", "--stdin"))


async def changes(path: str, *at: str) -> list[Change]:
    """Every file that differs from HEAD or is unknown to git, one by one, left-overs of builds apart.

    A renamed file is a deleted and a new one. Of a submodule, only that it is at another commit; git does not look
    into it, since what is in there could make it run programs. `at` are options of git itself.
    """
    said = await run(
        path,
        *at,
        *("status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all"),
        *("--ignore-submodules=dirty", "--ignored=no"),
    )
    return list(_changes(said))


def _changes(said: bytes) -> Iterator[Change]:
    """Reads porcelain v2: `1 XY sub mH mI mW hH hI name`, `u XY sub m1 m2 m3 mW h1 h2 h3 name`, `? name`."""
    for field in said.split(b"\0"):
        match field[:2]:
            case b"1 ":
                parts = field.split(b" ", 8)
                yield Change(parts[8], parts[5].decode())
            case b"u ":
                parts = field.split(b" ", 10)
                yield Change(parts[10], parts[6].decode())
            case b"? " if not is_leftover(text(field[2:])):
                yield Change(field[2:], "")
            case _:
                pass


async def submodules(repo: Repo) -> dict[bytes, str]:
    """The submodules that are there, and where git keeps them.

    Only such as git keeps inside the repo's own git directory, which no sandbox lets anybody write; what a submodule
    itself says of its git directory could be anything.
    """
    if not Path(repo.path, ".gitmodules").exists():
        return {}
    found = {}
    for entry in (await run(repo.path, "ls-files", "-s", "-z")).split(b"\0"):
        about, _, name = entry.partition(b"\t")
        if about.startswith(GITLINK.encode()) and (kept := _kept(repo, name)):
            found[name] = kept
    return found


def _kept(repo: Repo, name: bytes) -> str | None:
    place = os.path.join(repo.path, os.fsdecode(name))
    try:
        said = Path(place, ".git").read_text(errors="surrogateescape")
    except OSError:
        return None
    kept = os.path.realpath(os.path.join(place, said.removeprefix("gitdir:").strip()))
    return kept if kept.startswith(os.path.join(repo.common, "modules", "")) else None

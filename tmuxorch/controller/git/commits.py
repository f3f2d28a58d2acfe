"""Commits of exactly what an item changed: neither the user's other changes nor what they have staged is touched.

Made of git's plumbing: the tree is put together in an index of its own, no hook runs, nothing is signed, no editor
opens, and the branch moves only if it still is where it was.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from tmuxorch.controller.git.command import run
from tmuxorch.controller.git.names import text, word
from tmuxorch.controller.git.status import GONE, Change, changes, empty_tree, head_of, locate, submodules
from tmuxorch.errors import Refused

TRAILER = "Tmuxorch-Item"
"""Ends every message of ours: by it, a commit that was made just before a crash is found again."""

NOBODY = ("tmuxorch", "tmuxorch@localhost")
"""Whose commits they are when git was never told who its user is."""

UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
"""What lies in the git directory while the user is in the midst of something that ends in a commit."""


class Commit(Struct, frozen=True):
    """What was committed: nothing when `hash` is empty. `left` are paths that cannot be part of it (of repos inside
    the repo), `note` is what a person should know."""

    hash: str = ""
    left: tuple[str, ...] = ()
    note: str = ""


async def commit(
    repo: str,
    paths: Iterable[str],
    subject: str,
    body: str,
    item: str,
    *,
    branch: str,
    since: str,
    scratch: Path,
) -> Commit:
    """Commits the present content of `paths` (names as `names.text` writes them), those that differ from HEAD.

    `item` (R1/2) goes into the trailer; a commit with it after the commit `since` is found instead of made twice.
    `branch` is what has to be checked out, `scratch` a directory that no agent can write. Never pushes. Raises
    Refused when the branch is another, or a merge or rebase is under way; nothing has happened then.
    """
    found = await locate(repo)
    on, head = await head_of(repo)
    made = await _made(repo, item, since, head)
    if made:
        await _catch_up(repo, made)
        return Commit(made)
    _check(repo, found.git_dir, on, branch)
    wanted = set(paths)
    listed = await changes(repo)
    mine = [change for change in listed if text(change.name) in wanted and not change.is_repo]
    within = {text(one.name).rstrip("/") for one in listed if one.is_repo} | set(
        map(text, await submodules(found))
    )
    left = sorted(name for name in wanted if any(f"{name}/".startswith(f"{inner}/") for inner in within))
    with tempfile.TemporaryDirectory(dir=scratch, prefix="index-") as directory:
        tree = await _tree(repo, head, mine, Path(directory, "index"))
    if tree == await _tree_of(repo, head):
        return Commit(left=tuple(left))
    who, note = await _identity(repo)
    said = _message(subject, body, item)
    parents = ("-p", head) if head else ()
    new = word(await run(repo, "commit-tree", tree, *parents, "-F", "-", stdin=said, env=who))
    await run(
        repo,
        *("update-ref", "-m", f"tmuxorch: {item}", f"refs/heads/{branch}", new, head or "0" * len(new)),
        env=who,
    )
    await _catch_up(repo, new)
    return Commit(new, tuple(left), note)


def _check(repo: str, git_dir: str, on: str, branch: str) -> None:
    here = shlex.quote(repo)
    if not on:
        raise Refused(
            f"HEAD is detached in {repo}: a commit would belong to no branch",
            hint=f"git -C {here} switch {shlex.quote(branch or '-c NAME')}",
        )
    if on != branch:
        raise Refused(
            f"{repo} is on {on}, not on {branch or 'a detached HEAD'} as before",
            hint=f"git -C {here} switch {shlex.quote(branch)}",
        )
    for name in UNDER_WAY:
        if os.path.exists(os.path.join(git_dir, name)):
            raise Refused(
                f"somebody is in the midst of a merge, rebase or the like in {repo} ({name})",
                hint=f"git -C {here} status",
            )


async def _made(repo: str, item: str, since: str, head: str) -> str:
    """The commit of `item` that is there already, of those after `since`."""
    if not head:
        return ""
    after = (f"^{since}",) if since else ()
    form = f"--format=%H %(trailers:key={TRAILER},valueonly,separator=%x20)"
    said = word(await run(repo, "log", "-n", "1000", form, head, *after, "--", fine=(0, 128)))
    lines = (line.partition(" ") for line in said.splitlines())
    return next((commit for commit, _, items in lines if item in items.split()), "")


async def _tree(repo: str, head: str, mine: list[Change], index: Path) -> str:
    """The tree of HEAD with the present content of `mine`, written by way of `index`."""
    env = {"GIT_INDEX_FILE": str(index)}
    if head:
        await run(repo, "read-tree", head, env=env)
    here = {change.name for change in mine if change.mode != GONE}  # also what is only taken out of the index
    gone = {change.name for change in mine} - here
    if gone:
        await run(repo, "update-index", "--force-remove", "-z", "--stdin", stdin=_listed(gone), env=env)
    if here:
        words = ("update-index", "--add", "--remove", "--replace", "-z", "--stdin")
        await run(repo, *words, stdin=_listed(here), env=env)
    return word(await run(repo, "write-tree", env=env))


def _listed(names: set[bytes]) -> bytes:
    return b"".join(name + b"\0" for name in sorted(names))


async def _tree_of(repo: str, head: str) -> str:
    if not head:
        return await empty_tree(repo)
    return word(await run(repo, "rev-parse", f"{head}^{{tree}}"))


async def _identity(repo: str) -> tuple[Mapping[str, str], str]:
    """Who commits: the user as git's configuration names them, never as git guesses; else we, and a word on that."""
    try:
        for role in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            await run(repo, "-c", "user.useConfigOnly=true", "var", role)
    except Refused:
        name, mail = NOBODY
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", mail))
        }
        return who, f"git does not know your name (git config user.name): committed as {name} <{mail}>"
    return {}, ""


def _message(subject: str, body: str, item: str) -> bytes:
    """The message, as it is to be stored: nothing of it is a comment. Of control characters, only line ends stay."""
    parts = [" ".join(subject.split()) or "Work", body.strip(), f"{TRAILER}: {item}"]
    said = "\n\n".join(part for part in parts if part) + "\n"
    return "".join(c for c in said if c >= " " or c in "\n\t").encode(errors="replace")


async def _catch_up(repo: str, commit: str) -> None:
    """Brings the index up to the commit: of its files, those that the index has as they were before it. What the user
    has staged stays as it is."""
    words = ("diff-tree", "-r", "-z", "--root", "--no-commit-id", "--no-renames", commit)
    fields = (await run(repo, *words)).split(b"\0")
    ours = {name: about for about, name in zip(fields[::2], fields[1::2], strict=False)}
    staged = await _index(repo)
    lines = []
    for name, about in ours.items():
        old_mode, new_mode, old, new, _ = about[1:].split(b" ")
        before = (old_mode, old) if int(old_mode) else None
        if staged.get(name) == before:
            lines.append(new_mode + b" " + new + b" 0\t" + name + b"\0")
    if lines:
        await run(repo, "update-index", "-z", "--index-info", stdin=b"".join(lines))


async def _index(repo: str) -> dict[bytes, tuple[bytes, bytes] | None]:
    """What is staged, mode and hash by name."""
    found: dict[bytes, tuple[bytes, bytes] | None] = {}
    for entry in (await run(repo, "ls-files", "-s", "-z")).split(b"\0"):
        about, _, name = entry.partition(b"\t")
        if name:
            mode, digest, _ = about.split(b" ")
            found[name] = (mode, digest)
    return found

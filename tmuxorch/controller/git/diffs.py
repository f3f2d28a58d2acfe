"""What changed in some files, in words for a card."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from tmuxorch.codex.visible import visible
from tmuxorch.controller.git.command import read
from tmuxorch.controller.git.names import text
from tmuxorch.controller.git.status import Change, changes, empty_tree, head_of
from tmuxorch.errors import TmuxorchError

FILES = 100
"""Files that a card can show at most."""


async def diff(repo: str, paths: Iterable[str], limit: int = 20_000) -> str:
    """How `paths` (names as `names.text` writes them) differ from HEAD, files new to git in full.

    At most `limit` characters, and a last line that says so when there is more; control characters are made visible.
    Never raises: when git cannot say it, its words are the answer.
    """
    wanted = set(paths)
    try:
        _, head = await head_of(repo)
        base = head or await empty_tree(repo)
        mine = [change for change in await changes(repo) if text(change.name) in wanted]
        tracked = [change.name for change in mine if change.tracked][:FILES]
        said, more = await _tracked(repo, base, tracked, limit) if tracked else ("", False)
    except TmuxorchError as error:
        return f"(no diff: {error.message})"
    for change in mine[:FILES]:
        if len(said) < limit and not change.tracked:
            said += _untracked(repo, change, limit - len(said))
    if more or len(said) > limit or len(mine) > FILES:
        return f"{said[:limit]}\n… there is more: git -C {repo} diff HEAD"
    return said


async def _tracked(repo: str, base: str, names: list[bytes], limit: int) -> tuple[str, bool]:
    words = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames")
    plain = ("--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=dirty")
    said, more = await read(repo, *words, *plain, base, "--", *map(os.fsdecode, names), limit=limit)
    return _shown(said), more


def _untracked(repo: str, change: Change, limit: int) -> str:
    """A new file as a diff shows it; a link by where it leads, never by what is there."""
    name, path = text(change.name), os.path.join(repo, os.fsdecode(change.name))
    head = f"new file b/{name}\n"
    try:
        seen = os.lstat(path)
        if stat.S_ISLNK(seen.st_mode):
            return f"{head}+link to {text(os.fsencode(os.readlink(path)))}\n"
        if not stat.S_ISREG(seen.st_mode):
            return f"{head}({'a repo of its own' if stat.S_ISDIR(seen.st_mode) else 'no ordinary file'})\n"
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        return f"{head}(cannot be read: {error.strerror})\n"
    if b"\0" in content[:8000]:
        return f"{head}(binary, {seen.st_size} bytes)\n"
    lines = _shown(content).removesuffix("\n").split("\n") if content else []
    return head + "".join(f"+{line}\n" for line in lines)


def _shown(content: bytes) -> str:
    return visible(content.decode(errors="backslashreplace"))

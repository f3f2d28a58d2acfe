"""Worktrees: made once, never in the way of the user's own work tree."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.controller.gitrepos import git, head, make, status, write
from tmuxorch.controller.git import add_worktree, commit, compare, snapshot
from tmuxorch.errors import Refused

BRANCH = "tmuxorch/R1"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make(tmp_path / "r")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "worktrees" / "R1" / "app"


async def test_a_worktree_leaves_the_users_own_as_it_is(repo: Path, place: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    hook = repo / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {proof}\n")
    hook.chmod(0o755)
    write(repo, {"a.txt": "the user's\n", "b.txt": "staged\n", "new.txt": "the user's\n"})
    git(repo, "add", "b.txt")
    before = (head(repo), status(repo), (repo / ".git" / "index").read_bytes(), git(repo, "branch", "-a"))
    made = await add_worktree(str(repo), place, BRANCH, head(repo))
    assert (made.branch, made.head, made.lacks) == (BRANCH, head(repo), ())
    assert (place / "a.txt").read_text() == "a\n"
    assert not (place / "new.txt").exists()
    after = (head(repo), status(repo), (repo / ".git" / "index").read_bytes())
    assert after == before[:3]
    assert git(repo, "branch", "--show-current") == "main"
    assert not proof.exists()
    assert place.parent.stat().st_mode & 0o777 == 0o700


async def test_one_that_is_there_from_before_a_crash_is_as_good(
    repo: Path, place: Path, tmp_path: Path
) -> None:
    first = await add_worktree(str(repo), place, BRANCH, head(repo))
    write(place, {"a.txt": "ours\n", "b.txt": "not committed\n"})
    done = await commit(
        str(place), ["a.txt"], "Change", "", "R1/1", branch=BRANCH, since=first.head, scratch=tmp_path
    )
    again = await add_worktree(str(repo), place, BRANCH, first.head)
    assert again.head == done.hash != first.head
    assert (place / "b.txt").read_text() == "not committed\n"
    assert head(repo) == first.head


async def test_a_branch_that_was_just_made_before_a_crash_is_taken(repo: Path, place: Path) -> None:
    git(repo, "branch", BRANCH)
    assert (await add_worktree(str(repo), place, BRANCH, head(repo))).branch == BRANCH


async def test_a_half_made_one_is_made_anew(repo: Path, place: Path) -> None:
    await add_worktree(str(repo), place, BRANCH, head(repo))
    git(
        repo, "worktree", "lock", "--reason", "initializing", str(place)
    )  # as git holds it while it makes one
    (place / "a.txt").unlink()
    for path in place.iterdir():
        if path.name == ".git":
            path.unlink()
    await add_worktree(str(repo), place, BRANCH, head(repo))
    assert status(place) == []
    assert "locked" not in git(repo, "worktree", "list", "--porcelain")


async def test_one_that_was_deleted_is_made_again(repo: Path, place: Path) -> None:
    await add_worktree(str(repo), place, BRANCH, head(repo))
    shutil.rmtree(place)
    await add_worktree(str(repo), place, BRANCH, head(repo))
    assert status(place) == []


async def test_a_branch_of_somebody_else_is_told(repo: Path, place: Path) -> None:
    base = head(repo)
    git(repo, "checkout", "-q", "-b", BRANCH)
    git(repo, "commit", "-q", "--allow-empty", "-m", "older work")
    with pytest.raises(Refused, match="is checked out already, in"):
        await add_worktree(str(repo), place, BRANCH, base)
    git(repo, "checkout", "-q", "main")
    with pytest.raises(Refused, match="with other commits") as refused:
        await add_worktree(str(repo), place, BRANCH, base)
    assert refused.value.hint == f"git -C {repo} branch -m {BRANCH} {BRANCH}-old"
    assert not place.exists()


async def test_what_is_in_the_way_is_told(repo: Path, place: Path) -> None:
    write(place, {"mine.txt": "1"})
    with pytest.raises(Refused, match="is in the way"):
        await add_worktree(str(repo), place, BRANCH, head(repo))
    assert (place / "mine.txt").read_text() == "1"
    assert git(repo, "branch", "--list", BRANCH) == ""


async def test_a_repo_without_commits_is_told_what_to_do(tmp_path: Path, place: Path) -> None:
    git(tmp_path, "init", "-q")
    with pytest.raises(Refused, match="has no commit yet") as refused:
        await add_worktree(str(tmp_path), place, BRANCH, "")
    assert refused.value.hint == f"git -C {tmp_path} commit --allow-empty -m Begin"


async def test_a_bare_repo_is_told(tmp_path: Path, place: Path) -> None:
    git(tmp_path, "init", "-q", "--bare")
    with pytest.raises(Refused, match="is a bare repo"):
        await add_worktree(str(tmp_path), place, BRANCH, "0" * 40)


async def test_a_detached_head_is_as_good_a_base(repo: Path, place: Path) -> None:
    git(repo, "checkout", "-q", "--detach")
    assert (await add_worktree(str(repo), place, BRANCH, head(repo))).branch == BRANCH


async def test_many_at_once_of_one_repo(repo: Path, place: Path) -> None:
    made = [add_worktree(str(repo), place / str(n), f"{BRANCH}-{n}", head(repo)) for n in range(5)]
    assert {one.branch for one in await asyncio.gather(*made)} == {f"{BRANCH}-{n}" for n in range(5)}


@pytest.fixture
def with_submodule(tmp_path: Path) -> Path:
    inner = make(tmp_path / "lib", {"lib.c": "1\n"})
    repo = make(tmp_path / "s")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub dir")
    git(repo, "commit", "-q", "-m", "with sub")
    shutil.rmtree(inner)  # nothing can be fetched
    return repo


async def test_submodules_are_filled_from_what_is_here(
    with_submodule: Path, place: Path, tmp_path: Path
) -> None:
    before = status(with_submodule)
    made = await add_worktree(str(with_submodule), place, BRANCH, head(with_submodule))
    assert made.lacks == ()
    assert (place / "sub dir" / "lib.c").read_text() == "1\n"
    assert status(place) == []
    assert status(with_submodule) == before
    seen = await snapshot(str(place))
    write(place, {"sub dir/lib.c": "2\n", "a.txt": "2\n"})
    assert await compare(str(place), seen, await snapshot(str(place))) == ("a.txt", "sub dir/lib.c")
    git(
        place / "sub dir",
        "-c",
        "user.name=x",
        "-c",
        "user.email=x",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "x",
    )
    done = await commit(
        *(str(place), ["a.txt", "sub dir", "sub dir/lib.c"], "Change", "", "R1/1"),
        branch=BRANCH,
        since=made.head,
        scratch=tmp_path,
    )
    assert git(place, "show", "--format=", "--name-only", "HEAD") == "a.txt"
    assert done.left == ("sub dir", "sub dir/lib.c")


async def test_a_submodule_that_is_not_here_is_told(with_submodule: Path, place: Path) -> None:
    shutil.rmtree(with_submodule / ".git" / "modules")
    made = await add_worktree(str(with_submodule), place, BRANCH, head(with_submodule))
    assert made.lacks == ("sub dir",)
    assert list((place / "sub dir").iterdir()) == []

"""What differs from HEAD, and what differs between two moments."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.controller.gitrepos import git, head, make, write
from tmuxorch.controller.git import (
    Snapshot,
    compare,
    look,
    marks,
    moved,
    newest_branches,
    newest_commits,
    snapshot,
)
from tmuxorch.core.model import Place
from tmuxorch.errors import Refused


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make(tmp_path / "r")


async def touched_by(repo: Path, before: Snapshot) -> tuple[str, ...]:
    return await compare(str(repo), before, await snapshot(str(repo), before))


async def test_everything_that_was_touched_is_told_path_by_path(repo: Path) -> None:
    write(repo, {"mine.txt": "dirty before\n", "new/mine.txt": "untracked before\n"})
    before = await snapshot(str(repo))
    assert sorted(before.files) == ["mine.txt", "new/mine.txt"]
    write(repo, {"a.txt": "changed\n", "new/one.txt": "1", "new/two.txt": "2"})
    (repo / "b.txt").unlink()
    git(repo, "mv", "src/c.txt", "src/renamed.txt")
    assert await touched_by(repo, before) == (
        *("a.txt", "b.txt", "new/one.txt", "new/two.txt"),
        *("src/c.txt", "src/renamed.txt"),
    )


async def test_what_was_dirty_before_is_touched_only_if_its_content_changed(repo: Path) -> None:
    write(repo, {"a.txt": "mine\n", "b.txt": "mine\n", "new.txt": "mine\n"})
    before = await snapshot(str(repo))
    write(repo, {"a.txt": "mine\n", "new.txt": "mine and more\n"})  # the first is written again as it was
    os.utime(repo / "b.txt")
    git(repo, "add", "-A")
    assert await touched_by(repo, before) == ("new.txt",)


async def test_a_file_that_is_back_to_what_it_was_in_head_is_touched(repo: Path) -> None:
    write(repo, {"a.txt": "mine\n", "new.txt": "mine\n"})
    before = await snapshot(str(repo))
    git(repo, "checkout", "-q", "a.txt")
    (repo / "new.txt").unlink()
    assert await touched_by(repo, before) == ("a.txt", "new.txt")


async def test_a_change_of_mode_or_kind_is_touched(repo: Path) -> None:
    write(repo, {"a.txt": "mine\n", "b.txt": "mine\n", "d.txt": "mine\n"})
    before = await snapshot(str(repo))
    (repo / "a.txt").chmod(0o755)
    (repo / "b.txt").unlink()
    (repo / "b.txt").symlink_to("a.txt")
    (repo / "d.txt").unlink()
    os.mkfifo(repo / "d.txt")  # reading it would wait for ever
    os.mkfifo(repo / "e.txt")
    assert await touched_by(repo, before) == ("a.txt", "b.txt", "d.txt")


async def test_commits_made_in_between_count(repo: Path) -> None:
    before = await snapshot(str(repo))
    write(repo, {"a.txt": "committed\n", "new.txt": "committed\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "by somebody")
    assert await touched_by(repo, before) == ("a.txt", "new.txt")


async def test_leftovers_of_builds_do_not_count_but_tracked_files_of_that_name_do(tmp_path: Path) -> None:
    repo = make(tmp_path / "r", {"node_modules/kept.js": "1\n"})
    before = await snapshot(str(repo))
    write(
        repo,
        {"node_modules/kept.js": "2\n", "node_modules/x/y.js": "1", "/pycache//m.pyc": "1", "ok.py": "1"},
    )
    (repo / ".agents").mkdir()
    write(repo, {"src/__pycache__/m.pyc": "1", "src/x.egg-info/PKG-INFO": "1"})
    assert await touched_by(repo, before) == ("node_modules/kept.js", "ok.py")


async def test_names_are_any_bytes(repo: Path) -> None:
    before = await snapshot(str(repo))
    for name in (b"-n", b"two\nlines", b'tab\t"q"', b"\xff\xfe.txt", "ü".encode()):
        Path(os.fsdecode(os.fsencode(repo) + b"/" + name)).write_text("1")
    assert await touched_by(repo, before) == ("-n", "\\xff\\xfe.txt", 'tab\\t"q"', "two\\nlines", "ü")
    before = await snapshot(str(repo))
    Path(os.fsdecode(os.fsencode(repo) + b"/\xff\xfe.txt")).write_text("2")
    assert await touched_by(repo, before) == ("\\xff\\xfe.txt",)


async def test_unchanged_files_are_not_read_again(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, {"a.txt": "mine\n", "new.txt": "mine\n"})
    monkeypatch.setattr(marks, "FRESH", 0)
    before = await snapshot(str(repo))
    monkeypatch.setattr(marks, "_content", lambda path, seen: "read again")
    assert await snapshot(str(repo), before) == before


async def test_what_is_beyond_the_budget_is_told_apart_by_stat(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "BYTES_READ", 3)
    write(repo, {"a.txt": "large\n", "b.txt": "large\n"})
    before = await snapshot(str(repo))
    assert {mark.content for mark in before.files.values()} == {""}
    write(repo, {"a.txt": "LARGE\n"})
    assert await touched_by(repo, before) == ("a.txt",)


async def test_a_hundred_thousand_files_take_seconds_at_most(repo: Path) -> None:
    blob = git(repo, "hash-object", "-w", "--stdin", stdin=b"x\n")
    names = "".join(f"100644 {blob} 0\td{n // 1000}/f{n}\n" for n in range(95_000))
    git(repo, "update-index", "--index-info", stdin=names.encode())
    git(repo, "commit", "-q", "-m", "many")
    many = repo / "untracked"
    many.mkdir()
    for n in range(5_000):
        (many / str(n)).touch()
    began = sum(
        os.times()[:4]
    )  # of the processors, git's time too: the machine may be busy with other things
    before = await snapshot(str(repo))
    took = sum(os.times()[:4]) - began
    assert len(before.files) == 100_000  # all of those that git knows are gone
    assert took < 8
    write(repo, {"untracked/new.txt": "1"})
    assert await touched_by(repo, before) == ("untracked/new.txt",)


# -- repos within the repo


@pytest.fixture
def with_submodule(tmp_path: Path) -> Path:
    inner = make(tmp_path / "lib", {"lib.c": "1\n"})
    repo = make(tmp_path / "r")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    git(repo, "commit", "-q", "-m", "with sub")
    return repo


async def test_submodules_are_looked_into(with_submodule: Path) -> None:
    before = await snapshot(str(with_submodule))
    assert before.files == {}
    write(with_submodule, {"sub/lib.c": "2\n", "sub/new.c": "3\n"})
    assert await touched_by(with_submodule, before) == ("sub/lib.c", "sub/new.c")


async def test_a_submodule_at_another_commit_is_touched(with_submodule: Path) -> None:
    before = await snapshot(str(with_submodule))
    inner = with_submodule / "sub"
    git(inner, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "--allow-empty", "-m", "more")
    assert await touched_by(with_submodule, before) == ("sub",)


def arm(git_dir: Path, proof: Path) -> None:
    """Makes git run a program as soon as it looks into the work tree of this git directory."""
    with (git_dir / "config").open("a") as config:
        config.write(
            f'[core]\nfsmonitor = "touch {proof}; false"\n[filter "x"]\nclean = "touch {proof}; cat"\n'
        )
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / "info" / "attributes").write_text("* filter=x\n")


@pytest.mark.parametrize("where", ["sub", "elsewhere", "unknown"])
async def test_a_git_directory_that_an_agent_could_have_written_is_never_used(
    with_submodule: Path, tmp_path: Path, where: str
) -> None:
    proof = tmp_path / "proof"
    before = await snapshot(str(with_submodule))
    inner = with_submodule / ("unknown" if where == "unknown" else "sub")
    if where == "unknown":
        make(inner)
    else:
        (inner / ".git").unlink()
        git(inner, "init", "-q")
        git(inner, "add", "-A")
    write(inner, {"lib.c": "2\n", "a.txt": "other\n"})
    arm(inner / ".git", proof)
    if where == "elsewhere":
        (inner / ".git").rename(tmp_path / "evil")
        (inner / ".git").write_text(f"gitdir: {tmp_path}/evil\n")
    touched = await touched_by(with_submodule, before)
    await look(str(with_submodule))
    assert not proof.exists()
    if where == "unknown":
        assert touched == ("unknown/a.txt", "unknown/b.txt", "unknown/lib.c", "unknown/src/c.txt")


async def test_neither_hooks_nor_fsmonitor_nor_signatures_run_a_program(repo: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    gpg = tmp_path / "gpg"
    gpg.write_text(f"#!/bin/sh\ntouch {proof}\n")
    gpg.chmod(0o755)
    about, _, words = git(repo, "cat-file", "commit", "HEAD").partition("\n\n")
    signature = "-----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    signed = f"{about}\ngpgsig {signature}\n\n{words}".encode()
    git(repo, "reset", "-q", git(repo, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed))
    git(repo, "config", "core.fsmonitor", f"touch {proof}; false")
    git(repo, "config", "gpg.program", str(gpg))
    git(repo, "config", "log.showSignature", "true")
    git(repo, "config", "diff.external", f"touch {proof}; false")
    write(repo, {"a.txt": "mine\n"})
    before = await snapshot(str(repo))
    await touched_by(repo, before)
    assert "Begin" in "".join(await newest_commits(str(repo)))
    assert "main" in "".join(await newest_branches(str(repo)))
    assert not proof.exists()


# -- where a repo is


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("checkout", "-q", "-b", "other"), "another branch is checked out"),
        (("checkout", "-q", "--detach"), "HEAD is detached now"),
        (("commit", "-q", "--amend", "-m", "rebased"), "somebody committed, reset or rebased"),
        (("commit", "-q", "--allow-empty", "-m", "more"), "somebody committed, reset or rebased"),
        (("status",), ""),
    ],
)
async def test_a_place_that_is_not_where_it_was_is_told(
    repo: Path, words: tuple[str, ...], said: str
) -> None:
    place = Place(path=str(repo), branch="main", head=head(repo))
    git(repo, *words)
    told = moved(place, await snapshot(str(repo)))
    assert told.startswith(said)
    assert bool(told) == bool(said)


async def test_a_repo_that_is_gone_is_told(repo: Path) -> None:
    place = Place(path=str(repo), branch="main", head=head(repo))
    (repo / ".git").rename(repo / "was-git")
    no_repo = await snapshot(str(repo))
    assert "is no git repository" in moved(place, no_repo)
    repo.rename(repo.parent / "elsewhere")
    gone = await snapshot(str(repo))
    assert "is not there any more" in moved(place, gone)
    assert (await look(str(repo))).missing
    assert await compare(str(repo), no_repo, gone) == ()


async def test_a_repo_inside_another_is_not_taken_for_it(repo: Path) -> None:
    inner = repo / "inner"
    (inner / ".git").mkdir(parents=True)  # as Codex's sandbox leaves one
    assert "is no git repository" in (await snapshot(str(inner))).missing


async def test_a_repo_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, {"a.txt": "1\n"})
    before = await snapshot(str(tmp_path))
    assert (before.branch, before.head, list(before.files)) == ("main", "", ["a.txt"])
    git(tmp_path, "add", "a.txt")
    git(tmp_path, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "first")
    assert await touched_by(tmp_path, before) == ("a.txt",)


async def test_another_users_repo_is_told_with_what_to_do(repo: Path) -> None:
    if os.getuid() != 0:
        return  # only root can give a directory away
    for path in (repo, repo / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(Refused, match="belongs to another user") as refused:
        await snapshot(str(repo))
    assert refused.value.hint == f"git config --global --add safe.directory {repo}"


async def test_the_fingerprint_is_another_when_head_or_content_is(repo: Path) -> None:
    seen = [(await look(str(repo))).fingerprint]
    write(repo, {"a.txt": "1\n"})
    seen.append((await look(str(repo))).fingerprint)
    write(repo, {"a.txt": "2\n"})
    seen.append((await look(str(repo))).fingerprint)
    os.utime(repo / "a.txt")
    assert (await look(str(repo))).fingerprint == seen[-1]
    git(repo, "commit", "-q", "-a", "-m", "2")
    seen.append((await look(str(repo))).fingerprint)
    assert len(set(seen)) == 4

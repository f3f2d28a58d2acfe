"""Commits of exactly what an item changed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.controller.gitrepos import FILES, git, head, make, status, write
from tmuxorch.controller.git import Commit, command, commit
from tmuxorch.errors import Refused

Make = Callable[..., Awaitable[Commit]]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make(tmp_path / "r")


@pytest.fixture
def made(repo: Path, tmp_path: Path) -> Make:
    """Commits in `repo` as item R1/2."""
    since = head(repo)

    async def make(*paths: str, subject: str = "Change", body: str = "", item: str = "R1/2") -> Commit:
        return await commit(
            str(repo), paths, subject, body, item, branch="main", since=since, scratch=tmp_path
        )

    return make


def names(repo: Path) -> list[str]:
    """What HEAD changed: kind and path."""
    fields = git(repo, "show", "--format=", "--name-status", "--no-renames", "-z", "HEAD").split("\0")
    return [f"{kind} {name}" for kind, name in zip(fields[::2], fields[1::2], strict=False)]


async def test_only_the_given_paths_are_committed(repo: Path, made: Make) -> None:
    write(
        repo, {"a.txt": "ours\n", "b.txt": "the user's\n", "new/x.txt": "ours\n", "mine.txt": "the user's\n"}
    )
    (repo / "src" / "c.txt").unlink()
    done = await made("a.txt", "new/x.txt", "src/c.txt", "unchanged.txt")
    assert done == Commit(head(repo))
    assert names(repo) == ["M a.txt", "A new/x.txt", "D src/c.txt"]
    assert status(repo) == [" M b.txt", "?? mine.txt"]
    assert git(repo, "log", "-1", "--format=%an %ae %cn") == "Ann ann@example.org Ann"
    assert git(repo, "reflog", "-1", "--format=%gs") == "tmuxorch: R1/2"


async def test_what_the_user_staged_stays_staged(repo: Path, made: Make) -> None:
    write(repo, {"b.txt": "staged\n", "new.txt": "staged\n", "a.txt": "ours\n"})
    git(repo, "add", "b.txt", "new.txt")
    git(repo, "rm", "-q", "--cached", "src/c.txt")
    write(repo, {"b.txt": "and changed again\n"})
    staged = git(repo, "diff", "--cached", "--raw")
    await made("a.txt")
    assert names(repo) == ["M a.txt"]
    assert git(repo, "diff", "--cached", "--raw") == staged
    assert status(repo) == ["MM b.txt", "A  new.txt", "D  src/c.txt", "?? src/c.txt"]


async def test_a_path_of_ours_that_the_user_staged_is_committed_as_it_is_and_stays_staged(
    repo: Path, made: Make
) -> None:
    write(repo, {"a.txt": "staged\n"})
    git(repo, "add", "a.txt")
    write(repo, {"a.txt": "ours\n"})
    await made("a.txt")
    assert git(repo, "show", "HEAD:a.txt") == "ours"
    assert git(repo, "show", ":a.txt") == "staged"


async def test_a_commit_that_fails_changes_nothing(
    repo: Path, made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PAUSES", ())
    write(repo, {"a.txt": "ours\n", "b.txt": "staged\n"})
    git(repo, "add", "b.txt")
    before = (head(repo), status(repo), git(repo, "ls-files", "-s"))
    lock = repo / ".git" / "refs" / "heads" / "main.lock"
    lock.touch()
    with pytest.raises(Refused, match="another git is at work"):
        await made("a.txt")
    assert (head(repo), status(repo), git(repo, "ls-files", "-s")) == before
    lock.unlink()
    assert (await made("a.txt")).hash == head(repo)


async def test_another_git_that_is_at_work_is_waited_for(repo: Path, made: Make) -> None:
    lock = repo / ".git" / "index.lock"
    lock.touch()
    asyncio.get_running_loop().call_later(0.2, lock.unlink)
    write(repo, {"a.txt": "ours\n"})
    assert (await made("a.txt")).hash == head(repo)
    assert status(repo) == []


async def test_a_commit_made_just_before_a_crash_is_found_again(
    repo: Path, made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PAUSES", ())
    write(repo, {"a.txt": "ours\n"})
    (repo / ".git" / "index.lock").touch()  # between the commit and the index: there the crash is
    with pytest.raises(Refused, match="another git is at work"):
        await made("a.txt")
    once = head(repo)
    (repo / ".git" / "index.lock").unlink()
    assert status(repo) == ["MM a.txt"]
    assert await made("a.txt") == Commit(once)
    assert status(repo) == []
    assert await made("a.txt") == Commit(once)
    write(repo, {"a.txt": "more\n"})
    assert (await made("a.txt", item="R1/3")).hash != once


async def test_a_commit_of_another_run_with_the_same_name_is_not_taken_for_ours(
    repo: Path, tmp_path: Path
) -> None:
    for content in ("first\n", "second\n"):
        write(repo, {"a.txt": content})
        done = await commit(
            str(repo), ["a.txt"], "Change", "", "R1/2", branch="main", since=head(repo), scratch=tmp_path
        )
        assert (done.hash, git(repo, "show", "HEAD:a.txt") + "\n") == (head(repo), content)


async def test_nothing_changed_is_no_commit(repo: Path, made: Make) -> None:
    before = head(repo)
    assert await made("a.txt", "b.txt", "none.txt") == Commit()
    assert head(repo) == before


@pytest.mark.parametrize(
    "title", ["# no comment", "- dash\n\n# comment", "-m", "ü ✓", "a\x1b[31mb\x00", "Tmuxorch-Item: R9/9", ""]
)
async def test_a_hostile_title_stays_a_title(repo: Path, made: Make, title: str) -> None:
    write(repo, {"a.txt": "ours\n"})
    await made("a.txt", subject=title, body="# kept\n\nTmuxorch-Item: R9/8\n---\n")
    said = git(repo, "log", "-1", "--format=%B")
    subject = " ".join(title.split()).replace("\x1b", "").replace("\x00", "") or "Work"
    assert said == f"{subject}\n\n# kept\n\nTmuxorch-Item: R9/8\n---\n\nTmuxorch-Item: R1/2\n"
    assert git(repo, "log", "-1", "--format=%(trailers:key=Tmuxorch-Item,valueonly)") == "R1/2\n"


async def test_names_of_any_bytes_are_committed(repo: Path, made: Make) -> None:
    odd = [b"-n", b"two\nlines", b'tab\t"q"', b"\xff.txt", b":(glob)*", b"*"]
    for name in odd:
        Path(os.fsdecode(os.fsencode(repo) + b"/" + name)).write_text("1")
    write(repo, {"other.txt": "1"})
    await made("-n", "two\\nlines", 'tab\\t"q"', "\\xff.txt", ":(glob)*", "*")
    assert sorted(os.fsencode(one) for one in names(repo)) == sorted(b"A " + name for name in odd)
    assert status(repo) == ["?? other.txt"]


async def test_kinds_of_change(repo: Path, made: Make) -> None:
    (repo / "a.txt").unlink()
    write(repo, {"a.txt/inside.txt": "a directory now\n"})
    (repo / "src" / "c.txt").unlink()
    (repo / "src").rmdir()
    (repo / "src").symlink_to("/nowhere")
    git(repo, "mv", "b.txt", "c.txt")
    write(repo, {"run.sh": "#!/bin/sh\n"})
    (repo / "run.sh").chmod(0o755)
    await made("a.txt", "a.txt/inside.txt", "src", "src/c.txt", "b.txt", "c.txt", "run.sh")
    assert git(repo, "ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD").splitlines() == [
        *("100644 a.txt/inside.txt", "100644 c.txt", "100755 run.sh", "120000 src"),
    ]
    assert status(repo) == []


async def test_a_directory_that_is_something_else_now_goes_with_its_files(repo: Path, made: Make) -> None:
    (repo / "src" / "c.txt").unlink()
    (repo / "src").rmdir()
    write(repo, {"src": "a file now\n"})
    await made("src")
    assert git(repo, "ls-tree", "-r", "--name-only", "HEAD").splitlines() == ["a.txt", "b.txt", "src"]
    assert status(repo) == []


async def test_no_hook_and_no_signature(repo: Path, made: Make, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    hooks = repo / "hooks"  # in the tree, where an agent could have edited it
    names = ("pre-commit", "commit-msg", "post-commit", "post-index-change", "reference-transaction")
    for name in names:
        write(hooks, {name: f"#!/bin/sh\ntouch {proof}\n"})
        (hooks / name).chmod(0o755)
    git(repo, "config", "core.hooksPath", str(hooks))
    git(repo, "config", "commit.gpgSign", "true")
    git(repo, "config", "gpg.program", f"touch {proof}; false")
    git(repo, "config", "core.editor", f"touch {proof}; false")
    write(repo, {"a.txt": "ours\n"})
    assert (await made("a.txt")).hash == head(repo)
    assert not proof.exists()


async def test_filters_are_kept_to(repo: Path, made: Make) -> None:
    """As with large files: what is committed is what the user's own `git add` would have made of it."""
    git(repo, "config", "filter.up.clean", "tr a-z A-Z")
    write(repo / ".git" / "info", {"attributes": "*.big filter=up\n"})
    write(repo, {"x.big": "ours\n"})
    await made("x.big")
    assert git(repo, "show", "HEAD:x.big") == "OURS"


async def test_a_user_whom_git_does_not_know_is_told(repo: Path, made: Make) -> None:
    git(repo, "config", "--unset", "user.name")
    git(repo, "config", "--unset", "user.email")
    write(repo, {"a.txt": "ours\n"})
    done = await made("a.txt")
    assert git(repo, "log", "-1", "--format=%an <%ae> %cn <%ce>") == (
        "tmuxorch <tmuxorch@localhost> tmuxorch <tmuxorch@localhost>"
    )
    assert "git config user.name" in done.note


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("checkout", "-q", "-b", "other"), "is on other, not on main"),
        (("checkout", "-q", "--detach"), "HEAD is detached"),
        (("update-ref", "MERGE_HEAD", "HEAD"), "in the midst of a merge"),
    ],
)
async def test_elsewhere_or_in_the_midst_of_something_nothing_is_committed(
    repo: Path, made: Make, words: tuple[str, ...], said: str
) -> None:
    git(repo, *words)
    write(repo, {"a.txt": "ours\n"})
    before = head(repo)
    with pytest.raises(Refused, match=said) as refused:
        await made("a.txt")
    assert refused.value.hint
    assert head(repo) == before


async def test_the_first_commit_of_a_repo(tmp_path: Path) -> None:
    repo = tmp_path / "r"
    repo.mkdir()
    git(repo, "init", "-q", "-b", "main")
    write(repo, FILES)
    done = await commit(str(repo), ["a.txt"], "Begin", "", "R1/1", branch="main", since="", scratch=tmp_path)
    assert (done.hash, names(repo)) == (head(repo), ["A a.txt"])
    assert status(repo) == ["?? b.txt", "?? src/c.txt"]


async def test_a_repo_within_is_left_as_it_is(repo: Path, made: Make) -> None:
    make(repo / "inner")
    write(repo, {"a.txt": "ours\n"})
    done = await made("a.txt", "inner/a.txt")
    assert (names(repo), status(repo)) == (["M a.txt"], ["?? inner/"])
    assert done.left == ("inner/a.txt",)

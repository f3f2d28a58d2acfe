"""How git is run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import reaping
from tests.controller.gitrepos import git, make
from tests.waiting import until
from tmuxorch.controller.git import command
from tmuxorch.errors import Refused, TimedOut, ToolMissing


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make(tmp_path / "r")


async def test_what_takes_too_long_is_ended_with_all_that_it_started(
    repo: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repo, "config", "alias.hang", "!trap '' TERM; while :; do sleep 1000; done")
    monkeypatch.setattr(command, "GRACE", 0.1)
    with pytest.raises(TimedOut, match=r"git hang took longer than 0\.2 s"):
        await command.run(str(repo), "hang", timeout=0.2)
    until(lambda: not reaping.processes_of(home), what="the end of all")


async def test_the_callers_own_git_variables_do_not_reach_it(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    assert await command.run(str(repo), "ls-files") == b"a.txt\nb.txt\nsrc/c.txt\n"


async def test_only_so_much_is_read(repo: Path) -> None:
    assert await command.read(str(repo), "ls-files", limit=5) == (b"a.txt", True)
    assert await command.read(str(repo), "ls-files", limit=22) == (b"a.txt\nb.txt\nsrc/c.txt\n", False)
    with pytest.raises(Refused, match="git log failed in"):
        await command.read(str(repo), "log", "none", "--", limit=5)


async def test_what_went_wrong_is_told_in_gits_words(repo: Path) -> None:
    with pytest.raises(Refused, match=f"git rev-parse failed in {repo}: Needed a single revision"):
        await command.run(str(repo), "rev-parse", "--verify", "none")


async def test_a_machine_without_git(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolMissing, match="git is not installed"):
        await command.run(str(repo), "status")


async def test_no_repo_is_looked_for_above(repo: Path) -> None:
    with pytest.raises(Refused, match="src is no git repository"):
        await command.run(str(repo / "src"), "status")
    shutil.rmtree(repo / ".git")
    with pytest.raises(Refused, match="is no git repository"):
        await command.run(str(repo), "status")

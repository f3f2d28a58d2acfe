"""What becomes of the repos in a run, by the real Codex and git: places, commits, and edits that nobody allowed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controller.conftest import Make
from tests.controller.gitrepos import git, head, make, status, write
from tests.e2e.project import Json, Project
from tests.waiting import until


@pytest.fixture
def lab(make_lab: Make) -> Project:
    """A project; each of its repos has a commit, and something that the user has not committed."""
    lab = make_lab(children=("app", "other"))
    for repo in lab.repos.values():
        make(repo, {"app.txt": "begin\n", "mine.txt": "begin\n"})
        write(repo, {"mine.txt": "the user's\n"})
        git(repo, "add", "mine.txt")
    return lab


@contextlib.contextmanager
def up(lab: Project, extra: str) -> Iterator[None]:
    """The project is up with that in its configuration."""
    text = lab.config.read_text()
    lab.config.write_text(text + extra)
    lab.run("up")
    yield
    lab.run("down")
    lab.config.write_text(text)


def begin(lab: Project, name: str) -> str:
    run: str = lab.call("run", problem=f"lab: {name}", yes=True, children=["app", "other"])["id"]
    return run


def outcome(lab: Project, run: str) -> str:
    """How the run has ended, once it has."""
    ends = until(
        lambda: [one for one in lab.events("run_ended") if one["run"] == run], timeout=60, what="the end"
    )
    return str(ends[0]["outcome"])


def asked(lab: Project, words: str) -> Json:
    """The checkpoint that is open, which has to be a failure with these words."""
    found: Json = lab.call("next", timeout=60)
    assert found["kind"] == "failure", found
    assert words in f"{found['title']}\n{found['body']}", found
    return found


def take(lab: Project, card: Json, choice: str) -> None:
    lab.call("answer", id=card["id"], choice=choice, digest=card["digest"])


def last_commit(repo: Path, branch: str) -> tuple[str, str]:
    """Its paths and its item."""
    paths = git(repo, "show", "--format=", "--name-only", branch)
    return paths, git(repo, "log", "-1", "--format=%(trailers:key=Tmuxorch-Item,valueonly)", branch).strip()


def test_what_becomes_of_the_repos(lab: Project) -> None:
    with up(lab, "isolation: worktree\ncommit: item\n"):
        _an_item_is_worked_on_in_a_worktree_and_committed_there(lab)
    with up(lab, "commit: run\n"):
        _a_dirty_repo_is_asked_about_and_the_users_changes_stay_theirs(lab)
        _edits_that_nobody_allowed_are_shown(lab)
    with up(lab, "gates: {dirty: proceed}\ncommit: item\n"):
        _what_happens_to_a_repo_under_a_turn_is_told_by_a_controller_that_starts_anew(lab)


def _an_item_is_worked_on_in_a_worktree_and_committed_there(lab: Project) -> None:
    repo, began = lab.repos["app"], head(lab.repos["app"])
    run = begin(lab, "place-edit")
    assert outcome(lab, run) == "succeeded"
    assert (head(repo), status(repo), git(repo, "branch", "--show-current")) == (
        began,
        ["M  mine.txt"],
        "main",
    )
    place = lab.paths.worktree(run, "app")
    assert last_commit(repo, f"tmuxorch/{run}") == ("app.txt", f"{run}/1")
    assert git(repo, "rev-parse", f"tmuxorch/{run}~") == began
    assert status(place) == ["?? __pycache__/x.pyc"]
    turns = {one["id"]: one for one in lab.events("turn_ended")}
    wrote = next(one["id"] for one in lab.events("turn_queued") if one["writes"])
    assert str(place) in turns[wrote]["message"]
    assert turns[wrote]["touched"] == ["app.txt"]
    assert {one["cwd"] for one in lab.events("check_queued") if one["item"]} == {str(place)}
    assert [one["commit"] for one in lab.events("work_committed")] == [
        git(repo, "rev-parse", f"tmuxorch/{run}")
    ]


def _a_dirty_repo_is_asked_about_and_the_users_changes_stay_theirs(lab: Project) -> None:
    repo = lab.repos["app"]
    run = begin(lab, "place-edit")
    take(lab, asked(lab, "mine.txt"), "proceed")
    assert outcome(lab, run) == "succeeded"
    assert last_commit(repo, "main") == ("app.txt", run)
    assert status(repo) == ["M  mine.txt", "?? __pycache__/x.pyc"]


def _edits_that_nobody_allowed_are_shown(lab: Project) -> None:
    """Beside the item's paths and in another repo: they become nobody's commit unless they are let pass."""
    repo = lab.repos["app"]
    run = begin(lab, "place-stray")
    take(lab, asked(lab, "mine.txt"), "proceed")
    card = asked(lab, "  beside.txt")
    assert "  other: stray.txt" in card["body"]
    assert (
        "In app:\nnew file b/beside.txt\n+more\\x1b[31m\n\nIn other:\nnew file b/stray.txt\n+stray"
        in card["body"]
    )
    take(lab, card, "accept")
    assert outcome(lab, run) == "succeeded"
    assert last_commit(repo, "main") == ("app.txt\nbeside.txt", run)
    assert status(lab.repos["other"]) == ["M  mine.txt", "?? stray.txt"]


def _what_happens_to_a_repo_under_a_turn_is_told_by_a_controller_that_starts_anew(lab: Project) -> None:
    repo = lab.repos["app"]
    run = begin(lab, "place-waits")
    approval = lab.call("next", timeout=60)
    assert approval["kind"] == "approval"
    lab.kill_controller()
    git(repo, "checkout", "-q", "-b", "elsewhere")
    write(repo, {"aside.txt": "more\n"})
    lab.run("up")
    take(lab, lab.call("next", timeout=60), "accept")
    card = asked(lab, f"another branch is checked out: {repo} was on main")
    assert "  aside.txt" in card["body"]
    take(lab, card, "accept")
    assert outcome(lab, run) == "succeeded"
    assert last_commit(repo, "elsewhere") == ("app.txt\naside.txt", f"{run}/1")
    assert status(repo) == ["M  mine.txt", "?? __pycache__/x.pyc"]

"""The merge commands of a report, typed as they stand there, bring the work onto the user's branch: also where the work
is committed at the end of the run, or not at all."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.e2e import pasted
from tests.e2e.checkout import git
from tests.e2e.conftest import Make
from tests.e2e.project import Project

TEAM = [Path(__file__).with_name("team.yaml")]
ANN = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "a@example.com"}
ANN |= {"GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "a@example.com"}
TYPES = {"GIT_EDITOR": 'sh -c \'echo "as Ann says" > "$1"\' sh'}


def test_what_is_in_worktrees_is_merged_as_told(make_project: Make) -> None:
    project = make_project(name="a team", scenarios=TEAM, extra="isolation: worktree\n", children=("a", "b"))
    env = {**project.environ, **ANN, **TYPES}
    for repo in project.repos.values():
        begin = ["git", "-C", str(repo), "commit", "-qm", "begin", "--allow-empty"]
        subprocess.run(begin, env=env, check=True)
    text = project.config.read_text()
    for commit, subject in (("run", "lab: four"), ("none", "as Ann says")):
        project.config.write_text(f"{text}commit: {commit}\n")
        project.run("up")
        _is_merged_as_told(project, env, subject)
        for repo in project.repos.values():
            git(repo, "reset", "-q", "--hard", "main^1")


def _is_merged_as_told(project: Project, env: dict[str, str], subject: str) -> None:
    """A run, and what is typed when it has ended."""
    run = project.call("run", problem="lab: four", yes=True)["id"]
    assert project.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    for repo in project.repos.values():
        assert (git(repo, "ls-files"), git(repo, "status", "--porcelain")) == ("", "")

    commands = pasted.merge_commands(project.run("report", run))
    subprocess.run(["sh", "-ec", commands], cwd="/", env=env, check=True, capture_output=True)
    a, b = project.repos.values()
    for repo, files in ((a, ["item-1.txt", "item-3.txt"]), (b, ["item-2.txt", "item-4.txt"])):
        assert git(repo, "ls-files").split() == files
        assert git(repo, "status", "--porcelain", "--branch") == "## main\n"
        assert git(repo, "log", "-1", "--format=%s", "main^2").strip() == subject
        assert len(git(repo, "worktree", "list").splitlines()) == 1

"""What git sees of editing workers, by the real Codex: their own changes, those that nobody allowed, nobody else's."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.controller.gitrepos import git, make, write
from tests.controller.holding import Gate, editing, ended, line, now, start
from tests.controller.test_checkpoints import answered, asked
from tests.e2e.project import Json, Project
from tests.waiting import until

CONFIG = """\
limits: {exec_workers: 6, retries: 1}
timeouts: {retry: 3600}
"""

ODD = "odd[1].txt"
"""Codex takes this path for a pattern, which cannot be opened: so the whole directory is, and git sees what the sandbox
cannot keep out."""

NAME = "\x1b[31m|<b>\n### 9.txt"
SHOWN = "\\x1b[31m|<b>\\n### 9.txt"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repo with a commit, and with a change of its user's."""
    path = make(tmp_path / "repo", {"a.txt": "a\n", "b.txt": "b\n", "src/c.txt": "c\n", ODD: "odd\n"})
    write(path, {"mine.txt": "the user's\n"})
    return path


def seen(worker: Json) -> tuple[list[str], list[str]]:
    """What it changed within its paths, and elsewhere."""
    return worker["changed"], worker["violations"]


def test_what_a_worker_changed_outside_of_its_paths_is_told_everywhere(lab: Project, repo: Path) -> None:
    options = ("--scope", "edit", "--path", ODD, "--cd", str(repo))
    command = (
        f"sh: echo x > '{ODD}'; echo x > stray.txt; printf x > \"$(printf '\\033[31m|<b>\\n### 9.txt')\""
    )
    done = lab.start("exec", *options, "--wait", command)
    out, err = done.communicate(timeout=60)
    assert done.returncode == 0, "it succeeded all the same"
    (worker,) = [one for one in lab.call("status")["workers"] if one["cwd"] == str(repo)]
    assert seen(worker) == ([ODD], [SHOWN, "stray.txt"])
    told = f"{worker['id']} changed outside of its paths: {SHOWN}, stray.txt\n"
    assert told in err
    result = lab.start("result", worker["id"])
    assert result.communicate(timeout=60) == (out, told)
    assert line(lab, worker).endswith(f"changed outside of its paths: {SHOWN}, stray.txt")
    page = lab.runs_md()
    entry = page[page.index(f"{worker['id']}-free") :]
    assert "Changed outside of its paths: " in entry
    assert "stray.txt" in entry
    assert "\x1b" not in page + err
    assert "\n### 9" not in page


def test_of_what_was_changed_before_or_is_ignored_nobody_hears(lab: Project, repo: Path) -> None:
    write(repo, {".gitignore": "*.o\n"})
    worker = editing(lab, repo, "sh: echo x > a.o; echo x >> a.txt; rm b.txt", ".")
    assert seen(ended(lab, worker)) == (["a.txt", "b.txt"], [])
    again = editing(lab, repo, "sh: echo x >> a.txt", "a.txt")
    assert seen(ended(lab, again)) == (["a.txt"], []), "git compares what is in the files"


def test_scope_full_has_everything_or_just_the_paths_that_it_is_given(lab: Project, repo: Path) -> None:
    for command, paths, expected in (
        ("echo x > ../stray.txt; git commit -q -a -m x", [], (["stray.txt"], [])),
        ("echo x >> c.txt; echo y > ../stray.txt", ["c.txt"], (["src/c.txt"], ["stray.txt"])),
    ):
        worker = start(lab, repo / "src", f"sh: {command}", scope="full", paths=paths, really_full=True)
        assert seen(ended(lab, worker)) == expected


def test_nobody_is_blamed_for_what_another_may_write(lab: Project, repo: Path, tmp_path: Path) -> None:
    """One ends meanwhile, one is at work, one, from a directory below, is put back into the queue by the loss of its
    host.
    """
    gate, hold = Gate(tmp_path), Gate(tmp_path)
    first = editing(lab, repo, f"sh: echo x >> a.txt; {gate.wait}", "a.txt")
    stays = editing(lab, repo, f"sh: echo x >> b.txt; {hold.wait}", "b.txt")
    lost = editing(lab, repo / "src", f"sh: echo x >> c.txt; {hold.wait}")
    assert seen(ended(lab, editing(lab, repo, f"sh: echo x >> '{ODD}'", ODD))) == ([ODD], [])
    for file in ("a.txt", "b.txt", "src/c.txt"):
        until(lambda file=file: "x" in (repo / file).read_text(), what=f"the change of {file}")  # type: ignore[misc]
    os.kill(json.loads((lab.paths.worker(lost["id"]) / "start.json").read_text())["host_pid"], signal.SIGKILL)
    put_back = until(lambda: (one := now(lab, lost))["attempts"] > 1 and one, what="the loss of a host")
    assert (put_back["state"], put_back["attempts"], put_back["changed"]) == ("queued", 2, ["src/c.txt"])
    assert put_back["retry_at"]
    assert "try 2" in line(lab, lost)
    gate.open()
    assert seen(ended(lab, first)) == (["a.txt"], [])
    lab.call("stop", id=lost["id"])
    hold.open()
    assert seen(ended(lab, stays)) == (["b.txt"], [])


def test_where_there_is_no_git_nothing_is_blamed_and_nothing_breaks(lab: Project, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    worker = ended(lab, editing(lab, plain, "sh: echo x > a.txt"))
    assert (worker["outcome"], *seen(worker)) == ("succeeded", [], [])
    assert (plain / "a.txt").exists()


@pytest.mark.parametrize("end", ["rm -rf .git", "cd ..; rm -rf repo"])
def test_a_repo_that_is_gone_afterwards_breaks_nothing(lab: Project, repo: Path, end: str) -> None:
    worker = start(lab, repo, f"sh: {end}", scope="full", really_full=True)
    found = ended(lab, worker)
    assert (found["outcome"], *seen(found)) == ("succeeded", [], [])


def test_what_a_worker_writes_meanwhile_is_no_stray_of_a_turn(lab: Project) -> None:
    run = lab.call("run", problem="lab: place-waits", yes=True, children=["app", "other"])["id"]
    card = asked(lab, "approval")
    other = lab.repos["other"]
    worker = editing(lab, other, "sh: echo x > worker.txt", "worker.txt")
    assert seen(ended(lab, worker)) == (["worker.txt"], [])
    answered(lab, card, "accept")
    until(lambda: lab.has_ended(run) or lab.call("checkpoints"), 60, "the end of the run")
    assert lab.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    assert git(other, "status", "--porcelain").splitlines() == ["?? worker.txt"]

"""What can be wrong with a machine: each is a clear error, and nothing is lost."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import Project
from tests.e2e.refusals import nothing_was_begun, refused
from tests.waiting import until

HERE = Path(__file__).parent


def test_programs_that_are_missing_too_old_or_unusable(make_project: Make, tmp_path: Path) -> None:
    project = make_project(children=("a",))
    usual = project.config.read_text()
    none, old = {"PATH": str(tmp_path)}, {"PATH": str(tmp_path / "old")}
    _program(tmp_path / "old" / "tmux", "echo tmux 2.9")
    codex = tmp_path / "codex"
    refused(project, "up", status=7, says="tmux is not installed", hint="apt install tmux", env=none)
    refused(
        project, "exec", "x", status=7, says=f"{tmp_path}/old/tmux is tmux 2.9", hint="3.2a or newer", env=old
    )
    assert "missing  tmux" in project.run("doctor", status=7, env=old)
    project.config.write_text(usual.replace("codex: {", f"codex: {{bin: {codex}, "))
    refused(
        project,
        "up",
        status=7,
        says=f"codex.bin is '{codex}', which is no executable",
        hint="tmuxorch[codex]",
    )
    for words, says in (
        ("echo codex-cli 0.99.1", f"{codex}: Codex 0.99.1 is too old"),
        ("echo hello", f"{codex}: no version of Codex in 'hello'"),
        ("kill $$", f"{codex}: no version of Codex in ''"),
    ):
        _program(codex, words)
        refused(project, "run", "p", status=7, says=says, hint="tmuxorch[codex]")
    assert "missing  codex" in project.run("doctor", status=7)
    project.config.write_text(usual.replace("codex-home", "orchestrator.config.yaml/home"))
    refused(
        project, "up", status=2, says="/home cannot be written to: Not a directory", hint="tmuxorch doctor"
    )
    assert "problem  codex home" in project.run("doctor", status=1)
    project.config.write_text(usual)
    state = {"XDG_STATE_HOME": str(project.config / "state")}
    refused(
        project, "up", status=2, says="cannot be made: Not a directory", hint="tmuxorch doctor", env=state
    )
    nothing_was_begun(project)


def _program(path: Path, words: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o700)


def test_who_is_not_logged_in_is_told_so(make_project: Make) -> None:
    project = make_project(scenarios=[HERE / "not_logged_in.yaml"], children=("a",))
    assert "warning  login" in project.run("doctor")
    for words in (("exec", "--wait", "do it"), ("ask", "orchestrator", "who are you?")):
        project.run("up", "--resume-now")
        process = project.start(*words)
        told = process.communicate(timeout=60)[1]
        assert process.returncode == 1
        assert "401 Unauthorized" in told
        assert "to log in: codex login" in told
    project.run("up", "--resume-now")
    project.run("run", "p", "--detach")
    point = project.next("failure")
    assert point["title"] == "the Codex account of this project is refused: log in again"
    assert "401 Unauthorized" in point["body"]
    assert "to log in: codex login" in point["body"]
    until(lambda: project.events("turn_requeued"), 30, "the refusal of the run's first turn")
    project.run("answer", point["id"], "abort")
    until(project.has_ended, 30, "the end of R1")
    assert project.run_object()["outcome"] == "failed"


LIMITED = 'ulimit -f 8; exec "$@"'


def test_no_room_and_repos_that_have_gone(make_project: Make) -> None:
    project = make_project(children=("a", "b"))
    up = [sys.executable, "-m", "tmuxorch", "-C", str(project.directory), "up", "--json"]
    done = subprocess.run(["sh", "-c", LIMITED, "sh", *up], capture_output=True, check=False)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (1, "storage")
    assert str(project.paths.state) in error["message"]
    assert not list(project.paths.state.glob(".tmuxorch-*"))

    project.run("up")
    if sys.platform == "linux":  # only there can a process be limited from outside
        _a_full_disk_ends_the_controller_and_loses_nothing(project)
    _a_repo_that_has_gone_keeps_nothing_else_from_working(project)


def _a_full_disk_ends_the_controller_and_loses_nothing(project: Project) -> None:
    until(lambda: _views(project) == {"a", "b", "orchestrator"}, what="the last that comes of up")
    (journal,) = project.paths.journal.glob("*.jsonl")
    room = journal.stat().st_size + 100
    resource.prlimit(project.controller_pid(), resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    recorded = project.events()
    told = project.ask("exec", "do it", status=3)["error"]
    assert told["message"] == "the journal cannot be written: File too large"
    assert told["hint"] == "make room, then type: tmuxorch up"
    until(lambda: project.ask("status")["project"]["controller"] is None, what="the end of the controller")
    assert project.events() == recorded
    assert project.ask("up")["children"][0]["state"] == "idle"
    assert project.events()[: len(recorded)] == recorded
    assert "The task was: do it" in project.run("exec", "--wait", "do it")


def _views(project: Project) -> set[str]:
    """The agents whose windows have a view, which may be there later than they are ready."""
    return {event["key"] for event in project.events("window_opened") if event["window"]["view"]}


def _a_repo_that_has_gone_keeps_nothing_else_from_working(project: Project) -> None:
    project.run("down")
    project.repos["b"].rename(project.directory / "elsewhere")
    for words in (("up",), ("ask", "a", "how are you?")):
        refused(
            project, *words, status=2, says="the path of child b is not there: ", hint="tmuxorch child rm b"
        )
    project.run("child", "rm", "b")
    assert "name: b" not in project.config.read_text()
    assert [child["name"] for child in project.ask("up")["children"]] == ["a"]
    until(lambda: "app-b" not in project.windows(), what="the end of its window")
    project.kill_controller()
    project.repos["a"].rename(project.directory / "gone")
    project.run("down", "--kill-agents")
    assert project.events("server_exited")[-1]["name"] in ("a", "orchestrator")

"""kill -9 of anything, in the middle of a run: `tmuxorch up` goes on to the same end, and nothing happens twice."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import PROBLEM, Project
from tests.waiting import until


def _ends_well(project: Project) -> None:
    project.play()
    assert project.run_object()["outcome"] == "succeeded"
    assert project.items_done() == {"1": 1, "2": 1, "3": 1, "4": 1}
    assert set(project.answers().values()) == {1}


def _sent(project: Project, purpose: str) -> bool:
    """Whether a turn of that purpose was written ahead as sent."""
    ids = {event["id"] for event in project.events("turn_queued") if event["purpose"] == purpose}
    return any(event["id"] in ids for event in project.events("turn_sending"))


def test_the_controller_is_killed_again_and_again(project: Project) -> None:
    project.run("run", PROBLEM, "--detach")
    for purpose in ("discover", "contracts"):
        until(lambda purpose=purpose: _sent(project, purpose), 60)  # type: ignore[misc]
        project.kill_controller()
        project.run("up")
    project.answer(project.next("plan"))
    until(lambda: _sent(project, "item"), 60)
    project.kill_controller()
    project.run("up")
    pending = project.next("approval")
    project.kill_controller()
    project.run("up")
    assert project.next("approval") == pending, "Codex repeats its request; it is the same checkpoint"
    _ends_well(project)
    sent = [event["id"] for event in project.events("turn_sending")]
    assert len(sent) == len(set(sent)), "no turn was sent twice"


def test_an_app_server_is_killed_while_it_waits_for_an_approval(project: Project) -> None:
    project.run("run", PROBLEM, "--detach")
    project.answer(project.next("plan"))
    pending = project.next("approval")
    os.kill(project.server_pid("backend"), signal.SIGKILL)
    until(lambda: project.events("checkpoint_lapsed"), 30)
    project.run("approve", pending["id"], status=3)
    again = project.next("approval")
    assert again["id"] != pending["id"]
    _ends_well(project)
    assert len(project.events("turn_requeued")) == 1
    assert project.windows().count("app-backend") == 1


def test_tmux_is_killed(project: Project) -> None:
    project.run("run", PROBLEM, "--detach")
    project.answer(project.next("plan"))
    until(lambda: _sent(project, "item"), 60)
    before = project.controller_pid()
    project.tmux("kill-server")
    asked = project.next("approval")
    project.run("exec", "Look around", status=3)
    assert project.controller_pid() == before, "controller and agents go on without windows"
    project.run("up")
    assert {"overview", "checkpoints", "controller", "app-backend", "app-mobile"} <= set(project.windows())
    project.answer(asked)
    _ends_well(project)


def test_a_window_that_is_closed_ends_its_worker(make_project: Make) -> None:
    project = make_project(scenarios=[Path(__file__).parent / "slow.yaml"], screens=True)
    worker = project.ask("exec", "--label", "long", "Take your time")
    until(lambda: project.events("worker_seen"), 30, "the worker's thread")
    project.tmux("kill-window", "-t", worker["window"])
    ended = project.ask("wait", worker["id"], status=1)[0]
    assert (ended["state"], ended["outcome"], ended["reason"]) == (
        "exited",
        "killed",
        "its window was closed",
    )


def test_a_view_that_is_closed_comes_back_with_up(project: Project) -> None:
    project.run("up")
    until(lambda: "overview" in project.windows(), 20)
    project.tmux("kill-window", "-t", ":overview")
    until(lambda: [e["key"] for e in project.events("window_closed")] == ["overview"], 20)
    project.run("exec", "--wait", "Look around")
    assert "overview" not in project.windows()
    project.run("up")
    until(lambda: "overview" in project.windows(), 20)


def test_nothing_is_left_after_down(project: Project) -> None:
    project.run("up")
    project.run("down", "--kill-agents")
    listed = subprocess.run(["tmux", "-L", project.socket, "list-sessions"], capture_output=True, check=False)
    assert listed.returncode == 1
    assert project.ask("status")["project"]["controller"] is None


def test_agents_that_are_only_just_being_started_do_not_outlive_down(make_project: Make) -> None:
    project = make_project(children=("a", "b"))
    project.run("child", "rm", "b")  # this needs a controller, which begins with its agents
    project.run("down", "--kill-agents")
    assert project.ask("status")["project"]["controller"] is None

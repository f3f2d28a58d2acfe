"""kill -9 of anything, in the middle of a run: `tmuxorch up` goes on to the same end, and nothing happens twice."""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import PROBLEM, Project
from tests.waiting import until

SLOW = [Path(__file__).with_name("slow.yaml")]


def test_controller_tmux_and_app_server_are_killed_in_the_middle_of_the_story(make_project: Make) -> None:
    project = make_project(pace=0)
    project.run("run", PROBLEM, "--detach")
    for purpose in ("discover", "contracts"):
        until(partial(_sent, project, purpose), 60, f"a turn: {purpose}")
        _dies(project)
    project.answer(project.next("plan"))
    until(partial(_sent, project, "item"), 60, "a turn of an item")
    _dies(project)

    before = _pid(project)
    project.tmux("kill-server")
    asked = project.next("approval")
    project.run("exec", "Look around", status=3)
    assert _pid(project) == before, "controller and agents go on without windows"
    project.run("up")
    assert {"controller", "app-backend", "app-mobile"} <= set(project.windows())
    assert project.next("approval") == asked

    os.kill(project.server_pid("backend"), signal.SIGKILL)
    until(lambda: project.events("checkpoint_lapsed"), 30, "the end of what it asked")
    project.run("approve", asked["id"], status=3)
    pending = project.next("approval")
    assert pending["id"] != asked["id"]
    assert project.windows().count("app-backend") == 1

    _dies(project)
    assert project.next("approval") == pending, "Codex repeats its request; it is the same checkpoint"
    _ends_well(project)


def _dies(project: Project) -> None:
    """The controller is killed and brought back."""
    os.kill(_pid(project), signal.SIGKILL)
    project.run("up")


def _pid(project: Project) -> int:
    return int(project.call("status")["project"]["controller"]["pid"])


def _sent(project: Project, purpose: str) -> bool:
    """Whether a turn of that purpose was written ahead as sent."""
    ids = {event["id"] for event in project.events("turn_queued") if event["purpose"] == purpose}
    return any(event["id"] in ids for event in project.events("turn_sending"))


def _ends_well(project: Project) -> None:
    """Everything was done and answered once; only the turn of the server that was killed was sent twice."""
    project.play()
    assert project.run_object()["outcome"] == "succeeded"
    assert project.items_done() == {"1": 1, "2": 1, "3": 1, "4": 1}
    assert set(project.answers().values()) == {1}
    again = [event["id"] for event in project.events("turn_requeued")]
    assert len(again) == 1
    sent = [event["id"] for event in project.events("turn_sending")]
    assert [one for one in sent if sent.count(one) > 1] == again * 2


def test_windows_that_are_closed_and_what_is_left_after_down(make_project: Make) -> None:
    project = make_project(scenarios=SLOW, children=("a", "b"), screens=True)
    project.run("up")
    until(lambda: "overview" in project.windows(), 20, "the view")
    project.tmux("kill-window", "-t", ":overview")
    until(lambda: [e["key"] for e in project.events("window_closed")] == ["overview"], 20, "its end")
    worker = project.ask("exec", "--label", "long", "Take your time")
    until(lambda: project.events("worker_seen"), 30, "the worker's thread")
    project.tmux("kill-window", "-t", worker["window"])
    ended = project.ask("wait", worker["id"], status=1)[0]
    assert (ended["state"], ended["outcome"], ended["reason"]) == (
        "exited",
        "killed",
        "its window was closed",
    )
    assert "overview" not in project.windows(), "a view that was closed comes back with up alone"

    project.tmux("kill-server")
    project.run("up")
    until(lambda: _views(project) == ["checkpoints", "controller", "overview"], 20, "all views")

    project.run("down", "--kill-agents")
    _nothing_is_left(project)
    project.run("child", "rm", "b")  # this needs a controller, which begins with its agents
    project.run("down", "--kill-agents")
    _nothing_is_left(project)


def _views(project: Project) -> list[str]:
    return sorted(set(project.windows()) & {"overview", "checkpoints", "controller"})


def _nothing_is_left(project: Project) -> None:
    listed = subprocess.run(["tmux", "-L", project.socket, "list-sessions"], capture_output=True, check=False)
    assert listed.returncode == 1
    assert project.ask("status")["project"]["controller"] is None

"""Windows that somebody closes, and the end of everything."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import Project
from tests.waiting import until

SLOW = [Path(__file__).with_name("slow.yaml")]


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

    project.run("up")
    until(lambda: "overview" in project.windows(), 20, "the view")

    project.run("down", "--kill-agents")
    _nothing_is_left(project)
    project.run("child", "rm", "b")  # this needs a controller, which begins with its agents
    project.run("down", "--kill-agents")
    _nothing_is_left(project)


def _nothing_is_left(project: Project) -> None:
    listed = subprocess.run(["tmux", "-L", project.socket, "list-sessions"], capture_output=True, check=False)
    assert listed.returncode == 1
    assert project.ask("status")["project"]["controller"] is None

"""The overview in the session's own window, with the real controller and workers: what its keys do happens."""

from __future__ import annotations

from pathlib import Path

from tests import e2e
from tests.e2e.conftest import Make, make_project  # noqa: F401
from tests.e2e.project import Project
from tests.person import Person, at_terminal
from tests.screens.tmuxed import COMMAND
from tests.waiting import until

SLOW = Path(e2e.__file__).with_name("slow.yaml")


def test_a_worker_is_looked_at_stopped_and_run_again(make_project: Make) -> None:  # noqa: F811
    project = make_project(children=("backend",), scenarios=[SLOW], screens=True)
    project.run("up")
    worker = project.call("exec", task="Take your time", label="long", cd=str(project.directory))
    argv = [*COMMAND, "-C", str(project.directory), "attach", "overview"]
    with at_terminal(argv, env=project.environ) as person:
        person.sees("W1 long  running", "▸ · backend")
        person.presses("q")
        person.sees("this window stays")
        person.presses("t")
        person.sees("has no turn yet")
        person.presses("G", "Enter")
        until(lambda: _seen(project) == {worker["window"]}, what="the worker's window")
        project.tmux("select-window", "-t", ":=overview")
        person.sees("W1 long", "s stop")
        person.presses("s")
        person.sees("stop W1 long? y/n")
        person.presses("n")
        person.misses("y/n")
        assert project.call("status")["workers"][0]["state"] == "running"
        person.presses("s", "y")
        person.sees("W1 was stopped", "W1 long  cancelled")
        person.presses("r")
        person.sees("W2 does again what W1 did", "W2 long  running")
        again = project.call("status")["workers"][1]
        assert (again["id"], again["parent"], again["state"]) == ("W2", "W1", "running")
        _outlives_the_controller(person, project)


def _seen(project: Project) -> set[str]:
    """The windows that those who are attached see; the controller is attached too, and sees the same."""
    return set(project.tmux("list-clients", "-F", "#{window_id}").split())


def _outlives_the_controller(person: Person, project: Project) -> None:
    project.kill_controller()
    person.sees("the controller is not running · tmuxorch up", "W2 long")
    project.run("up")
    person.misses("tmuxorch up")
    project.call("stop", id="W2")
    person.sees("W2 long  cancelled")

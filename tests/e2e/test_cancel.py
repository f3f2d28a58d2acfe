"""Cancelling in the middle of the work: whatever runs is ended, whatever there is stays."""

from __future__ import annotations

from pathlib import Path

from tests import reaping
from tests.e2e.conftest import Make
from tests.e2e.project import Project
from tests.e2e.refusals import refused
from tests.waiting import until

TEAM = [Path(__file__).with_name("team.yaml")]
TERMINAL, CHECK = "sleep 71234", "sleep 71235"


def test_cancel_ends_what_runs_and_keeps_what_is_there(make_project: Make) -> None:
    project = make_project(scenarios=TEAM, children=("a", "b"))
    project.run("run", "lab: endless", "--yes", "--detach")
    until(lambda: (project.repos["a"] / "item-1.txt").exists(), 60, "the turn's command")
    until(lambda: _check_says(project, "looking"), 60, "the check")
    until(lambda: _alive() >= {TERMINAL, CHECK}, what="the commands")
    refused(
        project,
        "run",
        "another",
        status=3,
        says="R1 is still in its phase execute",
        hint="tmuxorch cancel R1",
    )

    project.run("cancel", "R1")
    assert project.run_object()["outcome"] == "cancelled"
    assert CHECK not in _alive()
    until(lambda: TERMINAL not in _alive(), what="the end of what the turn has left running")
    _turn_and_check_are_recorded_as_ended(project)
    assert [item["status"] for item in project.run_object()["items"]] == ["failed", "failed"]
    assert (project.repos["a"] / "item-1.txt").read_text() == "1\n"
    assert (project.repos["b"] / "item-2.txt").read_text() == "2\n"
    assert _check_says(project, "looking")
    assert (project.directory / "plan.md").read_text().count("| failed |") == 2

    assert project.run("run", "lab: four", "--detach") == "R2\n"
    project.next("plan")
    project.run("cancel", "R2")
    assert [run["outcome"] for run in project.ask("runs")] == ["cancelled", "cancelled"]


def _turn_and_check_are_recorded_as_ended(project: Project) -> None:
    turns = {event["id"] for event in project.events("turn_queued") if event["item"] == "1"}
    [turn] = [event for event in project.events("turn_ended") if event["id"] in turns]
    assert turn["outcome"] == "interrupted"
    [check] = [event for event in project.events("check_queued") if event["item"] == "2"]
    [ended] = [event for event in project.events("job_exited") if event["id"] == check["id"]]
    assert ended["outcome"] == "cancelled"
    assert (project.paths.check(check["id"]) / "exit.json").exists()


def _check_says(project: Project, words: str) -> bool:
    """Whether a check's output begins with that."""
    return any(words in path.read_text() for path in project.paths.checks.glob("K*/output.log"))


def _alive() -> set[str]:
    """The command lines that run in this test's home."""
    return set(reaping.processes_of(Path.home()).values())

"""The main job, end to end: what the demo shows, asserted from the journal, the repos and the files."""

from __future__ import annotations

import subprocess

from tests.e2e.project import PROBLEM, TEST, Project

CHILDREN = ("backend", "firmware", "mobile")

PLAN_HEADINGS = [
    "# Plan",
    "## Objective",
    "## Success Criteria",
    "## Child Context",
    "## Working Plan",
    "## Parallel Work",
    "## Human Checkpoints",
    "## Risks And Open Questions",
]

RUNS_HEADINGS = ["# Runs", "## Current Status", "## Active Child Sessions", "## Run Log"]

FIXED_WINDOWS = {"overview", "checkpoints", "orchestrator", "controller"}


def test_the_whole_story(project: Project) -> None:
    project.run("run", PROBLEM, "--detach")
    reviewer = project.start("exec", "--wait", "--role", "reviewer", "Review the timeouts")
    asked = project.play()
    out, err = reviewer.communicate(timeout=60)
    assert (reviewer.returncode, "(scripted)" in out) == (0, True), err

    assert sorted(asked) == ["approval", "human", "plan", "question"]
    run = project.run_object()
    assert (run["outcome"], run["phase"]) == ("succeeded", "ended")
    assert [item["status"] for item in run["items"]] == ["done"] * 4
    assert project.items_done() == {"1": 1, "2": 1, "3": 1, "4": 1}
    assert set(project.answers().values()) == {1}
    _checks_prove_it(project)
    _edits_came_through_apply_patch(project)
    _files_are_true(project)
    _windows_were_there(project)


def _checks_prove_it(project: Project) -> None:
    """Every repo's tests fail before and pass after; one item needed a second turn."""
    queued = {event["id"]: event for event in project.events("check_queued")}
    outcomes = {
        (queued[event["id"]]["stage"], queued[event["id"]]["child"], event["outcome"])
        for event in project.events("job_exited")
        if event["id"] in queued
    }
    assert {("before", child, "failed") for child in CHILDREN} <= outcomes
    assert {("after", child, "succeeded") for child in CHILDREN} <= outcomes
    assert ("item", "mobile", "failed") in outcomes
    assert [e["item"] for e in project.events("turn_queued") if e["purpose"] == "fix"] == ["3"]
    for repo in project.repos.values():
        subprocess.run(TEST.split(), cwd=repo, check=True, capture_output=True)


def _edits_came_through_apply_patch(project: Project) -> None:
    for child in CHILDREN:
        changed = {
            change["path"]
            for frame in project.frames(child)
            if frame.get("method") == "item/completed" and frame["params"]["item"]["type"] == "fileChange"
            for change in frame["params"]["item"]["changes"]
        }
        status = subprocess.run(
            ["git", "-C", project.repos[child], "status", "--porcelain", "-uall"],
            capture_output=True,
            text=True,
            check=True,
        )
        edited = {str(project.repos[child] / line[3:]) for line in status.stdout.splitlines()}
        assert edited, child
        assert edited <= changed


def _files_are_true(project: Project) -> None:
    plan = (project.directory / "plan.md").read_text().splitlines()
    assert [line for line in plan if line in PLAN_HEADINGS] == PLAN_HEADINGS
    runs = (project.directory / "runs.md").read_text().splitlines()
    assert [line for line in runs if line in RUNS_HEADINGS] == RUNS_HEADINGS
    for field in (
        "Timestamp",
        "Child",
        "Intent",
        "Result",
        "Tests / Checks",
        "Artifacts",
        "Resume",
        "Next Step",
    ):
        assert f"#### {field}" in runs
    assert (project.directory / ".orchestrator").is_symlink()
    report = project.run("report")
    assert project.paths.report("R1").read_text() == report
    assert "(scripted)" in report


def _windows_were_there(project: Project) -> None:
    names = set(project.windows())
    assert names >= FIXED_WINDOWS | {f"app-{child}" for child in CHILDREN}
    assert {name for name in names if name.startswith("W1-")}
    assert names >= {"check-before-1", "check-3-1", "check-3-2", "check-after-1"}

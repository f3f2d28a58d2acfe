"""The main job, end to end: what the demo shows, asserted from the journal, the repos and the files.

All the while something is killed by kill -9: `tmuxorch up` goes on to the same end, and nothing happens twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial

from tests.e2e import rollouts
from tests.e2e.checkout import git
from tests.e2e.conftest import Make
from tests.e2e.project import PROBLEM, TEST, Project
from tests.waiting import until

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


def test_the_whole_story_whatever_is_killed(make_project: Make) -> None:
    project = make_project(pace=0, screens=True)
    project.run("run", PROBLEM, "--detach")
    for purpose in ("discover", "contracts"):
        until(partial(_sent, project, purpose), 60, f"a turn: {purpose}")
        _the_controller_is_killed(project)
    project.answer(project.next("plan"))
    until(partial(_sent, project, "item"), 60, "a turn of an item")
    _the_controller_is_killed(project)
    assert "check-before-1" in project.windows()
    _tmux_is_killed(project)
    _an_app_server_is_killed(project)
    pending = project.next("approval")
    _the_controller_is_killed(project)
    assert project.next("approval") == pending, "Codex repeats its request; it is the same checkpoint"

    reviewer = project.start("exec", "--wait", "--role", "reviewer", "Review the timeouts")
    asked = project.play()
    out, err = reviewer.communicate(timeout=60)
    assert (reviewer.returncode, "(scripted)" in out) == (0, True), err
    assert sorted(asked) == ["approval", "human", "question"]
    run = project.run_object()
    assert (run["outcome"], run["phase"]) == ("succeeded", "ended")
    assert [item["status"] for item in run["items"]] == ["done"] * 4
    _nothing_happened_twice(project)
    _checks_prove_it(project)
    _edits_came_through_apply_patch(project)
    _files_are_true(project)
    _windows_were_there(project)


def _sent(project: Project, purpose: str) -> bool:
    """Whether a turn of that purpose was written ahead as sent."""
    ids = {event["id"] for event in project.events("turn_queued") if event["purpose"] == purpose}
    return any(event["id"] in ids for event in project.events("turn_sending"))


def _pid(project: Project) -> int:
    return int(project.call("status")["project"]["controller"]["pid"])


def _the_controller_is_killed(project: Project) -> None:
    os.kill(_pid(project), signal.SIGKILL)
    project.run("up")


def _tmux_is_killed(project: Project) -> None:
    """Controller and agents go on without windows, and get them back."""
    before = _pid(project)
    project.tmux("kill-server")
    asked = project.next("approval")
    project.run("exec", "Look around", status=3)
    assert _pid(project) == before
    project.run("up")
    wanted = FIXED_WINDOWS | {f"app-{child}" for child in CHILDREN}
    until(lambda: wanted <= set(project.windows()), what="their windows, which come back one by one")
    assert project.next("approval") == asked


def _an_app_server_is_killed(project: Project) -> None:
    """While it waits for an approval, which lapses; its turn is sent again and asks anew."""
    asked = project.next("approval")
    os.kill(project.server_pid("backend"), signal.SIGKILL)
    until(lambda: project.events("checkpoint_lapsed"), 30, "the end of what it asked")
    project.run("approve", asked["id"], status=3)
    assert project.next("approval")["id"] != asked["id"]
    assert project.windows().count("app-backend") == 1


def _nothing_happened_twice(project: Project) -> None:
    """But that the turn of the server that was killed was sent again."""
    assert project.items_done() == {"1": 1, "2": 1, "3": 1, "4": 1}
    assert set(project.answers().values()) == {1}
    again = [event["id"] for event in project.events("turn_requeued")]
    assert len(again) == 1
    sent = [event["id"] for event in project.events("turn_sending")]
    assert [one for one in sent if sent.count(one) > 1] == again * 2


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
        repo = project.repos[child]
        edited = {line[3:] for line in git(repo, "status", "--porcelain", "-uall").splitlines()}
        assert edited, child
        assert edited <= rollouts.patched(project, repo)


def _files_are_true(project: Project) -> None:
    plan = (project.directory / "plan.md").read_text().splitlines()
    assert [line for line in plan if line in PLAN_HEADINGS] == PLAN_HEADINGS
    runs = project.runs_md().splitlines()
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
    assert names >= {"check-3-1", "check-3-2", "check-after-1"}

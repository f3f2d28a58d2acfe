"""A plan that somebody edited at the gate is what is executed, to the letter."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import Project
from tests.waiting import until

TEAM = [Path(__file__).with_name("team.yaml")]

ADDED = """\

### Item 5: the fifth

- **Scope:** `.`
- **Instructions:** Write it.
"""


def test_a_plan_edited_by_hand_at_the_gate_is_what_is_executed(make_project: Make) -> None:
    project = make_project(scenarios=TEAM, extra="commit: item\n", children=("a", "b"))
    for repo in project.repos.values():
        git(
            repo,
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=a@example.com",
            *("commit", "-qm", "begin"),
            "--allow-empty",
        )
    project.run("run", "lab: four", "--detach")
    gate = project.next("plan")
    _edit(project)
    project.run("approve", gate["id"])
    until(project.has_ended, 60, "the end of R1")

    assert project.run_object()["outcome"] == "succeeded"
    assert project.items_done() == dict.fromkeys("1345", 1)
    turns = [(event["item"], event["agent"]) for event in project.events("turn_queued") if event["item"]]
    assert sorted(turns) == [("1", "a"), ("3", "a"), ("4", "a"), ("5", "b")]
    checks = {
        (event["item"], event["child"], event["command"])
        for event in project.events("check_queued")
        if event["stage"] == "item"
    }
    assert checks == {
        ("1", "a", "test -e item-1.txt"),
        ("3", "a", "grep -qx 3 item-3.txt"),
        ("4", "a", "test -e item-4.txt"),
        ("5", "b", "test -e item-5.txt"),
    }
    a, b = project.repos.values()
    assert git(a, "ls-files").split() == ["item-1.txt", "item-3.txt", "item-4.txt"]
    assert git(b, "ls-files").split() == ["item-5.txt"]
    for repo, items in ((a, "134"), (b, "5")):
        committed = git(
            repo, "log", "--format=%(trailers:key=Tmuxorch-Item,valueonly,separator=%x2C)"
        ).split()
        assert sorted(committed) == [f"R1/{item}" for item in items]


def _edit(project: Project) -> None:
    """One item less, one more, another owner, another command."""
    plan = project.directory / "plan.md"
    lines = plan.read_text().splitlines(keepends=True)
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ")}
    text = "".join(line for line in lines if line != rows["2"])
    before, _, rest = text.partition("### Item 2: ")
    text = before + "### Item " + rest.partition("### Item ")[2]
    row = rows["3"].replace("test -e", "grep -qx 3")
    text = text.replace(rows["3"], row)
    text = text.replace(
        rows["4"],
        rows["4"].replace("| b | 2 |", "| a | 1 |") + rows["1"].replace("1", "5").replace("| a |", "| b |"),
    )
    before, heading, rest = text.partition("\n## Parallel Work")
    plan.write_text(before + ADDED + heading + rest)


def git(repo: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", repo, *words], capture_output=True, text=True, check=True).stdout

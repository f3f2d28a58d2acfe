"""The script of docs/lead.md leads a run, to the letter: with the SDK's client, and no model of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import Make
from tests.ledger.test_docs import fenced

SCENARIO = Path(__file__).with_name("lead_script.yaml")


def test_the_script_leads_a_run(make_project: Make) -> None:
    project = make_project(scenarios=[SCENARIO], children=("a", "b"))
    project.run("up")
    (script,) = fenced("docs/lead.md", "python")
    bin_first = f"{Path(sys.executable).parent}{os.pathsep}{project.environ['PATH']}"
    leading = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script],
        cwd=project.directory,
        env={**project.environ, "PATH": bin_first},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    plan = project.next("plan")
    assert project.events("items_ordered") == []
    project.run("approve", plan["id"])
    out, err = leading.communicate(timeout=120)
    assert (leading.returncode, err) == (0, ""), out

    run = project.run_object()
    assert (run["outcome"], [item["status"] for item in run["items"]]) == ("succeeded", ["done", "done"])
    assert f"a person has to accept the plan: tmuxorch approve {plan['id']}" in out
    report = project.paths.report("R1")
    assert out.endswith(f"succeeded {report}\n")
    assert "Written down by: a, b." in report.read_text()
    assert {(repo / "README.md").read_text() for repo in project.repos.values()} == {
        "Tests: python3 -m unittest\n"
    }
    assert [event["by"] for event in project.events("items_ordered")] == ["mcp (mcp)"]

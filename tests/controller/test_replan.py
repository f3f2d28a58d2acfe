"""A contract that changes in the middle: who uses it waits, the lead proposes another plan, a human takes it."""

from __future__ import annotations

from tests.controller.test_checkpoints import answered, asked
from tests.controller.test_plan_edits import edit, plan
from tests.e2e.project import Project
from tests.waiting import until


def test_a_changed_contract_changes_the_plan_when_a_human_takes_it(lab: Project) -> None:
    run = lab.call("run", problem="lab: contract", children=["app", "other"])["id"]
    gate = asked(lab, "plan")
    assert "contract token: app → other" in gate["body"]
    assert "- **Status:** proposed" in plan(lab)
    answered(lab, gate, "accept")

    change = asked(lab, "plan")
    assert change["title"] == f"a change of the plan of {run}"
    assert change["body"].splitlines() == [
        "Why:",
        "  the contract token was changed by item 1: it expires",
        "",
        "What changes:",
        "  item 2: instructions Use it. → Use it before it expires.",
        "  contract token: shape {token} → {token, until}",
    ]
    assert change["blocks"] == ["2"]
    until(lambda: "| 1 | app |  | done |" in plan(lab), what="the end of item 1, which nothing holds")
    assert "| 2 | other |  | pending |" in plan(lab)
    assert "- **Status:** changed" in plan(lab)
    refused = [event["problems"] for event in lab.events("replan_refused")]
    assert refused == [["item 1 has begun and cannot be changed"]]

    edit(lab, ("`echo two`", "`echo zwei`"))
    answered(lab, change, "accept")
    assert lab.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    assert "- **Status:** kept" in plan(lab)
    assert "- **Shape:** {token, until}" in plan(lab)
    commands = [event["command"] for event in lab.events("check_queued") if event["run"] == run]
    assert (commands.count("echo two"), "echo zwei" in commands) == (0, True)
    told = [
        event["summary"] for event in lab.events("item_moved") if event["run"] == run and event["summary"]
    ]
    assert told[-1] == "Use it before it expires. token: {token, until}"
    assert [event["reason"] for event in lab.events("item_flagged")] == [
        "the contract token was changed by item 1: it expires",
        "",
    ]
    record = (lab.directory / "runs.md").read_text()
    assert "item 2: instructions Use it. → Use it before it expires." in record

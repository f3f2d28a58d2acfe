"""What plan.md says is what is executed: edits by hand at the gate, during the work, and while nobody looks; and what
the lead proposes instead, once a human takes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.controller.conftest import Begin
from tests.controller.test_checkpoints import answered, asked
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.errors import Refused

Gated = Callable[..., tuple[str, Json]]

FOREIGN = "\n## Notes of mine  \n\nkeep <b>this</b>\tas it is\n\n\n"


@pytest.fixture
def gated(lab: Project, begin: Begin) -> Gated:
    """Starts a run and waits at the gate of its plan of three items; the run and the gate. plan.md has it by then."""

    def start(name: str = "three") -> tuple[str, Json]:
        run = begin(name, gate=True)
        gate = asked(lab, "plan")
        assert "| 3 | app | 1 | pending |" in plan(lab)
        return run, gate

    return start


def plan(lab: Project) -> str:
    """plan.md as it is."""
    return (lab.directory / "plan.md").read_bytes().decode()


def edit(lab: Project, *changes: tuple[str, str]) -> None:
    """Edits plan.md as an editor does: reads it, changes it, writes it."""
    text = plan(lab)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (lab.directory / "plan.md").write_bytes(text.encode())


def accepted(lab: Project, gate: Json) -> None:
    """Accepts the plan as plan.md has it by now."""
    assert lab.call("answer", id=gate["id"], choice="accept")["state"] == "closed"


def executed(lab: Project, run: str) -> tuple[list[str], list[str]]:
    """After the run's end: titles of the items that were worked on, and the commands that proved them."""
    assert lab.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    turns = [event for event in lab.events("turn_queued") if event["run"] == run]
    (now,) = (one for one in lab.call("runs") if one["id"] == run)
    titles = {item["item"]: item["title"] for item in now["items"]}
    checks = [
        event for event in lab.events("check_queued") if (event["run"], event["stage"]) == (run, "item")
    ]
    worked = [titles[event["item"]] for event in turns if event["purpose"] == "item"]
    return worked, [event["command"] for event in checks]


def edited(lab: Project, run: str) -> bool:
    """Whether an edit of the run's plan was recorded."""
    return any(event["run"] == run for event in lab.events("plan_edited"))


SECOND = "| 2 | app | 1 | pending | `echo two` |\n"


def test_an_edit_at_the_gate_is_what_is_executed_even_if_it_is_accepted_at_once(
    lab: Project, gated: Gated
) -> None:
    run, gate = gated()
    _one_that_is_taken_back_is_an_edit_too(lab, run)
    _a_broken_one_is_told_stays_in_the_file_and_cannot_be_accepted(lab, gate)
    detail = "### Item 2: two\n\n- **Scope:** `.`\n- **Instructions:** Do two.\n"
    edit(lab, (SECOND, ""), (detail, ""), ("`echo three`", "`echo drei`"), ("Item 1: one", "Item 1: uno"))
    with (lab.directory / "plan.md").open("a") as file:
        file.write(FOREIGN)
    with pytest.raises(Refused, match=f"{gate['id']} has changed since it was shown"):
        answered(lab, gate, "accept")
    assert "item 1: uno (app)" in lab.call("show", id=gate["id"])["body"]
    accepted(lab, gate)
    assert executed(lab, run) == (["uno", "three"], ["echo one", "echo drei"])
    assert plan(lab).endswith(FOREIGN)


def _one_that_is_taken_back_is_an_edit_too(lab: Project, run: str) -> None:
    before = plan(lab)
    edit(lab, ("`echo one`", "`echo eins`"))
    until(lambda: edited(lab, run), what="the edit")
    (lab.directory / "plan.md").write_bytes(before.encode())


def _a_broken_one_is_told_stays_in_the_file_and_cannot_be_accepted(lab: Project, gate: Json) -> None:
    edit(lab, ("| 3 | app | 1 |", "| 3 | nobody | 1 |"))
    broken = plan(lab)
    refused = lab.start("approve", gate["id"], "--json")
    error = json.loads(refused.communicate(timeout=30)[0])["error"]
    assert refused.returncode == 3
    assert "item 3: unknown owner 'nobody'" in error["message"]
    assert error["hint"] == "tmuxorch plan validate"
    assert lab.call("show", id=gate["id"])["state"] == "open"
    assert any("nobody" in problem for problem in lab.call("plan")["problems"])
    assert plan(lab) == broken
    edit(lab, ("| 3 | nobody | 1 |", "| 3 | app | 1 |"))


def test_an_edit_during_the_work_counts_for_what_has_not_begun_and_one_after_it_stays(
    lab: Project, gated: Gated
) -> None:
    run, gate = gated("three-waits")
    accepted(lab, gate)
    approval = asked(lab, "approval")
    edit(lab, ("`echo two`", "`echo zwei`"), ("| 3 | app | 1 |", "| 3 | app | 2 |"))
    until(lambda: edited(lab, run), what="the edit")
    edit(lab, ("`echo one`", "`true`"))
    broken = plan(lab)
    until(
        lambda: lab.call("plan")["problems"] == ["item 1 has begun and cannot be changed"], what="the refusal"
    )
    answered(lab, approval, "accept")
    assert executed(lab, run) == (["one-waits", "two", "three"], ["echo one", "echo zwei", "echo three"])
    assert plan(lab) == broken

    edit(lab, ("(scripted) three", "for next time"))
    theirs = plan(lab)
    lab.call("child_restart", name="app")
    lab.run("down")
    lab.run("up")
    assert plan(lab) == theirs


def test_an_edit_while_the_controller_is_down_counts_after_up(lab: Project, gated: Gated) -> None:
    run, gate = gated()
    lab.run("down")
    edit(lab, ("`echo two`", "`echo zwei`"))
    lab.run("up")
    lab.kill_controller()
    edit(lab, ("`echo three`", "`echo drei`"))
    lab.run("up")
    accepted(lab, gate)
    assert executed(lab, run)[1] == ["echo one", "echo zwei", "echo drei"]


def test_a_changed_contract_changes_the_plan_when_a_human_takes_it(lab: Project) -> None:
    """A contract that changes in the middle: who uses it waits, the lead proposes another plan."""
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
    record = lab.runs_md()
    assert "item 2: instructions Use it. → Use it before it expires." in record

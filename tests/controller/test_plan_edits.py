"""What plan.md says is what is executed: edits by hand at the gate, during the work, and while nobody looks."""

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
    assert lab.call("wait_run", id=run, timeout=30)["outcome"] == "succeeded"
    turns = [event for event in lab.events("turn_queued") if event["run"] == run]
    titles = {item["item"]: item["title"] for item in lab.run_object(run)["items"]}
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


def test_a_broken_edit_is_told_stays_in_the_file_and_cannot_be_accepted(lab: Project, gated: Gated) -> None:
    run, gate = gated()
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
    edit(lab, ("| 3 | nobody | 1 |", "| 3 | app | 2 |"))
    accepted(lab, gate)
    assert executed(lab, run)[0] == ["one", "two", "three"]


def test_an_edit_during_the_work_counts_for_what_has_not_begun(lab: Project, gated: Gated) -> None:
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


def test_an_edit_that_is_taken_back_is_an_edit_too(lab: Project, gated: Gated) -> None:
    run, gate = gated()
    before = plan(lab)
    edit(lab, ("`echo two`", "`echo zwei`"))
    until(lambda: edited(lab, run), what="the edit")
    (lab.directory / "plan.md").write_bytes(before.encode())
    accepted(lab, gate)
    assert executed(lab, run)[1] == ["echo one", "echo two", "echo three"]


def test_what_is_written_there_after_the_run_stays(lab: Project, gated: Gated) -> None:
    _, gate = gated()
    answered(lab, gate, "decline")
    edit(lab, ("(scripted) three", "for next time"))
    theirs = plan(lab)
    lab.run("child", "restart", "app")
    lab.run("down")
    lab.run("up")
    assert plan(lab) == theirs


@pytest.mark.parametrize("ended", ["down", "killed"])
def test_an_edit_while_the_controller_is_down_counts_after_up(lab: Project, gated: Gated, ended: str) -> None:
    run, gate = gated()
    if ended == "down":
        lab.run("down")
    else:
        lab.kill_controller()
    edit(lab, ("`echo two`", "`echo zwei`"))
    lab.run("up")
    accepted(lab, gate)
    assert executed(lab, run)[1] == ["echo one", "echo zwei", "echo three"]

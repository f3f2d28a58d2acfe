"""`codex exec` with the skill leads the whole kickoff: briefs, plan, gate, items, a pattern, a human, the report."""

from __future__ import annotations

import getpass
import json

import pytest

from tests.e2e import leading
from tests.e2e.conftest import Make
from tests.e2e.leading import CLIENT, DEVICE
from tmuxorch.demo.stories import LEAD
from tmuxorch.skill.files import OWN

PERSON = getpass.getuser()

HAPPENED = [
    f"run of {CLIENT}",
    "plan_proposed",
    "plan of orchestrator",
    f"answer of {PERSON} (checkpoints window",
    f"human of {CLIENT}",
    f"{CLIENT} orders 1",
    "item 1 working",
    "item 1 checking",
    "item 1 done",
    "pattern_started",
    "pattern succeeded",
    f"answer of {PERSON} (command line",
    "item 2 working",
    "item 2 checking",
    "item 2 done",
    "run_ended",
    "report",
]
"""In this order; other things may be between. The item 2 was let begin before, and waits for the human."""

CALLED = [
    "status",
    "start_run",
    "get_briefs",
    "propose_plan",
    "propose_plan",
    "ask_human",
    "start_items",
    "run_pattern",
]
CALLED += ["start_items", "wait_for", "get_result", "get_checkpoint", "report_run"]

WAITS = 9
"""For what matters: the briefs, the gate, an approval and the end of an item, the pattern, the human, a question and
the end of the other item, the end. What else happens ends no wait."""

WRONG = """\
item 1: unknown owner 'back-end'; the children are: backend, firmware (and orchestrator for human tasks)
item 2: it depends on '0', which is no item"""


def test_a_codex_that_was_told_to_use_the_skill_leads_the_run(
    make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = leading.requests(monkeypatch)
    project = make_project(story=LEAD, pace=0, screens=True)
    leading.installs(project)
    project.run("up")
    with leading.leads(project, leading.kickoff(project)) as lead:
        leading.approves(project)
        leading.ends(project)
        assert lead.ends().startswith("(scripted) R1 is over")

    mine = [body for body in asked if "Use $tmuxorch" in json.dumps(body["input"])]
    told = json.dumps(mine[0]["input"], ensure_ascii=False)
    assert json.dumps((OWN / "SKILL.md").read_text(), ensure_ascii=False)[1:-1] in told
    done = [item for item in lead.items if item["type"] == "mcp_tool_call" and item["status"] == "completed"]
    assert [tool for tool in lead.tools if tool != "wait_for_events"] == CALLED
    assert lead.tools.count("wait_for_events") <= WAITS
    (refused,) = (item for item in lead.items if item.get("status") == "failed")
    assert refused["result"]["content"][0]["text"].startswith(WRONG)
    assert all(item["result"]["structured_content"] for item in done)
    _it_happened_in_order(leading.happened(project))
    leading.done_and_checked(project)
    report = project.run("report")
    assert "fails because three fixed times do not fit each other" in report
    assert f"The device to flash is {DEVICE}" in report


def _it_happened_in_order(happened: list[str]) -> None:
    rest = iter(happened)
    for step in HAPPENED:
        assert any(said.startswith(step) for said in rest), f"no {step!r} in its place: {happened}"
    assert sorted(one for one in happened if one.startswith("brief")) == [
        "brief of backend",
        "brief of firmware",
    ]
    assert [happened.count(one) for one in ("plan_proposed", "pattern_started", "report")] == [1, 1, 1]

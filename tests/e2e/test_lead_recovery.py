"""A lead that is killed in the midst of its run is followed by one that knows nothing, and nothing is done twice."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from tests.e2e import leading
from tests.e2e.conftest import Make
from tests.e2e.leading import CLIENT
from tests.waiting import until
from tmuxorch.demo import scenario
from tmuxorch.demo.stories import LEAD

HELD = "until test -e go; do sleep 0.05; done"
"""What reviewers wait for, in `repos`: until then they are at work."""

ONCE = (
    "run of",
    "plan_proposed",
    "human of",
    "pattern_started",
    "item 1 done",
    "item 2 done",
    "run_ended",
    "report",
)


def held() -> scenario.Scenario:
    """The story's answers; reviewers wait."""
    wait = [scenario.Command(cmd=HELD, yield_ms=30_000, until="exited with code 0")]
    rules = scenario.load(LEAD.scripts).rules
    return scenario.Scenario(
        rules=[replace(one, steps=[wait, *one.steps]) if "LENS" in one.match else one for one in rules]
    )


def test_a_fresh_thread_goes_on_with_the_run_from_its_files_and_one_call(
    make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = leading.requests(monkeypatch)
    project = make_project(story=LEAD, rules=held())
    leading.installs(project)
    project.run("up")

    with leading.leads(project, leading.kickoff(project)):
        project.run("approve", leading.waits(project, "plan")["id"])
        project.answer(leading.waits(project, "approval"))
        until(lambda: len(project.events("worker_seen")) == 2, 60, "two reviewers at work")
        until(lambda: len(project.events("items_ordered")) == 2, what="the word to begin item 2")
    assert project.items_done() == {"1": 1}
    before = len(asked)

    with leading.leads(project, "Use $tmuxorch. Go on.") as lead:
        until(lambda: "wait_for" in lead.tools, 60, "a lead that waits for the reviewers")
        (project.directory / "repos" / "go").touch()
        leading.ends(project)
        said = lead.ends()

    assert said.startswith(
        "(scripted) R1 is over. It was about this: (scripted) A registration is answered at once"
    )
    assert [tool for tool in lead.tools if tool != "wait_for_events"] == [
        "status",
        "wait_for",
        "get_result",
        "report_run",
    ]
    mine = [json.dumps(body["input"]) for body in asked[before:] if "Go on." in json.dumps(body["input"])]
    assert "Connecting a new device" not in mine[0]
    assert f'"led_by":"{CLIENT}"' in mine[-1].replace("\\", "")
    happened = leading.happened(project)
    counted = {start: sum(one.startswith(start) for one in happened) for start in ONCE}
    assert counted == dict.fromkeys(ONCE, 1)
    assert project.run_object()["outcome"] == "succeeded"
    assert "knew nothing of R1" in project.run("report")

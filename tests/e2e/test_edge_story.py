"""The checkout story from a kickoff file, in worktrees: contracts, a parallel pair, a contract that changes in the
middle, a change of the plan, an instruction that ends a failing check, a human task. Asserted from journal, repos
and files, not from words. docs/runs.md tells it, and is held to it.

Once as it is, and once with the controller killed between the steps: nothing is lost, and nothing happens twice.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.controller.test_plan_edit_command import editor
from tests.demo.test_checkout_story import assert_checkouts_work
from tests.e2e import pasted, rollouts
from tests.e2e.checkout import (
    BRANCH,
    INSTRUCTION,
    SEEN,
    asked,
    git,
    kickoff,
    place_of,
    shell,
    side_by_side,
    somebody_is_at_work,
    state_of_repos,
    work_is_committed_where_it_belongs,
)
from tests.e2e.conftest import Make
from tests.e2e.excerpts import Excerpts
from tests.e2e.project import TEST, Project
from tests.waiting import until
from tmuxorch.demo.stories import CHECKOUT

CONTRACT = "checkout answer"
TOPICS = ["place", "history", "docs", "code"]


class Kills:
    """The controller is killed and brought back if it `happens`."""

    def __init__(self, happens: bool) -> None:
        self._happens = happens

    def now(self, project: Project) -> None:
        if self._happens:
            project.kill_controller()
            project.run("up")

    def when(self, project: Project, kind: str, item: str = "") -> None:
        """As soon as that is recorded."""

        def recorded() -> bool:
            return any(item in ("", event.get("item")) for event in project.events(kind))

        until(recorded, 60, f"{kind} {item}")
        self.now(project)


@pytest.fixture(params=[False, True], ids=["as it is", "with kills"])
def kills(request: pytest.FixtureRequest) -> Kills:
    """How the controller is killed, or left alone, between the steps."""
    return Kills(request.param)


def test_the_checkout_story(make_project: Make, kills: Kills) -> None:
    project = make_project(name="my shop", story=CHECKOUT, pace=0, rules=side_by_side())
    told = Excerpts(project)
    before = somebody_is_at_work(project)
    project.run("run", "-f", kickoff(project), "--detach")

    gate = asked(project, "plan")
    _the_plan_is_what_was_asked_for(project)
    told.keep("plan.md at the gate", (project.directory / "plan.md").read_text())
    told.keep_output("show", gate["id"])
    project.run("approve", gate["id"])
    kills.when(project, "place_recorded")
    kills.when(project, "contract_changed")

    proposal = asked(project, "replan")
    _only_the_users_of_the_contract_wait(project)
    told.keep_output("status")
    told.keep_output("show", proposal["id"])
    kills.now(project)
    assert asked(project, "replan") == proposal
    told.keep("tmuxorch plan edit", project.run("plan", "edit", env=editor("-q tests.test_log=>-q")))
    project.run("approve", proposal["id"])
    kills.when(project, "work_committed", item="4")

    failing = asked(project, "item")
    assert failing["item"] == "3"
    told.keep_output("show", failing["id"])
    project.run("answer", failing["id"], "instruct", INSTRUCTION)
    kills.now(project)
    kills.when(project, "work_committed", item="3")

    task = asked(project, "human")
    assert task["item"] == "6"
    told.keep_output("show", task["id"])
    assert f"frontend  {place_of(project, 'frontend')}  (branch {BRANCH})" in task["body"]
    preview = shell("python3 tools/preview.py 422", place_of(project, "frontend"))
    assert "3 things to mend" in preview
    project.run("answer", task["id"], SEEN)
    until(project.has_ended, 60, "the end of R1")

    assert project.run_object()["outcome"] == "succeeded"
    _nothing_happened_twice(project)
    _repos_were_understood_in_order(project)
    _the_contract_changed_and_the_plan_followed(project)
    _frontend_and_edge_worked_side_by_side(project)
    _an_instruction_ended_the_failing(project)
    work_is_committed_where_it_belongs(project)
    assert state_of_repos(project) == before, "nothing of anybody's own work was touched"
    _files_are_true(project)
    _the_document_is_true(project, told)
    pasted.resume_commands_work(project)
    _merging_as_told_makes_the_tests_pass(project)


# -- before and while it runs


def _the_plan_is_what_was_asked_for(project: Project) -> None:
    """The kickoff's requests are items, the contracts are in the plan and in plan.md; nothing is written yet."""
    [started] = project.events("run_started")
    assert sorted(started["children"]) == ["backend", "edge", "frontend"]
    assert started["problem"].startswith("a customer who mistypes something")
    assert [request["kind"] for request in started["requests"]] == ["logging", "pre-tests"]
    plan = project.events("plan_proposed")[-1]["plan"]
    assert {item["id"]: item["requests"] for item in plan["items"] if item["requests"]} == {
        "1": ["pre-tests"],
        "5": ["logging"],
    }
    assert [one["name"] for one in plan["contracts"]] == [CONTRACT, "session header"]
    written = (project.directory / "plan.md").read_text()
    parallel = written.partition("## Parallel Work\n")[2].partition("\n## ")[0]
    assert f"### Contract {CONTRACT}\n" in parallel
    assert "{errors: {<field>: <message>}}" in parallel
    assert not any(event["writes"] for event in project.events("turn_queued"))
    assert not project.events("place_recorded")


def _only_the_users_of_the_contract_wait(project: Project) -> None:
    """Until somebody decides on the change of the plan; the rest goes on."""
    until(lambda: project.items_done() == {"1": 1, "2": 1}, 30, "the items that use no contract")
    assert {event["item"] for event in project.events("turn_queued") if event["item"]} == {"1", "2"}
    [wanted] = project.events("replan_wanted")
    assert set(wanted["holds"]) == {"3", "4", "5"}


# -- what was recorded


def _nothing_happened_twice(project: Project) -> None:
    assert project.items_done() == dict.fromkeys("1234567", 1)
    assert set(project.answers().values()) == {1}
    for kind, what in (("turn_sending", "id"), ("work_committed", "item"), ("replan_wanted", "type")):
        assert set(Counter(event[what] for event in project.events(kind)).values()) == {1}, kind


def _repos_were_understood_in_order(project: Project) -> None:
    for child in project.repos:
        asked = [event for event in project.events("turn_queued") if event["agent"] == child]
        assert [event["topic"] for event in asked if event["purpose"] == "discover"] == TOPICS
        assert not any(event["writes"] for event in asked if event["purpose"] in ("discover", "brief"))


def _the_contract_changed_and_the_plan_followed(project: Project) -> None:
    [changed] = project.events("contract_changed")
    assert changed["contract"] == CONTRACT
    assert "errors: [{field, message}" in changed["shape"]
    flags = [(event["item"], bool(event["reason"])) for event in project.events("item_flagged")]
    assert sorted(item for item, flagged in flags if flagged) == ["3", "4", "5"]
    assert sorted(item for item, flagged in flags if not flagged) == ["3", "4", "5"]

    old, new = project.events("plan_proposed")[-1]["plan"], project.events("plan_edited")[-1]["plan"]
    [settled] = project.events("replan_settled")
    assert settled["accepted"]
    assert [project.events(kind)[0]["type"] for kind in ("replan_asked", "replan_proposed")]
    before, after = ({item["id"]: item for item in plan["items"]} for plan in (old, new))
    assert after.keys() - before.keys() == {"7"}
    assert {name for name in before if before[name] != after[name]} == {"3", "5", "6"}
    assert "errors is a list" in after["3"]["instructions"]

    order = [event["type"] for event in project.events()]
    begun = [
        place for place, event in enumerate(project.events()) if event.get("item") in ("3", "4", "5", "7")
    ]
    turns = [place for place in begun if order[place] == "turn_queued"]
    assert turns
    assert min(turns) > order.index("replan_settled")


def _frontend_and_edge_worked_side_by_side(project: Project) -> None:
    """Both turns were on their way at once; never two turns of one child."""
    events = project.events()
    turns = {event["id"]: event for event in events if event["type"] == "turn_queued"}
    active: list[str] = []
    pairs = set()
    for event in events:
        if event["type"] == "turn_started":
            active.append(event["id"])
            agents = [turns[name]["agent"] for name in active]
            assert len(set(agents)) == len(agents), "one turn per child"
            pairs.add(frozenset(turns[name]["item"] for name in active))
        elif event["type"] == "turn_ended" and event["id"] in active:
            active.remove(event["id"])
    assert frozenset("34") in pairs


def _an_instruction_ended_the_failing(project: Project) -> None:
    queued = {event["id"]: event for event in project.events("check_queued")}
    outcomes = [
        event["outcome"]
        for event in project.events("job_exited")
        if event["id"] in queued
        and (queued[event["id"]]["stage"], queued[event["id"]]["item"]) == ("item", "3")
    ]
    assert outcomes == ["failed", "failed", "succeeded"]
    purposes = [event["purpose"] for event in project.events("turn_queued") if event["item"] == "3"]
    assert purposes == ["item", "fix", "item"]
    [fix] = rollouts.told(project, "# tmuxorch: fix item 3")
    assert "AssertionError: '<b>' unexpectedly found in" in fix, "the real output"
    assert [INSTRUCTION in text for text in rollouts.told(project, "# tmuxorch: item 3")] == [False, True]
    for child in project.repos:
        stages = {
            (queued[event["id"]]["stage"], event["outcome"])
            for event in project.events("job_exited")
            if event["id"] in queued and queued[event["id"]]["child"] == child
        }
        assert stages >= {("before", "failed"), ("after", "succeeded")}


# -- what is told


def _files_are_true(project: Project) -> None:
    recorded = {event["item"]: event["commit"] for event in project.events("work_committed")}
    report = project.run("report")
    assert project.paths.report("R1").read_text() == report
    for item, commit in recorded.items():
        assert commit[:7] in report, f"the commit of item {item}"
    assert INSTRUCTION in report
    assert SEEN in report
    plan = (project.directory / "plan.md").read_text()
    assert plan.count("| done |") == 7
    assert "errors: [{field, message}" in plan
    assert re.findall(r"^- \*\*Status:\*\* (.*)", plan, re.M) == ["kept", "agreed"], "of the two contracts"
    runs = project.runs_md()
    sessions = runs.partition("## Active Child Sessions\n")[2].partition("## Run Log\n")[0]
    assert "The page begins with how many things are to be mended. |" in sessions
    assert "contract_changes" not in runs
    assert CONTRACT in runs
    assert INSTRUCTION in runs


def _the_document_is_true(project: Project, told: Excerpts) -> None:
    """docs/runs.md: what was kept on the way, and what there is now."""
    told.keep("kickoff.md", CHECKOUT.kickoff)
    told.keep("orchestrator.config.yaml", CHECKOUT.config)
    told.keep("runs.md", project.runs_md())
    [item] = rollouts.told(project, "# tmuxorch: item 1")
    told.keep("what edge is told of item 1", item)
    [commit] = [event["commit"] for event in project.events("work_committed") if event["item"] == "2"]
    message = git(project.repos["backend"], "log", "-1", "--format=%B", commit)
    told.keep("the commit of item 2", message)
    told.keep_output("report")
    told.hold()


def _merging_as_told_makes_the_tests_pass(project: Project) -> None:
    """The commands of the report as they stand there, once the user's own work is out of the way."""
    repo = project.repos["frontend"]
    git(repo, "-c", "user.name=Jon", "-c", "user.email=j@example.com", "stash", "push", "-q", "-u")
    commands = pasted.merge_commands(project.run("report"))
    merged = [Path(shlex.split(line)[2]).name for line in commands.splitlines() if " merge " in line]
    assert (merged[0], sorted(merged[1:])) == ("backend", ["edge", "frontend"]), "in the order of dependency"
    places = [place_of(project, child) for child in project.repos]
    identity = {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Jon"}
    identity |= {"GIT_CONFIG_KEY_1": "user.email", "GIT_CONFIG_VALUE_1": "j@example.com"}
    env = {**project.environ, **identity}
    subprocess.run(["sh", "-ec", commands], cwd="/", env=env, check=True, capture_output=True)
    assert not any(place.exists() for place in places), "the worktrees are gone"
    for repo in project.repos.values():
        assert git(repo, "rev-parse", "--abbrev-ref", "HEAD") == "main\n"
        git(repo, "merge-base", "--is-ancestor", BRANCH, "main")
        shell(TEST, repo)
    assert_checkouts_work(project.repos)

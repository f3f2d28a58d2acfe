"""kill -9 of the controller between the steps of the checkout story: nothing is lost, nothing happens twice."""

from __future__ import annotations

from collections import Counter

from tests.e2e.checkout import (
    INSTRUCTION,
    SEEN,
    asked,
    kickoff,
    somebody_is_at_work,
    state_of_repos,
    work_is_committed_where_it_belongs,
)
from tests.e2e.conftest import Make
from tests.e2e.project import Project
from tests.waiting import until
from tmuxorch.demo.stories import CHECKOUT


def test_places_contracts_changes_of_the_plan_and_commits_survive(make_project: Make) -> None:
    project = make_project(story=CHECKOUT, pace=0)
    before = somebody_is_at_work(project)
    project.run("run", "-f", kickoff(project), "--yes", "--detach")
    _dies_when(project, "place_recorded")
    _dies_when(project, "contract_changed")
    proposal = asked(project, "replan")
    _dies(project)
    assert asked(project, "replan") == proposal
    project.run("approve", proposal["id"])
    _dies(project)
    _dies_when(project, "work_committed", item="4")
    project.run("answer", asked(project, "item")["id"], "instruct", INSTRUCTION)
    _dies(project)
    _dies_when(project, "work_committed", item="3")
    project.run("answer", asked(project, "human")["id"], SEEN)
    until(project.has_ended, 60, "the end of R1")

    assert project.run_object()["outcome"] == "succeeded"
    assert project.items_done() == dict.fromkeys("1234567", 1)
    assert set(project.answers().values()) == {1}
    work_is_committed_where_it_belongs(project)
    assert state_of_repos(project) == before
    for kind in ("contract_changed", "replan_wanted", "replan_settled"):
        assert len(project.events(kind)) == 1, kind
    committed = Counter(event["item"] for event in project.events("work_committed"))
    assert set(committed.values()) == {1}
    sent = [event["id"] for event in project.events("turn_sending")]
    assert len(sent) == len(set(sent)), "no turn was sent twice"


def _dies_when(project: Project, kind: str, item: str = "") -> None:
    """The controller is killed as soon as that is recorded, and brought back."""

    def recorded() -> bool:
        return any(item in ("", event.get("item")) for event in project.events(kind))

    until(recorded, 60, f"{kind} {item}")
    _dies(project)


def _dies(project: Project) -> None:
    project.kill_controller()
    project.run("up")

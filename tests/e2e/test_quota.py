"""A refused account stops one child and pauses three, and the run still succeeds: by the clock or by hand."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.e2e.conftest import Make
from tests.e2e.project import Json, Project
from tests.waiting import until

ONE_TURN = "limits: {turns: 1}\n"
"""One turn at a time: when the one of `a` is refused, those of `b` and `c` would be next, were there no pause."""


@pytest.fixture
def team(make_project: Make) -> Project:
    return make_project(
        scenarios=[Path(__file__).with_name("quota.yaml")], children=("a", "b", "c"), extra=ONE_TURN
    )


def begin(team: Project, how: str) -> None:
    team.run("run", f"lab: {how}", "--yes", "--detach")


def paused(team: Project) -> Json:
    """The pause, once it is there."""
    until(lambda: team.events("paused"), 60, "the refusal")
    found: Json = team.ask("status")["paused"]
    return found


def kept_waiting(team: Project) -> set[str]:
    """Who has something to do in the pause, and is given nothing."""
    events = team.events()
    kinds = [event["type"] for event in events]
    assert kinds.count("paused") == kinds.count("resumed") == 1
    begin, end = kinds.index("paused"), kinds.index("resumed")
    assert "turn_sending" not in kinds[begin:end]
    wanted = {event["id"]: event["agent"] for event in events[:end] if event["type"] == "turn_queued"}
    over = {event["id"] for event in events[:end] if event["type"] == "turn_ended"}
    return {agent for turn, agent in wanted.items() if turn not in over}


def succeeds(team: Project) -> None:
    """The run ends well, each item done once, and the refused turn was given to Codex twice, no other one."""
    until(team.has_ended, 60, "the end of R1")
    assert team.run_object()["outcome"] == "succeeded"
    assert team.items_done() == {"1": 1, "2": 1, "3": 1}
    assert [event["paused"] for event in team.events("turn_requeued")] == [True]
    sent = [event["id"] for event in team.events("turn_sending")]
    again = team.events("turn_requeued")[0]["id"]
    assert [one for one in sent if sent.count(one) > 1] == [again, again]


def test_three_children_wait_for_the_reset_and_go_on_by_themselves(team: Project) -> None:
    begin(team, "soon")
    succeeds(team)
    pause = team.events("paused")[0]["pause"]
    assert (pause["kind"], pause["by"], pause["tries"]) == ("usage", "a", 1)
    assert "hit your usage limit" in pause["reason"]
    assert 0 < pause["until"] - pause["since"] <= 4, "as the provider told it, to the second"
    assert team.events("resumed") == [{"type": "resumed", "account": "", "by": "the clock"}]
    assert kept_waiting(team) == {"a", "b", "c"}
    assert not team.events("checkpoint_opened")
    assert "usage limit" in (team.directory / "runs.md").read_text()


def test_a_controller_that_is_killed_in_the_pause_keeps_it_until_somebody_ends_it(team: Project) -> None:
    begin(team, "late")
    told = paused(team)
    ahead = datetime.fromisoformat(told["until"]).timestamp() - time.time()
    assert 3500 < ahead <= 3601
    assert (told["account"], told["kind"], told["by"]) == (None, "usage", "a")
    assert set(told["agents"]) == {"a", "b", "c", "orchestrator"}
    until(
        lambda: "paused until" in team.tmux("show-environment", "-gh", "TMUXORCH_STATUS"),
        what="the status line",
    )

    team.kill_controller()
    assert team.ask("up")["paused"] == told
    shown = team.run("status")
    assert "paused: usage limit · a was refused · until " in shown
    assert "tmuxorch up --resume-now" in shown
    assert "the Codex account (usage limit), until " in (team.directory / "runs.md").read_text()
    refusal = team.ask("ask", "b", "how far are you?", status=3)["error"]
    assert "hit your usage limit" in refusal["message"]
    assert refusal["hint"] == "tmuxorch up --resume-now"
    worker = team.ask("exec", "look around")
    assert worker["state"] == "queued"
    team.run("stop", worker["id"])

    assert team.ask("up", "--resume-now")["paused"] is None
    succeeds(team)
    assert "a" in kept_waiting(team)
    assert (team.repos["a"] / "item-1.txt").read_text() == "1\n1\n", (
        "what was refused was asked again as a whole"
    )


def test_a_run_is_cancelled_in_the_pause(team: Project) -> None:
    begin(team, "late")
    paused(team)
    team.run("cancel", "R1")
    assert team.run_object()["outcome"] == "cancelled"
    assert {event["outcome"] for event in team.events("turn_ended")} == {"completed", "cancelled"}


def test_somebody_logs_in_again(team: Project) -> None:
    begin(team, "login")
    point = team.next("failure")
    assert "log in again" in point["title"]
    assert "401 Unauthorized" in point["body"]
    assert [choice["key"] for choice in point["choices"]] == ["retry", "abort"]
    assert paused(team)["title"] == "not logged in"
    team.run("answer", point["id"], "retry")
    succeeds(team)
    assert kept_waiting(team) == {"a", "b", "c"}
    assert team.ends() == {point["id"]: 1}

"""A refused account stops one child and pauses three, and the run still succeeds: by the clock or by hand."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from tests.e2e.conftest import Make
from tests.e2e.project import Json, Project
from tests.waiting import until

SCRIPT = Path(__file__).with_name("quota.yaml")

CONFIG = "limits: {turns: 1}\ngates: {dirty: proceed}\n"
"""One turn at a time: when the one of `a` is refused, those of `b` and `c` would be next, were there no pause."""


class Run:
    """A run of the team, in which everybody is asked anew."""

    def __init__(self, team: Project, how: str) -> None:
        self.team = team
        self._before = len(team.events())
        self.id = team.run("run", f"lab: {how}", "--yes", "--fresh", "--detach").strip()

    def events(self, kind: str = "") -> list[Json]:
        """What was recorded since it began."""
        found = self.team.events()[self._before :]
        return [event for event in found if kind in ("", event["type"])]

    def paused(self) -> Json:
        """The pause, once it is there."""
        until(lambda: self.events("paused"), 60, "the refusal")
        found: Json = until(
            lambda: self.team.call("status")["paused"], what="the pause, which is recorded first"
        )
        return found

    def kept_waiting(self) -> set[str]:
        """Who has something to do in the pause, and is given nothing."""
        events = self.events()
        kinds = [event["type"] for event in events]
        assert kinds.count("paused") == kinds.count("resumed") == 1
        begin, end = kinds.index("paused"), kinds.index("resumed")
        assert "turn_sending" not in kinds[begin:end]
        wanted = {event["id"]: event["agent"] for event in events[:end] if event["type"] == "turn_queued"}
        over = {event["id"] for event in events[:end] if event["type"] == "turn_ended"}
        return {agent for turn, agent in wanted.items() if turn not in over}

    def succeeds(self) -> None:
        """It ends well, each item done once, and the refused turn was given to Codex twice, no other one."""
        assert self.team.call("wait_run", id=self.id, timeout=60)["outcome"] == "succeeded"
        moved = self.events("item_moved")
        done = [event["item"] for event in moved if event["progress"]["type"] == "done"]
        assert sorted(done) == ["1", "2", "3"]
        assert [event["paused"] for event in self.events("turn_requeued")] == [True]
        sent = [event["id"] for event in self.events("turn_sending")]
        again = self.events("turn_requeued")[0]["id"]
        assert [one for one in sent if sent.count(one) > 1] == [again, again]


def test_a_refused_account_pauses_a_team_until_the_clock_or_somebody_ends_it(make_project: Make) -> None:
    team = make_project(scenarios=[SCRIPT], children=("a", "b", "c"), extra=CONFIG)
    _three_children_wait_for_the_reset_and_go_on_by_themselves(team)
    _a_controller_that_is_killed_in_the_pause_keeps_it_until_somebody_ends_it(team)
    _somebody_logs_in_again(team)
    _a_run_is_cancelled_in_the_pause(team)


def _three_children_wait_for_the_reset_and_go_on_by_themselves(team: Project) -> None:
    run = Run(team, "soon")
    run.succeeds()
    pause = run.events("paused")[0]["pause"]
    assert (pause["kind"], pause["by"], pause["tries"]) == ("usage", "a", 1)
    assert "hit your usage limit" in pause["reason"]
    assert 0 < pause["until"] - pause["since"] <= 6, "as the provider told it, to the second"
    assert run.events("resumed") == [{"type": "resumed", "account": "", "by": "the clock"}]
    assert run.kept_waiting() == {"a", "b", "c"}
    assert not run.events("checkpoint_opened")
    assert "usage limit" in team.runs_md()


def _a_controller_that_is_killed_in_the_pause_keeps_it_until_somebody_ends_it(team: Project) -> None:
    before = (team.repos["a"] / "item-1.txt").read_text()
    run = Run(team, "late")
    told = run.paused()
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
    assert "the Codex account (usage limit), until " in team.runs_md()
    refusal = team.ask("ask", "b", "how far are you?", status=3)["error"]
    assert "hit your usage limit" in refusal["message"]
    assert refusal["hint"] == "tmuxorch up --resume-now"
    worker = team.ask("exec", "look around")
    assert worker["state"] == "queued"
    team.run("stop", worker["id"])

    assert team.ask("up", "--resume-now")["paused"] is None
    run.succeeds()
    assert "a" in run.kept_waiting()
    written = (team.repos["a"] / "item-1.txt").read_text()
    assert written == before + "1\n1\n", "what was refused was asked again as a whole"


def _somebody_logs_in_again(team: Project) -> None:
    run = Run(team, "login")
    point = team.next("failure")
    assert "log in again" in point["title"]
    assert "401 Unauthorized" in point["body"]
    assert [choice["key"] for choice in point["choices"]] == ["retry", "abort"]
    assert run.paused()["title"] == "not logged in"
    team.run("answer", point["id"], "retry")
    run.succeeds()
    assert run.kept_waiting() == {"a", "b", "c"}
    assert team.ends() == {point["id"]: 1}


def _a_run_is_cancelled_in_the_pause(team: Project) -> None:
    run = Run(team, "never")
    run.paused()
    team.run("cancel", run.id)
    assert team.run_object(run.id)["outcome"] == "cancelled"
    assert {event["outcome"] for event in run.events("turn_ended")} == {"completed", "cancelled"}

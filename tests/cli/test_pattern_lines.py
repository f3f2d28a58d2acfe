"""Runs of patterns as people see them: in a list, in the overview, and as lines while they go on."""

from __future__ import annotations

from typing import Any

from tests.cli.cards import Json, status
from tmuxorch.cli import follow, render

NOW = 1767225840.0  # 2026-01-01T00:04:00Z


def run(**changes: Any) -> Json:
    """A review whose first step goes on."""
    return {
        "id": "P2",
        "pattern": "review",
        "title": "Review through several lenses, one list",
        "task": "the waiting\nin all repos",
        "state": "running",
        "outcome": None,
        "reason": None,
        "summary": None,
        "started": "2026-01-01T00:03:00Z",
        "ended": None,
        "steps": [step("review", "in_progress", "W3", "W4"), step("synthesis", "pending")],
    } | changes


def step(name: str, word: str, *workers: str) -> Json:
    return {"name": name, "status": word, "workers": list(workers)}


ENDED = run(
    id="P1",
    state="ended",
    outcome="failed",
    summary="2 findings · \x1b[2Jall gone",
    reason="the verdict is fail",
    ended="2026-01-01T00:03:20Z",
    steps=[step("review", "completed", "W1"), step("synthesis", "failed", "W2")],
)


def worker(name: str, state: str, **changes: Any) -> Json:
    return {
        "id": name,
        "label": "review",
        "role": "reviewer",
        "state": state,
        "cwd": "/srv",
        "outcome": "succeeded" if state == "exited" else None,
        "started": "2026-01-01T00:00:00Z",
        "ended": "2026-01-01T00:00:12Z" if state == "exited" else None,
        "tokens": {},
    } | changes


def test_a_run_that_goes_on_is_listed_with_its_steps() -> None:
    assert render.pattern_lines([ENDED, run()], NOW) == [
        "P1  failed   20 s   review  2 findings · \\x1b[2Jall gone",
        "P2  running  1 min  review  the waiting",
        "  ▸ review     in progress  W3 W4",
        "  · synthesis  pending",
    ]


def told(before: Json, now: Json) -> list[str]:
    return follow.news(before, {"run": None, "checkpoints": [], "workers": [], **now})


def test_a_run_is_followed_step_by_step() -> None:
    first = {"patterns": [run()], "workers": [worker("W3", "running"), worker("W4", "running")]}
    over = run(steps=[step("review", "completed", "W3", "W4"), step("synthesis", "in_progress", "W5")])
    second = {
        "patterns": [over],
        "workers": [worker("W3", "exited"), worker("W4", "exited"), worker("W5", "starting")],
    }
    end = over | {
        "state": "ended",
        "outcome": "succeeded",
        "steps": [step("review", "completed"), step("synthesis", "completed")],
    }
    assert told({}, first) == [
        "P2 review · step review in progress",
        "worker W3 review running",
        "worker W4 review running",
    ]
    assert told(first, second) == [
        "worker W3 review succeeded",
        "worker W4 review succeeded",
        "P2 review · step review completed",
        "P2 review · step synthesis in progress",
        "worker W5 review starting",
    ]
    assert told(second, second | {"patterns": [end]}) == [
        "P2 review · step synthesis completed",
        "P2 review succeeded",
    ]


def test_another_try_of_a_worker_is_told_as_such() -> None:
    running, again = ({"workers": [worker("W3", state, attempts=2)]} for state in ("running", "starting"))
    assert told(running, again) == ["worker W3 review starting · try 2"]
    assert told(again, {"workers": [worker("W3", "exited", attempts=2)]}) == ["worker W3 review succeeded"]


def test_what_had_ended_before_is_no_news() -> None:
    old = {
        "patterns": [ENDED],
        "workers": [worker("W1", "exited")],
        "run": status()["run"] | {"outcome": "x"},
    }
    assert told({}, old) == []
    assert told(old, old | {"patterns": [ENDED, run(id="P3")]}) == ["P3 review · step review in progress"]

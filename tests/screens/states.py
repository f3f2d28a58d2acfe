"""A project in the middle of everything, as the controller would tell it; ages are whole minutes for a while."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from tests.cli import cards
from tests.cli.cards import Json, child, human, item, point, question

ACTIVITY = {
    "mobile": "running: python3 -m unittest -q tests.test_device",
    "W3": "reads docs/contract.json",
    "W4": "thinks about the retry policy",
}


def ago(minutes: float) -> str:
    """A time that many minutes ago, and a few seconds."""
    return datetime.fromtimestamp(time.time() - 60 * minutes - 5, UTC).isoformat()


def worker(name: str, label: str, state: str, minutes: float, **changes: Any) -> Json:
    """A worker; `state` is its outcome if it has ended."""
    ended = state not in ("queued", "starting", "running", "waiting", "stopping")
    return cards.worker(name, label) | {
        "label": label,
        "state": "exited" if ended else state,
        "outcome": state if ended else None,
        "queued": ago(minutes),
        "started": None if state == "queued" else ago(minutes),
        "ended": ago(minutes - 1) if ended else None,
        "cwd": "/srv/onboarding",
        "task": f"what {label} is asked",
        "scope": "read-only",
        "window": None if state == "queued" else f"@{name[1:]}",
        **changes,
    }


def pattern() -> Json:
    """A review whose first step goes on."""
    steps = [("review", "in_progress", "W3 W4"), ("synthesis", "pending", "")]
    return {
        "id": "P1",
        "pattern": "review",
        "title": "Review through several lenses, one list",
        "task": "the waiting in all repos",
        "state": "running",
        "outcome": None,
        "reason": None,
        "summary": None,
        "started": ago(3),
        "ended": None,
        "steps": [{"name": name, "status": status, "workers": who.split()} for name, status, who in steps],
    }


def items() -> list[Json]:
    """A plan in which much depends on two things."""
    plan = [
        item("1", "backend", "done"),
        item("2", "firmware", "waiting", "1"),
        item("3", "mobile", "running", "1"),
        item("4", "mobile", "ready", "1"),
        item("5", "firmware", "pending", "2", "3"),
        item("6", "backend", "pending", "5", "4"),
        item("7", "orchestrator", "blocked", "6"),
    ]
    plan[2] |= {"attempts": 3, "fixes": 2, "tokens": {"input": 120_000, "output": 3_000}}
    plan[4] |= {"contract": "device-api", "flag": "the contract device-api has changed"}
    return plan


def busy(**changes: Any) -> Json:
    """The whole."""
    children = [child("backend", "idle"), child("firmware", "waiting"), child("mobile", "active")]
    children[2] |= {"since": ago(2)}
    workers = [
        *(worker(f"W{number}", "scout", "succeeded", 30) for number in (5, 6, 7, 8, 9, 10)),
        worker("W1", "reviewer", "succeeded", 20),
        worker("W2", "implementer", "failed", 10, reason="the turn failed: the model is overloaded"),
        worker("W3", "reviewer", "running", 3, pattern="P1"),
        worker("W4", "reviewer", "running", 3, pattern="P1", muted=True),
        worker("W11", "writer", "queued", 1, paths=["/srv/onboarding/docs"], waits_for=["item 3"]),
    ]
    state = cards.status(
        point(opened=ago(4)), question(opened=ago(3)), human(opened=ago(2), item="5"), patterns=[pattern()]
    )
    state["run"] |= {"started": ago(12), "items": items(), "tokens": {"input": 190_000, "output": 9_500}}
    counts = {"running": 3, "waiting": 3, "queued": 1, "failed": 1}
    return state | {"children": children, "workers": workers, "counts": counts} | changes

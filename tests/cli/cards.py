"""Public objects for tests: what the controller would send."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def point(**changes: Any) -> Json:
    """An open approval."""
    return {
        "id": "C1",
        "kind": "approval",
        "source": "backend",
        "item": "2",
        "state": "open",
        "opened": "2026-01-01T00:00:00Z",
        "title": "Run a command outside the sandbox",
        "body": "$ touch /srv/contract.json",
        "do": "Decide whether this command may run.",
        "expect": "accept, accept-for-session, decline or cancel",
        "blocks": ["2", "4"],
        "choices": [
            {"key": "accept", "label": "Allow once"},
            {"key": "accept-for-session", "label": "Allow for this session"},
            {"key": "decline", "label": "Decline; the agent goes on without it"},
            {"key": "cancel", "label": "Decline and end the turn"},
        ],
        "fields": [],
        "answer": None,
        "answered_by": None,
        "digest": "d1",
    } | changes


def field(**changes: Any) -> Json:
    """A field for free text."""
    return {
        "id": "answer",
        "label": "what you saw",
        "type": "string",
        "options": [],
        "other": False,
        "required": True,
        "secret": False,
    } | changes


def question(**changes: Any) -> Json:
    """A question with two options or anything else."""
    options = [{"key": "linear", "label": "always 1 s"}, {"key": "exponential", "label": "1, 2, 4 s"}]
    return (
        point(
            id="C2",
            kind="question",
            title="Which retry policy?",
            choices=[{"key": "decline", "label": "Give no answer"}],
            fields=[field(id="policy", label="Retry policy", options=options, other=True)],
            digest="d2",
        )
        | changes
    )


def human(**changes: Any) -> Json:
    """A human task."""
    return (
        point(
            id="C3",
            kind="human",
            source="orchestrator",
            title="Connect one real device",
            choices=[],
            fields=[field()],
            digest="d3",
        )
        | changes
    )


def plan_gate(**changes: Any) -> Json:
    """The gate of a plan."""
    return (
        point(
            id="C4",
            kind="plan",
            source="orchestrator",
            item="",
            choices=[
                {"key": "accept", "label": "execute"},
                {"key": "revise", "label": "plan again"},
                {"key": "decline", "label": "end the run"},
            ],
            digest="d4",
        )
        | changes
    )


def status(*checkpoints: Json, **changes: Any) -> Json:
    """A status in the middle of a run."""
    return {
        "project": {
            "dir": "/srv/onboarding",
            "session": "tmuxorch-onboarding",
            "socket": "/run/x.sock",
            "codex": "0.163.0",
            "tmux": "3.3a",
            "controller": {"pid": 4711, "since": "2026-01-01T00:00:00Z"},
        },
        "run": {
            "id": "R1",
            "phase": "execute",
            "problem": "Connecting a device times out",
            "started": "2026-01-01T00:00:00Z",
            "ended": None,
            "outcome": None,
            "items": [
                item("1", "backend", "done"),
                item("2", "firmware", "waiting", "1"),
                item("3", "mobile", "running", "1"),
                item("4", "orchestrator", "pending", "2", "3"),
            ],
        },
        "children": [child("backend", "idle"), child("firmware", "waiting"), child("mobile", "active")],
        "workers": [
            worker("W1", "reviewer"),
            worker("W2", "scout", state="running", outcome=None, ended=None),
        ],
        "checkpoints": list(checkpoints),
        "counts": {"running": 2, "waiting": len(checkpoints), "queued": 0, "failed": 0},
        "paused": None,
    } | changes


def item(name: str, owner: str, state: str, *depends: str) -> Json:
    """A plan item."""
    return {
        "item": name,
        "title": f"Item {name} of {owner}",
        "owner": owner,
        "depends": list(depends),
        "status": state,
        "attempts": 1,
    }


def child(name: str, state: str) -> Json:
    """A child."""
    return {
        "name": name,
        "path": f"/srv/{name}",
        "window": "@3",
        "state": state,
        "thread": "t",
        "waiting": "C1" if state == "waiting" else None,
        "tokens": {"input": 12000, "cached": 0, "output": 345},
        "branch": "main",
        "head": "d2df0631234567890",
    }


def worker(name: str, role: str, **changes: Any) -> Json:
    """A worker that has succeeded."""
    return {
        "id": name,
        "label": role,
        "role": role,
        "window": "@7",
        "state": "exited",
        "outcome": "succeeded",
        "exit_code": 0,
        "thread": "t",
        "started": "2026-01-01T00:00:00Z",
        "ended": "2026-01-01T00:00:12Z",
        "tokens": {"input": 900, "cached": 0, "output": 50},
    } | changes

"""What whoever leads is told to do next, by where everything stands."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tmuxorch.mcp import shapes
from tmuxorch.mcp.your_move import your_move

RUN = shapes.Run(
    id="R1",
    phase="execute",
    problem="p",
    led_by="orchestrator",
    started="",
    ended=None,
    outcome=None,
    reason=None,
    reported=False,
    startable=(),
    revise=(),
    items=(),
)
ENDED = {"phase": "ended", "ended": "now", "outcome": "failed"}
WORKER = shapes.Worker(
    id="W1",
    label="",
    role="",
    state="running",
    outcome=None,
    reason=None,
    task="",
    cwd="",
    scope="",
    waits_for=(),
    changed=(),
    violations=(),
    branch=None,
    merge=(),
)
READ = replace(WORKER, id="W2", state="exited")
GATE = shapes.Waiting(id="C1", kind="plan", source="", item=None, title="", opened="")
HUMAN = replace(GATE, id="C2", kind="human")
PAUSE = shapes.Pause(title="usage limit", reason="", until="noon")
TURN = shapes.AskedTurn(turn="T3", agent="app")


def status(run: dict[str, Any] | None, **given: Any) -> shapes.Status:
    empty: dict[str, Any] = dict.fromkeys(("checkpoints", "workers", "patterns", "turns", "children"), ())
    said = {"you": "orchestrator, who leads", **empty, **given}
    return shapes.Status(
        your_move="",
        project="",
        cursor=0,
        run=None if run is None else replace(RUN, **run),
        more="",
        **{"paused": None, **said},
    )


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (status(None), "There is no run: start_run begins one"),
        (status(None, workers=(WORKER,), turns=(TURN,)), "W1, T3 is under way: go on"),
        (status(None, workers=(READ,)), "You have not read what came of W2: get_result."),
        (status(None, checkpoints=(HUMAN,)), "single tasks. Only a human can answer C2"),
        (status(None, you="an agent that does not lead: W1"), "Do the task that you were given"),
        (status({"led_by": None}), "R1 was begun by a person and asks its lead by itself: follow it"),
        (status({"phase": "connect"}), "are being asked for their briefs: wait_for_events."),
        (status({"phase": "understand"}), "are being asked for their briefs: wait_for_events."),
        (status({"phase": "plan"}), "R1 needs your plan: read get_briefs, then propose_plan."),
        (
            status({"phase": "gate"}, checkpoints=(GATE,)),
            "waits for a human (C1): end your turn, or wait_for",
        ),
        (status({"startable": ("1", "3")}), 'start_items(items=["1", "3"])'),
        (
            status({"startable": ("1",), "revise": ("a", "b")}),
            "has to be changed (a; b): get_plan, then revise",
        ),
        (status({}, workers=(READ,)), "R1 are under way: wait_for_events. You have not read what came of W2"),
        (status({}, checkpoints=(GATE,)), "wait_for_events. Only a human can answer C1"),
        (status({}, paused=PAUSE), "wait_for_events. Agents get no work until noon: usage limit."),
        (status({"phase": "verify"}), "in its phase verify, which goes by itself: wait_for_events."),
        (status(ENDED), "R1 ended, failed: say in your own words what came of it (report_run)."),
        (status({**ENDED, "reported": True}), "There is no run: start_run begins one"),
        (status({**ENDED, "led_by": None}), "There is no run: start_run begins one"),
    ],
)
def test_the_next_step(now: shapes.Status, words: str) -> None:
    assert words in your_move(now)


def test_the_gate_itself_is_named_once() -> None:
    assert your_move(status({"phase": "gate"}, checkpoints=(GATE,))).count("C1") == 1

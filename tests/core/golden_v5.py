"""The journal in journal_v5.jsonl: all that came with leads, their runs, and attempts of agents to answer for people.

Written by `python -m tests.core.golden_v5`.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import json

from tests.core.golden import Record
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, Plan, PlanItem

FILE = Path(__file__).with_name("journal_v5.jsonl")

PLAN = Plan(objective="o", items=(PlanItem(id="1", title="t", owner="backend", verification=("true",)),))

ASKED = m.Card(kind=m.CheckpointKind.HUMAN, title="which colour", body="", do="Say.", expect="A colour.")

EVENTS: tuple[e.Event, ...] = (
    e.AgentAdded(name="backend", path="/repos/backend"),
    e.AgentAdded(name=LEAD, path="/project"),
    e.ServerStarting(name=LEAD, generation=1),
    e.ServerStarted(name=LEAD, generation=1, pid=10, host_pid=9),
    e.LeadOpened(by="ann", full=True),
    e.LeadClosed(by="ann"),
    e.LeadOpened(by="ann"),
    e.AgentReady(name=LEAD, generation=1, thread="t1"),
    e.TurnSeen(id="T1", agent=LEAD, generation=1, codex_turn="u1"),
    e.RunStarted(id="R1", problem="p", children=("backend",), auto=False, led=LEAD),
    e.PhaseEntered(run="R1", phase=m.Phase.UNDERSTAND),
    e.PhaseEntered(run="R1", phase=m.Phase.PLAN),
    e.PlanProposed(run="R1", plan=PLAN),
    e.PhaseEntered(run="R1", phase=m.Phase.GATE),
    e.PhaseEntered(run="R1", phase=m.Phase.EXECUTE),
    e.CheckpointOpened(
        id="C1",
        source=LEAD,
        item="1",
        origin=m.FromLead(run="R1"),
        card=ASKED,
        digest="d",
        blocks=("1",),
    ),
    e.AnswerAttempted(id="C1", by="backend", how="asked the controller"),
    e.ItemsOrdered(run="R1", items=("1",), by=LEAD),
    e.NewsTold(upto=2),
    e.TurnEnded(id="T1", outcome=m.TurnOutcome.COMPLETED, message="I wait."),
    e.WorkerQueued(id="W1", spec=m.WorkerSpec(label="look", cwd="/repos/a", by=LEAD)),
    e.JobStarting(id="W1"),
    e.JobExited(id="W1", outcome=m.Outcome.SUCCEEDED, code=0),
    e.TurnQueued(id="T2", agent=LEAD, purpose=m.Purpose.WAKE, news=(3, 5)),
)


def read() -> list[Record]:
    """The records of the file."""
    return [json.decode(line, type=Record) for line in FILE.read_bytes().splitlines()]


if __name__ == "__main__":
    lines = (
        b'{"at":%.1f,"event":%s}\n' % (number, e.encode(event)) for number, event in enumerate(EVENTS, 1000)
    )
    FILE.write_bytes(b"".join(lines))

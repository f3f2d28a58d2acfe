"""The journal in journal_v2.jsonl: every sort of event that came with contracts, places, re-plans and pauses.

Written by `python -m tests.core.golden_v2`. Events are put down by hand here, so that the file needs no rules of
`decide` to stay what it is.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import json

from tests.core.golden import Record
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.plan import Contract, Human, HumanKind, Plan, PlanItem

FILE = Path(__file__).with_name("journal_v2.jsonl")

PLAN = Plan(
    objective="Make the two agree",
    contracts=(
        Contract(name="token", producer="backend", consumers=("web",), shape="{token}", paths=("api.md",)),
    ),
    items=(
        PlanItem(id="1", title="Make it", owner="backend", contract="token", requests=("logging",)),
        PlanItem(id="2", title="Use it", owner="web", contract="token"),
        PlanItem(
            id="3",
            title="Key",
            owner="orchestrator",
            human=Human(do="Look it up", expect="the key", kind=HumanKind.CREDENTIALS, secret=True),
        ),
    ),
)

CARD = m.Card(kind=m.CheckpointKind.PLAN, title="the plan", body="", do="Read it.", expect="accept")

EVENTS: tuple[e.Event, ...] = (
    e.AgentAdded(name="backend", path="/repos/backend"),
    e.AgentAdded(name="web", path="/repos/web", endpoint="ws://127.0.0.1:4500"),
    e.RepoSeen(
        name="backend",
        repo=m.RepoFacts(docs=("AGENTS.md",), tests=(m.Found(command="make test", source="Makefile"),)),
    ),
    e.GitSeen(name="backend", git=m.Git("main", "a" * 40, (), False, "f" * 16)),
    e.AgentUnready(name="web", generation=1, reason="connection closed"),
    e.Paused(
        account="",
        pause=m.Pause(kind=m.LimitKind.USAGE, reason="usage limit", since=5.0, until=9.0, by="backend"),
    ),
    e.Resumed(account="", by="the clock"),
    e.RunStarted(
        id="R1",
        problem="they disagree",
        children=("backend", "web"),
        auto=False,
        requests=(m.Request(kind=m.RequestKind.LOGGING, text="log each token"),),
        fresh=True,
    ),
    e.PhaseEntered(run="R1", phase=m.Phase.UNDERSTAND),
    e.BriefRecorded(run="R1", child="backend", brief=m.Brief(role="api"), fingerprint="f" * 16, reused="R0"),
    e.PhaseEntered(run="R1", phase=m.Phase.PLAN),
    e.PlanProposed(run="R1", plan=PLAN),
    e.PhaseEntered(run="R1", phase=m.Phase.GATE),
    e.CheckpointOpened(
        id="C1", source="orchestrator", item="", origin=m.FromPlan("R1"), card=CARD, digest="1"
    ),
    e.CheckpointChanged(id="C1", card=CARD, digest="2"),
    e.CheckpointAnswered(id="C1", answer=m.Answer(values={}, secrets=("answer",)), by="ann", digest="2"),
    e.CheckpointReopened(id="C1", reason="the controller was restarted"),
    e.PhaseEntered(run="R1", phase=m.Phase.EXECUTE),
    e.PlaceRecorded(
        run="R1", child="backend", place=m.Place(path="/repos/backend", branch="main", dirty=("x",))
    ),
    e.WorktreeWanted(run="R1", child="backend", by="ann"),
    e.PlaceRecorded(
        run="R1",
        child="backend",
        place=m.Place(path="/state/R1/backend", branch="tmuxorch/R1", worktree=True),
    ),
    e.TurnQueued(id="T1", agent="backend", purpose=m.Purpose.ITEM, run="R1", item="1", writes=True, topic=""),
    e.TurnSending(id="T1", generation=1),
    e.TurnRequeued(id="T1", reason="usage limit", paused=True),
    e.TurnEnded(
        id="T1",
        outcome=m.TurnOutcome.COMPLETED,
        touched=("api.md",),
        strays={"web": ("y",)},
        moved="on another branch",
    ),
    e.ContractChanged(run="R1", contract="token", shape="{token, until}", by="item 1", why="it expires"),
    e.ItemFlagged(run="R1", item="2", reason="token has changed"),
    e.CommitWanted(run="R1", child="backend"),
    e.WorkCommitted(run="R1", item="1", child="backend", commit="b" * 40, left=("x",)),
    e.ReplanWanted(run="R1", cause="token has changed", holds=("2",)),
    e.ReplanAsked(run="R1", number=1, turn="T2"),
    e.ReplanRefused(run="R1", problems=("item 2: it has no scope",), turn="T3"),
    e.ReplanProposed(run="R1", plan=PLAN),
    e.ReplanSettled(run="R1", accepted=True, by="ann"),
    e.PlanEdited(run="R1", plan=PLAN, by="ann"),
)


def read() -> list[Record]:
    """The records of the file."""
    return [json.decode(line, type=Record) for line in FILE.read_bytes().splitlines()]


if __name__ == "__main__":
    lines = (
        b'{"at":%.1f,"event":%s}\n' % (number, e.encode(event)) for number, event in enumerate(EVENTS, 1000)
    )
    FILE.write_bytes(b"".join(lines))

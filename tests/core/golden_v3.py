"""The journal in journal_v3.jsonl: all that came with tries, leases, worktrees of workers, and patterns.

Written by `python -m tests.core.golden_v3`.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import json

from tests.core.golden import Record
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.pattern import Answer, Parameter, Pattern, Step

FILE = Path(__file__).with_name("journal_v3.jsonl")

PATTERN = Pattern(
    name="review",
    title="Review",
    about="Two look at one thing.",
    letter="A",
    parameters={"lens": Parameter(about="what to look for", min=2, default=("errors", "tests"))},
    steps=(
        Step(
            name="look",
            role="reviewer",
            task="{{task}}",
            lens="{{lens}}",
            over="lens",
            answer=Answer.FINDINGS,
        ),
        Step(name="sum-up", role="free", task="Sum up.", needs=("look",), answer=Answer.BRIEF),
    ),
)

SPEC = m.PatternSpec(
    pattern=PATTERN,
    task="Review it",
    cwd="/repos/a",
    given={"lens": ("errors",)},
    context={"Goal": "one list"},
)

EDITS = m.WorkerSpec(
    label="fix",
    role="implementer",
    task="Mend it",
    cwd="/repos/a",
    scope="edit",
    paths=("src",),
    lease=("/repos/a/src",),
    worktree=True,
    schema="schema.json",
)

READS = m.WorkerSpec(
    label="look-errors", cwd="/repos/a", answer=Answer.FINDINGS, pattern="P1", step="look", about="errors"
)

PLACE = m.WorkerPlace(repo="/repos/a", path="/state/W1/a", branch="tmuxorch/W1", base="b" * 40)

EVENTS: tuple[e.Event, ...] = (
    e.WorkerQueued(id="W1", spec=EDITS),
    e.JobStarting(id="W1"),
    e.WorkerPlaced(id="W1", place=PLACE),
    e.JobStarted(id="W1", pid=2, host_pid=1),
    e.WorkerPutBack(
        id="W1",
        kind=m.Kind.AGAIN,
        reason="at capacity",
        earliest=1010.0,
        tokens=m.Tokens(5, 1, 2),
        thread="t1",
        changed=("src/a.py",),
        violations=("README.md",),
    ),
    e.JobStarting(id="W1"),
    e.JobStarted(id="W1", pid=3, host_pid=2),
    e.JobExited(
        id="W1",
        outcome=m.Outcome.SUCCEEDED,
        code=0,
        tokens=m.Tokens(7, 1, 3),
        thread="t2",
        changed=("src/b.py",),
        violations=("Makefile",),
    ),
    e.HookWanted(id="W1"),
    e.HookRan(id="W1", problem="exit status 1"),
    e.PatternStarted(id="P1", spec=SPEC),
    e.WorkerQueued(id="W2", spec=READS),
    e.StepBegun(pattern="P1", workers=("W2",)),
    e.PatternStopping(id="P1", by="ann"),
    e.JobExited(id="W2", outcome=m.Outcome.CANCELLED, reason="stopped by ann"),
    e.PatternEnded(id="P1", outcome=m.PatternOutcome.CANCELLED, reason="stopped by ann", summary="none"),
)


def read() -> list[Record]:
    """The records of the file."""
    return [json.decode(line, type=Record) for line in FILE.read_bytes().splitlines()]


if __name__ == "__main__":
    lines = (
        b'{"at":%.1f,"event":%s}\n' % (number, e.encode(event)) for number, event in enumerate(EVENTS, 1000)
    )
    FILE.write_bytes(b"".join(lines))

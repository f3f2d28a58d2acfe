"""Whether a crowd of workers stays cheap to decide about, and a crowd of findings to merge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import history
from benchmarks.measure import Row, compare, timed
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.curate import Source, curate
from tmuxorch.core.decide import decide
from tmuxorch.core.results import Confidence, Finding, Findings, Severity
from tmuxorch.ledger import public_workers

CROWD, FEW, ENDED = 300, 30, 5000
FINDINGS = 100
"""Findings of each reviewer."""

NEXT = msg.QueueWorker(id="W99999", spec=m.WorkerSpec(label="next", cwd="/srv/repos/backend"))


def rows(_: Path) -> Iterator[Row]:
    """Deciding, telling, merging."""
    crowd, few, settings = _editing(CROWD), _editing(FEW), msg.Settings()
    against = f"with {FEW} that wait"
    yield compare(
        f"one message decided with {CROWD} editing workers that wait and {ENDED} that have ended",
        against,
        timed(lambda: decide(crowd, NEXT, settings, history.NOW), 10),
        timed(lambda: decide(few, NEXT, settings, history.NOW), 10),
        rounds=5,
    )
    yield compare(
        "all of them as public objects, with whom each waits for",
        against,
        timed(lambda: public_workers.workers(crowd)),
        timed(lambda: public_workers.workers(few)),
        rounds=5,
    )
    three, one = _reviews(3), _reviews(1)
    yield compare(
        f"{FINDINGS} findings of each of 3 reviewers made one list",
        "those of one, which need no comparing",
        timed(lambda: curate(three)),
        timed(lambda: curate(one)),
        rounds=5,
    )


def _editing(waiting: int) -> m.State:
    """One editing worker at work, so many that wait for it, and many that have ended; no two states share ids."""
    ended = m.Exited(at=1.0, outcome=m.Outcome.SUCCEEDED, code=0)
    lives: list[m.Life] = [ended] * ENDED
    lives += [m.Running(at=2.0, pid=2, host_pid=1), *[m.Queued(at=3.0)] * waiting]
    spec = m.WorkerSpec(label="edit", cwd="/srv/repos/backend", scope="edit", lease=("/srv/repos/backend",))
    return m.State(
        workers={
            f"W{number}": m.Worker(id=f"W{number}", spec=spec, life=life, queued=float(number), started=1.0)
            for number, life in enumerate(lives, waiting * 10_000)
        }
    )


def _reviews(reviewers: int) -> list[Source]:
    """Reviewers who find the same in other words, in two files."""
    return [
        Source(
            worker=f"W{reviewer}",
            step="review",
            about=f"lens {reviewer}",
            said=Findings(
                findings=tuple(
                    Finding(
                        title=f"Case {number} is not handled by view {reviewer}",
                        severity=Severity.HIGH,
                        file=f"src/part{number % 2}.py",
                        line=number * 7 + reviewer,
                        evidence=f"the branch of case_{number} returns without a word, seen by {reviewer}",
                        fix=f"handle case_{number} and tell the caller",
                        confidence=Confidence.MEDIUM,
                    )
                    for number in range(FINDINGS)
                )
            ),
        )
        for reviewer in range(1, reviewers + 1)
    ]

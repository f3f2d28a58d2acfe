"""Whether deciding stays cheap in a project that is long in use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import history
from benchmarks.measure import Row, compare, timed
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import decide
from tmuxorch.core.reconcile import World, reconcile

WORKERS = 200
ITEMS = 60
TIMES = 200
QUEUE = msg.QueueWorker(id="W9999", spec=m.WorkerSpec(label="next", cwd="/srv/repos/backend"))
"""Causes the same events in both states that are compared."""


def rows(_: Path) -> Iterator[Row]:
    """Deciding, and what follows from it."""
    full, empty = history.state(WORKERS), m.State()
    settings, world = msg.Settings(), World(tmux=True)
    against = "the same in an empty state"
    yield compare(
        f"one message decided in a state with {WORKERS} workers",
        against,
        timed(lambda: decide(full, QUEUE, settings, history.NOW), TIMES),
        timed(lambda: decide(empty, QUEUE, settings, history.NOW), TIMES),
        rounds=10,
    )
    yield compare(
        f"effects found in a state with {WORKERS} workers",
        against,
        timed(lambda: reconcile(full, world), TIMES),
        timed(lambda: reconcile(empty, world), TIMES),
        rounds=10,
    )
    large, small = history.executing(ITEMS), history.executing(ITEMS // 10)
    yield compare(
        f"the next three items begun in a plan of {ITEMS}",
        f"in a plan of {ITEMS // 10}",
        timed(lambda: decide(large, QUEUE, settings, history.NOW), TIMES),
        timed(lambda: decide(small, QUEUE, settings, history.NOW), TIMES),
        rounds=10,
    )

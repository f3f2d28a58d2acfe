"""What a project that is long in use has recorded: workers that came and went."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve import evolve

NOW = 1_763_683_200.0
EVENTS_EACH = 5


def events(workers: int) -> Iterator[e.Event]:
    """Everything recorded of that many workers, one after the other; EVENTS_EACH of each."""
    for number in range(1, workers + 1):
        worker, thread = f"W{number}", f"019aa1b2-0000-7000-8000-{number:012d}"
        task = f"Look for what breaks when a device of generation {number} asks for its token twice in a row."
        spec = m.WorkerSpec(label="tokens", role="reviewer", task=task, cwd="/srv/repos/backend")
        tokens = m.Tokens(input=40_000 + number, cached=30_000, output=900)
        yield e.WorkerQueued(id=worker, spec=spec)
        yield e.JobStarting(id=worker)
        yield e.JobStarted(id=worker, pid=10_000 + number, host_pid=20_000 + number)
        yield e.WorkerSeen(id=worker, thread=thread)
        yield e.JobExited(
            id=worker, outcome=m.Outcome.SUCCEEDED, code=0, seconds=81.5, tokens=tokens, thread=thread
        )


@cache
def state(workers: int) -> m.State:
    """The state after `events(workers)`, the windows of the newest 20 still open."""
    found = m.State()
    for number, event in enumerate(events(workers)):
        found = evolve(found, event, NOW + number)
    for number in range(max(1, workers - 19), workers + 1):
        window = m.Window(id=f"@{number}", pane=f"%{number}")
        found = evolve(found, e.WindowOpened(key=f"W{number}", window=window), NOW)
    return found

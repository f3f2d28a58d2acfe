"""One character per window for the window list: what is news there, in words of ours."""

from __future__ import annotations

from typing import Final

from tmuxorch.core import model as m
from tmuxorch.ledger import words

WAITS: Final = "!"
FAILED: Final = "x"
AT_WORK: Final = "*"
WELL: Final = "+"
NOTHING: Final = ""

CHECKPOINTS: Final = "checkpoints"
"""The key of the inbox's window."""


def marks(state: m.State) -> dict[str, str]:
    """The mark of each window of ours, by its key: `!` somebody waits for you there, `x` it has failed, `*` it is at
    work, `+` it has ended well, else nothing: idle, queued, cancelled, or a view of ours. The inbox waits as long as
    anything does.
    """
    waiting = {one.source for one in state.checkpoints.values() if one.is_open}
    busy = {turn.agent for turn in state.turns.values() if turn.in_flight}
    jobs = {job.id: job.life for job in state.jobs if job.id in state.windows}
    return {key: _mark(key, waiting, busy, jobs.get(key)) for key in state.windows}


def _mark(key: str, waiting: set[str], busy: set[str], life: m.Life | None) -> str:
    if key in waiting or (key == CHECKPOINTS and waiting):
        return WAITS
    if life is None:
        return AT_WORK if key in busy else NOTHING
    if isinstance(life, m.Exited):
        return {m.Outcome.SUCCEEDED: WELL, m.Outcome.CANCELLED: NOTHING}.get(life.outcome, FAILED)
    return AT_WORK if m.is_live(life) else NOTHING


def failed(state: m.State) -> int:
    """Workers that have failed, whose windows are still there, and whose task nobody does again."""
    again = {worker.spec.parent for worker in state.workers.values()}
    return sum(
        mark == FAILED and key in state.workers and key not in again for key, mark in marks(state).items()
    )


def running(state: m.State) -> int:
    """Agents with a turn, workers and checks at work."""
    turns = sum(words.current_turn(state, name) is not None for name in state.agents)
    return turns + sum(m.is_live(job.life) for job in state.jobs)

"""What tmux's status line says."""

from __future__ import annotations

from datetime import tzinfo

from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.ledger.words import ago, clock, progress

WIDTH = 60


def status_line(state: m.State, now: float, zone: tzinfo | None = None) -> str:
    """`tmuxorch R1 execute 2/4 · 3 agents · 1 worker · ! 1 waiting 4 min`, at most WIDTH columns; while an account is
    refused, `tmuxorch R1 execute 2/4 · paused until 14:05 · …`, by the clock of `zone` (None: here).

    Made of ids, words of ours and numbers alone: nothing of it comes from an agent. The age is that of the checkpoint
    that waits longest, once it is a minute.
    """
    run = state.run
    parts = [f"tmuxorch {run.id} {progress(state, run)}" if run else "tmuxorch"]
    if state.pauses:
        parts.append(f"paused until {clock(max(one.until for one in state.pauses.values()), now, zone)}")
    for number, noun in (
        (sum(m.is_live(agent.server) for agent in state.agents.values()), "agent"),
        (sum(m.is_live(worker.life) for worker in state.workers.values()), "worker"),
    ):
        if number:
            parts.append(f"{number} {noun}" + "s" * (number > 1))
    if opened := [one.opened for one in state.checkpoints.values() if one.is_open]:
        age = now - min(opened)
        parts.append(f"! {len(opened)} waiting" + (f" {ago(age)}" if age >= 60 else ""))
    return text.clip(" · ".join(parts), WIDTH)

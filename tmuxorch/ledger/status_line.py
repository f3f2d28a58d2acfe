"""What tmux's status line says."""

from __future__ import annotations

from datetime import tzinfo

from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.ledger import marks
from tmuxorch.ledger.words import ago, clock, progress

WIDTH = 60

NAME = "tmuxorch"

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0


def status_line(state: m.State, now: float, zone: tzinfo | None = None) -> str:
    """`tmuxorch R1 execute 2/4 · 3 running · 1 failed · ! 2 waiting 4 min`, at most WIDTH columns; while an account is
    refused, `tmuxorch R1 execute 2/4 · paused until 14:05 · …`, by the clock of `zone` (None: here).

    Made of ids, words of ours and numbers alone: nothing of it comes from an agent. The age is that of the checkpoint
    that waits longest, once it is a minute. Where there is no room, what matters least is left out.
    """
    run, since = state.run, _waits_since(state)
    head = f"{run.id} {progress(state, run)}" if run else ""
    paused = (
        f"paused until {clock(max(one.until for one in state.pauses.values()), now, zone)}"
        if state.pauses
        else ""
    )
    working, broken = marks.running(state), marks.failed(state)
    opened = sum(one.is_open for one in state.checkpoints.values())
    running = f"{working} running" if working else ""
    failed = f"{broken} failed" if broken else ""
    waiting = f"! {opened} waiting" if opened else ""
    aged = f"{waiting} {ago(now - since)}" if since is not None and now - since >= MINUTE else waiting
    named = f"{NAME} {head}".strip()
    tries = (
        (named, paused, running, failed, aged),
        (head, paused, running, failed, aged),
        (head, paused, failed, aged),
        (head, paused, aged),
        (head, paused, waiting),
        (head, waiting),
    )
    lines = (" · ".join(part for part in parts if part) for parts in tries)
    return next((line for line in lines if text.width(line) <= WIDTH), text.clip(waiting, WIDTH))


def next_change(state: m.State, now: float) -> float | None:
    """When the line will say something else though nothing happens (epoch seconds), None if it will not.

    An age grows by the minute at most.
    """
    since = _waits_since(state)
    if since is None:
        return None
    age = max(0.0, now - since)
    unit = DAY if age >= DAY else HOUR if age >= HOUR else MINUTE
    return since + (age // unit + 1) * unit


def _waits_since(state: m.State) -> float | None:
    return min((one.opened for one in state.checkpoints.values() if one.is_open), default=None)

"""When the clock alone will change a decision."""

from __future__ import annotations

from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import deadline
from tmuxorch.core.leases import claims, waiting


def next_due(state: m.State, settings: msg.Settings) -> float | None:
    """The earliest time (epoch seconds) at which a rule has something to add although nothing happens; None without.

    A message `Tick` at or after that time is all that the rule needs.
    """
    pauses = [pause.until for pause in state.pauses.values()]
    turns = [deadline(state, turn, settings) for turn in state.turns.values() if turn.in_flight]
    return min((due for due in (*pauses, *turns, *_tries(state, settings)) if due is not None), default=None)


def _tries(state: m.State, settings: msg.Settings) -> list[float]:
    """When workers that have failed are tried again: those that the clock alone keeps from it. A pause, the limit or
    somebody's lease ends by something that happens, and whatever has been due by then begins at once.
    """
    queued = (worker for worker in state.workers.values() if isinstance(worker.life, m.Queued))
    later = [worker for worker in queued if worker.earliest > worker.life.at]
    live = sum(m.is_live(worker.life) for worker in state.workers.values()) if later else 0
    if not later or m.OURS in state.pauses or live >= settings.exec_workers:
        return []
    held_up = waiting(claims(state))
    return [worker.earliest for worker in later if worker.id not in held_up]

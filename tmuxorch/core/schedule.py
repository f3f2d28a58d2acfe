"""When the clock alone will change a decision."""

from __future__ import annotations

from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import deadline


def next_due(state: m.State, settings: msg.Settings) -> float | None:
    """The earliest time (epoch seconds) at which a rule has something to add although nothing happens; None without.

    A message `Tick` at or after that time is all that the rule needs.
    """
    pauses = [pause.until for pause in state.pauses.values()]
    turns = [deadline(state, turn, settings) for turn in state.turns.values() if turn.in_flight]
    return min((due for due in (*pauses, *turns) if due is not None), default=None)

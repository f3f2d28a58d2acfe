"""A decision in the making: the events so far, and the state as they leave it.

The only mutable thing in the core. It lives for one message, so that each next event of a decision is
decided on the state that the ones before it leave.
"""

from __future__ import annotations

from tmuxorch.core.events import Event
from tmuxorch.core.evolve import evolve
from tmuxorch.core.evolve.tables import next_id
from tmuxorch.core.messages import Settings
from tmuxorch.core.model import State


class Draft:
    """`state` is always after every event of `events`; `now` is the time of all of them (epoch seconds)."""

    def __init__(self, state: State, settings: Settings, now: float) -> None:
        self.state = state
        self.settings = settings
        self.now = now
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        """Adds `event` to the decision. Raises IllegalMove when the law forbids it."""
        self.state = evolve(self.state, event, self.now)
        self.events.append(event)

    def new_id(self, letter: str) -> str:
        """An id of that letter which was never used."""
        return next_id(self.state, letter)

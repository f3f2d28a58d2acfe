"""A change of the plan while it is being executed: proposed by the lead, decided by a human."""

from __future__ import annotations

from tmuxorch.core import model as m
from tmuxorch.core.draft import Draft


def follow(draft: Draft, run: m.Run) -> None:
    """Asks the lead for a change when there is a cause, and a human about the change."""


def take(draft: Draft, run: m.Run, answer: m.Answer, by: str) -> None:
    """A human has decided on the lead's change."""

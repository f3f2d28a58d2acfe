"""An account that is refused pauses all of its agents."""

from __future__ import annotations

from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.draft import Draft


def follow(draft: Draft) -> None:
    """Ends the pauses that are over."""


def resume_now(draft: Draft, message: msg.ResumeNow) -> None:
    """Ends every pause."""


def take(draft: Draft, account: str, answer: m.Answer, by: str) -> None:
    """A human has decided about a refused account."""

"""Where a child's items are worked on: its repo or a worktree of it, and what is committed there."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.draft import Draft


def found(draft: Draft, message: msg.PlaceFound) -> None:
    """There is a place."""
    run = draft.state.runs[message.run]
    if run.active and run.places.get(message.child) != message.place:
        draft.emit(e.PlaceRecorded(run=run.id, child=message.child, place=message.place))


def failed(draft: Draft, message: msg.PlaceFailed) -> None:
    """There is none."""


def committed(draft: Draft, message: msg.CommitMade) -> None:
    """Git has made the commit."""


def commit_failed(draft: Draft, message: msg.CommitFailed) -> None:
    """Git has not."""


def follow(draft: Draft, run: m.Run) -> None:
    """Asks a human where there is no place that can be worked in as it is."""


def take(draft: Draft, run: m.Run, child: str, answer: m.Answer, by: str) -> None:
    """A human has decided about a child's place."""

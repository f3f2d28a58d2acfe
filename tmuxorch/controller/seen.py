"""What Codex tells of a turn, in the words of the core."""

from __future__ import annotations

import time
from collections.abc import Iterable

from tmuxorch.codex import attempts, items, notifications, results
from tmuxorch.codex.binary import with_advice
from tmuxorch.codex.limits import Window
from tmuxorch.controller.refusals import heard
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text

HOW = 120
"""Characters that are kept of how an agent tried to answer."""


def tried(by: str, item: object) -> list[msg.AttemptSeen]:
    """The checkpoints that an agent's command is meant to answer, if the item is one."""
    if not isinstance(item, items.CommandExecution):
        return []
    return [attempt(by, checkpoint, item.command) for checkpoint in attempts.attempts(item.command)]


def attempt(by: str, checkpoint: str, command: str) -> msg.AttemptSeen:
    """That an agent's command is meant to answer a checkpoint."""
    said = text.clip(text.line(items.bare_command(command)), HOW)
    return msg.AttemptSeen(checkpoint=checkpoint, by=by, how=f"by the command `{said}`")


def refused(by: str, checkpoint: str, via: str) -> msg.AttemptSeen:
    """That an agent asked the controller to answer a checkpoint, which refused; `via` is its own word for where."""
    where = text.clip(text.line(via), HOW)
    said = f"through the controller ({where})" if where else "through the controller"
    return msg.AttemptSeen(checkpoint=checkpoint, by=by, how=said, refused=True)


def stored(turn: results.Turn) -> msg.SeenTurn:
    """A turn of a thread that was loaded."""
    marks = turn.client_ids
    return msg.SeenTurn(
        codex_turn=turn.id,
        mark=marks[0] if marks else "",
        outcome=None if turn.status == "inProgress" else _outcome(turn.status),
        message=turn.message,
        error=turn.error,
        seconds=turn.seconds,
        limit=heard(turn.error, turn.ended or time.time(), kind=turn.error_kind, status=turn.error_status),
    )


def finished(
    agent: str,
    event: notifications.TurnCompleted,
    message: str,
    tokens: m.Tokens | None,
    windows: Iterable[Window],
) -> msg.TurnFinished:
    """A turn that has just ended; `windows` are what Codex told last of the account's allowances."""
    why = f"{event.error} ({event.error_kind})" if event.error_kind else event.error
    return msg.TurnFinished(
        agent=agent,
        codex_turn=event.turn,
        outcome=_outcome(event.status),
        message=message or event.message,
        error=with_advice(why),
        seconds=event.seconds,
        tokens=tokens,
        limit=heard(
            event.error, time.time(), kind=event.error_kind, status=event.error_status, windows=windows
        ),
    )


def _outcome(status: str) -> m.TurnOutcome:
    """Codex's word for the end of a turn; one that we do not know is a failure."""
    known = {"completed": m.TurnOutcome.COMPLETED, "interrupted": m.TurnOutcome.INTERRUPTED}
    return known.get(status, m.TurnOutcome.FAILED)

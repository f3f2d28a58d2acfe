"""What Codex tells of a turn, in the words of the core."""

from __future__ import annotations

import time
from collections.abc import Iterable

from tmuxorch.codex import appserver, notifications
from tmuxorch.codex.binary import with_advice
from tmuxorch.codex.limits import Window
from tmuxorch.controller.refusals import heard
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m


def stored(turn: appserver.Turn) -> msg.SeenTurn:
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

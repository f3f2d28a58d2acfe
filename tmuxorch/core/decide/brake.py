"""An account that is refused pauses all of its agents: until the time it was told, or longer and longer.

While it lasts no turn is sent (`follow`) and no worker started; turns that Codex works on go on, and those that are
refused too wait with the others. Nothing of it counts against a turn. Where somebody has to log in again, a checkpoint
says so; the pause ends and is tried again all the same.
"""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates
from tmuxorch.core.draft import Draft

CLOCK = "the clock"
"""Who ends a pause that is over."""


def follow(draft: Draft) -> None:
    """Ends the pauses that are over; asks a human where nobody is logged in, until that is mended."""
    for account, pause in draft.state.pauses.items():
        if pause.until <= draft.now:
            draft.emit(e.Resumed(account=account, by=CLOCK))
    asked = {
        c.origin.account: c
        for c in draft.state.checkpoints.values()
        if c.is_open and isinstance(c.origin, m.FromPause)
    }
    for account, pause in draft.state.pauses.items():
        if pause.kind is m.LimitKind.AUTH and account not in asked:
            gates.open_gate(draft, pause.by, "", m.FromPause(account=account), _card(account, pause))
    for account, checkpoint in asked.items():
        other = account in draft.state.pauses and draft.state.pauses[account].kind is not m.LimitKind.AUTH
        if other or account not in draft.state.refusals:
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason="the account is accepted again"))


def resume_now(draft: Draft, message: msg.ResumeNow) -> None:
    """Ends every pause."""
    for account in draft.state.pauses:
        draft.emit(e.Resumed(account=account, by=message.by))


def take(draft: Draft, account: str, answer: m.Answer, by: str) -> None:
    """A human has decided about an account that nobody is logged in to: work is tried again at once, or the run ends.

    Either way the pause is over: were it not, the same question would be asked again.
    """
    run = draft.state.active_run
    if answer.choice == gates.ABORT.key and run:
        gates.abort(draft, run, "the account is refused", by)
    if account in draft.state.pauses:
        draft.emit(e.Resumed(account=account, by=by))


def _card(account: str, pause: m.Pause) -> m.Card:
    whose = f"the account of {account}" if account else "the Codex account of this project"
    return m.Card(
        kind=m.CheckpointKind.FAILURE,
        title=f"{whose} is refused: log in again",
        body=pause.reason,
        do="Log in again (codex login, or a new API key and tmuxorch up), where that App Server runs.",
        expect="retry once you are logged in, or abort. It is also tried again by itself now and then.",
        choices=(gates.RETRY, gates.ABORT),
    )

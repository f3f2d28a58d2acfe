"""What a refusal by the provider means for an account: a pause of all its agents, or a longer one."""

from __future__ import annotations

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.draft import Draft

FIRST, LONGEST = 30.0, 900.0
"""Seconds of a pause whose end nobody told: the first one's, each next one's twice as many, up to this."""


def pause(draft: Draft, account: str, limit: m.Limit, reason: str, by: str) -> None:
    """The provider refused work of `account`, asked by the agent or worker `by`.

    A told time is kept to the second, unless it is over; a second refusal in the same pause can only prolong it. An
    account that nobody is logged in to stays that until the pause is over, whatever else is said meanwhile.
    """
    known = draft.state.pauses.get(account)
    told = limit.until if limit.until is not None and limit.until > draft.now else None
    if known is None:
        tries = draft.state.refusals.get(account, 0) + 1
        until = told or draft.now + min(FIRST * 2.0 ** min(tries - 1, 10), LONGEST)
        new = m.Pause(kind=limit.kind, reason=reason, since=draft.now, until=until, tries=tries, by=by)
    else:
        until = max(known.until, told or 0.0)
        new = replace(known, until=until)
        if known.kind is not m.LimitKind.AUTH and (limit.kind is m.LimitKind.AUTH or until > known.until):
            new = replace(new, kind=limit.kind, reason=reason, by=by)
    if new != known:
        draft.emit(e.Paused(account=account, pause=new))

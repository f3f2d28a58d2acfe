"""What changes with the lead."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m


def apply(state: m.State, event: e.LeadEvent) -> m.State:
    """The state after such an event. Who opens the lead waits for nothing that was before."""
    match event:
        case e.LeadOpened(full=full):
            upto = state.lead.told if state.lead.open else state.news_count
            return replace(state, lead=m.Lead(open=True, full=full, told=upto))
        case e.LeadClosed():
            return replace(state, lead=m.Lead(told=state.lead.told))
        case e.NewsTold(upto=upto):
            return told(state, upto)
        case _:
            assert_never(event)


def told(state: m.State, upto: int) -> m.State:
    """`state` after the lead has heard of the news up to that number."""
    return replace(state, lead=replace(state.lead, told=max(state.lead.told, upto)))


def waking(state: m.State, turn: m.Turn) -> m.State:
    """`state` while a turn that is to wake the lead is on its way: what it tells counts as not heard."""
    first, last = turn.news
    lead = replace(state.lead, told=min(state.lead.told, first - 1), woken=max(state.lead.woken, last))
    return replace(state, lead=lead)

"""The lead: opened for people to talk to, woken when a wait ends, and its questions to humans."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates, turns
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import NotFound, Refused, UsageError


def open_lead(draft: Draft, message: msg.OpenLead) -> None:
    """Its server is to have our tools. One that runs without them, or with another sandbox, is started anew; not in the
    midst of a turn: raises Refused.
    """
    lead, agent = draft.state.lead, draft.state.agents[LEAD]
    if (lead.open, lead.full) == (True, message.full) and agent.wanted and not agent.crashes:
        return
    if turn := turns.in_flight(draft.state, LEAD):
        raise Refused(f"the lead is at work on {turn.id} ({turn.purpose})", hint=f"tmuxorch interrupt {LEAD}")
    if (lead.open, lead.full) != (True, message.full):
        draft.emit(e.LeadOpened(by=message.by, full=message.full))
        _anew(draft, message.by)
    if not agent.wanted or agent.crashes:
        draft.emit(e.AgentWanted(name=LEAD, wanted=True, by=message.by))


def close_lead(draft: Draft, message: msg.CloseLead) -> None:
    """It is only given turns by us again. Raises Refused in the midst of a turn."""
    if not draft.state.lead.open:
        return
    if turn := turns.in_flight(draft.state, LEAD):
        raise Refused(f"the lead is at work on {turn.id} ({turn.purpose})", hint=f"tmuxorch interrupt {LEAD}")
    draft.emit(e.LeadClosed(by=message.by))
    _anew(draft, message.by)


def _anew(draft: Draft, by: str) -> None:
    """A server has the tools that it was started with."""
    if isinstance(draft.state.agents[LEAD].server, m.Starting | m.Running):
        draft.emit(e.ServerStopping(name=LEAD, by=by))


def to_wake(state: m.State) -> tuple[int, int] | None:
    """The news (first and last number) that the lead is to be woken with; None while it waits for none of them, or is
    not idle. In a run that people began it is asked by turns, and not woken.
    """
    lead, agent, run = state.lead, state.agents.get(LEAD), state.active_run
    if not lead.open or agent is None or not agent.ready or not agent.wanted or agent.account in state.pauses:
        return None
    if run is not None and not run.led:
        return None
    if not any(one.wakes and one.number > lead.told for one in reversed(state.news)):
        return None
    if any(turn.agent == LEAD and turn.over is None for turn in state.turns.values()):
        return None
    return lead.told + 1, state.news_count


def wake(draft: Draft, message: msg.WakeLead) -> None:
    """A turn that tells it all news since the last time; none if it is not to be woken any more."""
    if news := to_wake(draft.state):
        draft.emit(e.TurnQueued(id=draft.new_id("T"), agent=LEAD, purpose=m.Purpose.WAKE, news=news))


def tell(draft: Draft, message: msg.TellNews) -> None:
    """It asked by itself, and need not be woken for that; but for what it was told in a turn that is over by now, since
    Codex throws that away.
    """
    turn = turns.in_flight(draft.state, LEAD)
    asks = turn and isinstance(turn.state, m.TurnActive) and turn.state.codex_turn == message.codex_turn
    if asks and draft.state.lead.told < message.upto <= draft.state.news_count:
        draft.emit(e.NewsTold(upto=message.upto))


def ask_human(draft: Draft, message: msg.AskHuman) -> None:
    """A checkpoint with the lead's question. Raises UsageError for a card that says too little; NotFound and Refused
    for items that it cannot hold up.
    """
    card, run = message.card, draft.state.active_run
    for name, words in (("title", card.title), ("do", card.do), ("expect", card.expect)):
        if not words:
            raise UsageError(
                f"a checkpoint wants `{name}`: a human reads nothing else", hint=f"say it in `{name}`"
            )
    if message.blocks and run is None:
        raise Refused("there is no run whose items could be blocked", hint="leave `blocks` empty")
    for item in message.blocks:
        if run is None or run.plan is None or run.plan.item(item) is None:
            raise NotFound(f"there is no item {item!r} to be blocked", hint="get_plan")
        if item in run.begun:
            raise Refused(f"item {item} has begun and cannot be blocked", hint="leave it out of `blocks`")
    origin = m.FromLead(run=run.id if run else "")
    checkpoint = draft.new_id("C")
    blocks = gates.with_dependents(run, message.blocks) if run else ()
    draft.emit(
        e.CheckpointOpened(
            id=checkpoint,
            source=message.by,
            item=message.blocks[0] if message.blocks else "",
            origin=origin,
            card=card,
            digest=gates.digest(card),
            blocks=blocks,
        )
    )

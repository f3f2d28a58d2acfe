"""The lead: opened for people to talk to, woken when a wait ends, and its questions to humans.

When it is woken:

1. It is open and ready, its account is not paused, no run that people began asks it by turns, and it has no turn, be it
   of ours or of somebody at its TUI. Nobody has typed where its window is shown for a while (controller.waking).
2. There are news that it waits for and has not heard of: what it started or asked has ended, unless it ended that
   itself; a human has answered it; a run that it leads wants something of it. All news since the last that it heard of
   go into one turn.

It has heard of what Codex took with a turn, and of what it was told when it asked in a turn that still went on: what is
told to a turn that is over, Codex throws away.

3. A turn that Codex does not have when its thread is loaded waits as 1. says, and takes the newer news along; should it
   arrive after all, it is known by its mark.
4. One that was cut short by the end of its server, or has failed, is sent once more in the same way; one whose account
   was refused, as often as that happens. What it told counts as not heard until then.
5. After the second time a human is asked. What Codex never took is told with the next news, or once the lead has done
   another turn; what it took is in its thread, and is only told again if the human wants that.
6. One that somebody interrupts has been heard: whoever did that is there.
"""

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
    if waiting := _waiting(draft.state):
        turns.give_up(draft, waiting, message.by)
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
    waiting = _waiting(state)
    if any(one.agent == LEAD and one.over is None and one is not waiting for one in state.turns.values()):
        return None
    if waiting:
        return waiting.news[0], state.news_count
    return (lead.told + 1, state.news_count) if _waits(state, max(lead.told, lead.woken)) else None


def _waiting(state: m.State) -> m.Turn | None:
    """The turn that was to wake the lead and has to be sent once more."""
    turns = (one for one in reversed(state.turns.values()) if one.purpose is m.Purpose.WAKE)
    return next((one for one in turns if isinstance(one.state, m.TurnPending)), None)


def _waits(state: m.State, heard: int) -> bool:
    """Whether the lead waits for any news after that number. It may have waited for those that are not kept."""
    gone = state.news_count - len(state.news)
    return heard < gone or any(one.wakes and one.number > heard for one in reversed(state.news))


def wake(draft: Draft, message: msg.WakeLead) -> None:
    """A turn that tells it all news since the last time; none if it is not to be woken any more."""
    news = to_wake(draft.state)
    if news is None:
        return
    turn = _waiting(draft.state)
    if turn and not _waits(draft.state, draft.state.lead.told):
        why = "it has asked for these news by itself"
        draft.emit(e.TurnEnded(id=turn.id, outcome=m.TurnOutcome.CANCELLED, error=why))
        return
    name = turn.id if turn else draft.new_id("T")
    if turn is None:
        draft.emit(e.TurnQueued(id=name, agent=LEAD, purpose=m.Purpose.WAKE, news=news))
    draft.emit(e.TurnSending(id=name, generation=draft.state.agents[LEAD].generation))


LEAVE = m.Choice("leave", "leave it: somebody talks to it, or the next news wake it")

FAILURES = (m.TurnOutcome.FAILED, m.TurnOutcome.LOST)


def follow(draft: Draft) -> None:
    """A lead that could not be woken is a human's matter, until it has done a turn or is closed."""
    made = [one for one in draft.state.checkpoints.values() if isinstance(one.origin, m.FromWake)]
    asked = next((one for one in made if one.is_open), None)
    if not draft.state.lead.open:
        if asked:
            draft.emit(e.CheckpointLapsed(id=asked.id, reason="the lead was closed"))
        return
    turn = next((one for one in reversed(draft.state.turns.values()) if one.agent == LEAD and one.over), None)
    if turn is None or turn.over is None:
        return
    if asked and turn.over.outcome is m.TurnOutcome.COMPLETED:
        draft.emit(e.CheckpointLapsed(id=asked.id, reason="the lead goes on"))
    origin = m.FromWake(turn.id)
    failed = turn.purpose is m.Purpose.WAKE and turn.over.outcome in FAILURES
    if not failed or any(one.origin == origin for one in made):
        return
    if asked:
        draft.emit(e.CheckpointLapsed(id=asked.id, reason=f"{turn.id} has failed too"))
    card = gates.failure_card("the lead could not be woken", turn.over.error, gates.RETRY, LEAVE)
    gates.open_gate(draft, LEAD, "", origin, card)


def take(draft: Draft, turn: str, answer: m.Answer) -> None:
    """A human has decided about a lead that could not be woken: it is told the same once more, with what is new."""
    if answer.choice != gates.RETRY.key or _waiting(draft.state):
        return
    news = draft.state.turns[turn].news[0], draft.state.news_count
    draft.emit(e.TurnQueued(id=draft.new_id("T"), agent=LEAD, purpose=m.Purpose.WAKE, news=news))


def tell(draft: Draft, message: msg.TellNews) -> None:
    """It asked by itself, and need not be woken for that; but for what it was told in a turn that is over by now, since
    Codex throws that away.
    """
    turn = turns.in_flight(draft.state, LEAD)
    active = turn.state if turn and isinstance(turn.state, m.TurnActive) else None
    asks = active and active.codex_turn == message.codex_turn and not active.interrupting
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

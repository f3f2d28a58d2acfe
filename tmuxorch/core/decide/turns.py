"""Turns: what Codex made of them, and what people ask of agents."""

from __future__ import annotations

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import refusals
from tmuxorch.core.draft import Draft
from tmuxorch.errors import NotFound, Refused

SENDS = 2
"""How often a turn is given to Codex: once, and once more when it was lost with its server."""


TIME_LIMIT = "the time limit"
"""Who ended a read-only turn of a run that took too long."""


LEADING = (m.Purpose.KICKOFF, m.Purpose.WAKE, m.Purpose.TALK)
"""Turns in which the lead may wait for those of others: they take up no place."""


OURS = "tmuxorch-"
"""How every mark of ours begins."""


def mark(turn: m.Turn) -> str:
    """The id that goes with the turn on the wire, by which it is found again in its thread."""
    return f"{OURS}{turn.id}-{turn.attempt}"


def in_flight(state: m.State, agent: str) -> m.Turn | None:
    """The agent's turn that Codex has or is about to have; there is never more than one."""
    for turn in reversed(state.turns.values()):
        if turn.agent == agent and turn.in_flight:
            return turn
    return None


def began(draft: Draft, message: msg.TurnBegan) -> None:
    """Codex took the turn."""
    turn = draft.state.turns[message.id]
    if isinstance(turn.state, m.TurnSent):
        draft.emit(e.TurnStarted(id=turn.id, codex_turn=message.codex_turn, generation=turn.state.generation))


def refused(draft: Draft, message: msg.TurnRefused) -> None:
    """Codex did not take the turn, or was not given it."""
    turn = draft.state.turns[message.id]
    if isinstance(turn.state, m.TurnSent) and not sent_again(
        draft, turn, m.TurnOutcome.FAILED, message.error
    ):
        draft.emit(
            e.TurnEnded(
                id=turn.id,
                outcome=m.TurnOutcome.FAILED,
                error=message.error,
                moved=message.moved,
                after=message.after,
            )
        )


def seen(draft: Draft, message: msg.TurnSeen) -> None:
    """Somebody began a turn in Codex's own TUI, or has added to the one that is known; or one of ours has arrived after
    all, when it was already to be sent once more.
    """
    agent = draft.state.agents.get(message.agent)
    if agent is None or agent.generation != message.generation or not agent.is_up:
        return
    if not message.mark:
        talk(draft, agent, message.codex_turn)
    elif turn := _marked(draft.state, agent.name, message.mark):
        draft.emit(e.TurnStarted(id=turn.id, codex_turn=message.codex_turn, generation=message.generation))


def _marked(state: m.State, agent: str, wanted: str) -> m.Turn | None:
    """The agent's turn that was sent with that mark and is not known to have begun; none beside another one."""
    if (flying := in_flight(state, agent)) and not isinstance(flying.state, m.TurnSent):
        return None
    for turn in [flying] if flying else state.turns.values():
        sent = turn if flying else replace(turn, attempt=turn.attempt - 1)
        if turn.agent == agent and turn.over is None and mark(sent) == wanted:
            return turn
    return None


def talk(draft: Draft, agent: m.Agent, codex_turn: str) -> None:
    """The turn of that id is the agent's, unless it is known: one of ours that Codex was just given is not yet, and
    tells so by its mark.
    """
    known = in_flight(draft.state, agent.name)
    if known is None:
        name = draft.new_id("T")
        draft.emit(e.TurnSeen(id=name, agent=agent.name, generation=agent.generation, codex_turn=codex_turn))


def finished(draft: Draft, message: msg.TurnFinished) -> None:
    """Codex ended a turn; requests that belong to it wait for nobody any more."""
    turn = in_flight(draft.state, message.agent)
    if turn is None or not isinstance(turn.state, m.TurnActive):
        return
    if turn.state.codex_turn != message.codex_turn:
        return
    if put_off(draft, turn, message.limit, message.error):
        return
    if sent_again(draft, turn, message.outcome, message.error):
        return
    outcome, error = judged(draft, turn, message.outcome, message.error)
    draft.emit(
        e.TurnEnded(
            id=turn.id,
            outcome=outcome,
            message=message.message,
            error=error,
            seconds=message.seconds,
            tokens=message.tokens,
            touched=message.touched,
            strays=message.strays,
            moved=message.moved,
            after=message.after,
            diff=message.diff,
        )
    )


def lose(draft: Draft, agent: str, reason: str) -> None:
    """The agent's server is gone: its turn is sent once more, and given up the second time."""
    turn = in_flight(draft.state, agent)
    if turn is None:
        return
    interrupting = isinstance(turn.state, m.TurnActive) and turn.state.interrupting
    ours = turn.purpose is not m.Purpose.TALK
    if ours and turn.lost + 1 < SENDS and not interrupting:
        draft.emit(e.TurnRequeued(id=turn.id, reason=reason))
    else:
        outcome, error = judged(draft, turn, m.TurnOutcome.LOST, f"the server is gone: {reason}")
        draft.emit(e.TurnEnded(id=turn.id, outcome=outcome, error=error))


def put_off(draft: Draft, turn: m.Turn, limit: m.Limit | None, reason: str) -> bool:
    """A turn whose account was refused waits with it, and is sent again; not one that was to end anyway, or whose
    answer somebody sits and waits for.
    """
    if limit is None:
        return False
    agent = draft.state.agents.get(turn.agent)
    refusals.pause(draft, agent.account if agent else m.OURS, limit, reason, turn.agent)
    ending = isinstance(turn.state, m.TurnActive) and turn.state.interrupting
    if ending or turn.purpose in (m.Purpose.ASK, m.Purpose.TALK):
        return False
    draft.emit(e.TurnRequeued(id=turn.id, reason=reason, paused=True))
    return True


def sent_again(draft: Draft, turn: m.Turn, outcome: m.TurnOutcome, reason: str) -> bool:
    """A turn that was to wake the lead is sent once more after a failure: nobody else asks for it."""
    ending = isinstance(turn.state, m.TurnActive) and turn.state.interrupting
    failed = turn.in_flight and outcome is m.TurnOutcome.FAILED and not ending
    if turn.purpose is not m.Purpose.WAKE or not failed or turn.lost + 1 >= SENDS:
        return False
    draft.emit(e.TurnRequeued(id=turn.id, reason=reason))
    return True


def judged(draft: Draft, turn: m.Turn, outcome: m.TurnOutcome, error: str) -> tuple[m.TurnOutcome, str]:
    """How a turn ended, and why: one that was ended for its length, and not by itself just then, timed out."""
    late = isinstance(turn.state, m.TurnActive) and turn.state.by == TIME_LIMIT
    if late and outcome is not m.TurnOutcome.COMPLETED:
        return m.TurnOutcome.TIMED_OUT, f"it took longer than {draft.settings.read_timeout:g} s"
    return outcome, error


def deadline(state: m.State, turn: m.Turn, settings: msg.Settings) -> float | None:
    """When Codex has had enough time for a turn; None for one that has no limit, or waits for a human.

    Limited are read-only turns of a run; the time that humans took for their answers does not count.
    """
    if not isinstance(turn.state, m.TurnActive) or turn.state.interrupting or turn.writes or not turn.run:
        return None
    since = turn.state.at
    for checkpoint in state.checkpoints.values():
        origin = checkpoint.origin
        if isinstance(origin, m.FromServer) and origin.turn == turn.id:
            if isinstance(checkpoint.state, m.Open):
                return None
            since = max(since, checkpoint.state.at)
    return since + settings.read_timeout


def expire(draft: Draft) -> None:
    """Ends the turns that have had their time."""
    for turn in draft.state.turns.values():
        until = deadline(draft.state, turn, draft.settings) if turn.in_flight else None
        if until is not None and until <= draft.now:
            draft.emit(e.InterruptWanted(turn=turn.id, by=TIME_LIMIT))


def ask(draft: Draft, message: msg.Ask) -> None:
    """A read-only turn that somebody wants of an agent."""
    agent = draft.state.agents.get(message.agent)
    if agent is None:
        raise NotFound(f"no agent named {message.agent!r}", hint="tmuxorch child ls")
    if not agent.wanted:
        raise Refused(f"{agent.name} is stopped", hint=f"tmuxorch child start {agent.name}")
    if asked := m.given_up(draft.state, agent.name):
        raise Refused(asked.card.title, hint=f"tmuxorch show {asked.id}")
    if pause := draft.state.pauses.get(agent.account):
        raise Refused(
            f"the account of {agent.name} is refused: {pause.reason}", hint="tmuxorch up --resume-now"
        )
    draft.emit(
        e.TurnQueued(
            id=draft.new_id("T"),
            agent=agent.name,
            purpose=m.Purpose.KICKOFF if message.kickoff else m.Purpose.ASK,
            text=message.text,
            writes=False,
            by=message.by,
        )
    )


def _active(draft: Draft, agent: str) -> tuple[m.Turn, m.TurnActive]:
    if agent not in draft.state.agents:
        raise NotFound(f"no agent named {agent!r}", hint="tmuxorch child ls")
    turn = in_flight(draft.state, agent)
    if turn is None or not isinstance(turn.state, m.TurnActive):
        raise Refused(f"{agent} has no active turn", hint=f"tmuxorch ask {agent} …")
    return turn, turn.state


def steer(draft: Draft, message: msg.Steer) -> None:
    """Something is added to the agent's active turn."""
    turn, _ = _active(draft, message.agent)
    number = max((pair[0] for pair in turn.steers), default=0) + 1
    draft.emit(e.SteerQueued(turn=turn.id, number=number, text=message.text))


def steer_ended(draft: Draft, message: msg.SteerEnded) -> None:
    """What was added has arrived, or was refused."""
    turn = draft.state.turns[message.turn]
    if any(number == message.number for number, _ in turn.steers):
        draft.emit(e.SteerSent(turn=turn.id, number=message.number, error=message.error))


def interrupt(draft: Draft, message: msg.Interrupt) -> None:
    """The agent's active turn is to end."""
    turn, active = _active(draft, message.agent)
    if not active.interrupting:
        draft.emit(e.InterruptWanted(turn=turn.id, by=message.by))


def give_up(draft: Draft, turn: m.Turn, by: str) -> None:
    """A turn that is not needed any more: interrupted when Codex has it, over at once when not."""
    match turn.state:
        case m.TurnPending():
            draft.emit(e.TurnEnded(id=turn.id, outcome=m.TurnOutcome.CANCELLED, error=f"cancelled by {by}"))
        case m.TurnActive(interrupting=False):
            draft.emit(e.InterruptWanted(turn=turn.id, by=by))
        case _:
            pass

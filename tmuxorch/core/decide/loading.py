"""What a thread tells when it is loaded: its agent is ready, and what became of the turn that was in flight."""

from __future__ import annotations

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import checkpoints
from tmuxorch.core.decide.turns import OURS, in_flight, judged, lose, mark, put_off, sent_again, talk
from tmuxorch.core.draft import Draft

ANEW = "its server was started anew"


def thread_loaded(draft: Draft, message: msg.ThreadLoaded) -> None:
    """The agent is ready; its turn goes on, has ended, or was lost with its server.

    Of a server that is not ours nobody sees the end: when its next process answers, that is the next generation.
    """
    agent = draft.state.agents.get(message.agent)
    if agent is None or not _is_expected(agent, message.generation):
        return
    anew = agent.generation != message.generation
    if anew:
        checkpoints.lapse_requests(draft, agent.name, agent.generation, "the server that asked is gone")
    if anew or not agent.ready or agent.thread != message.thread:
        draft.emit(
            e.AgentReady(
                name=agent.name,
                generation=message.generation,
                thread=message.thread,
                version=message.version,
            )
        )
    _lost_and_found(draft, message)
    turn = in_flight(draft.state, agent.name)
    seen = _find(turn, message.turns) if turn else None
    if turn and agent.endpoint and _is_lost(turn, seen, anew):
        lose(draft, agent.name, ANEW)
    elif turn and seen:
        if isinstance(turn.state, m.TurnSent):
            draft.emit(e.TurnStarted(id=turn.id, codex_turn=seen.codex_turn, generation=message.generation))
        _end_as_seen(draft, turn, seen)
    elif turn and turn.purpose is m.Purpose.WAKE and isinstance(turn.state, m.TurnSent):
        # Somebody may type by now, so it waits for its moment again.
        draft.emit(e.TurnRequeued(id=turn.id, reason="Codex never had it", paused=True))
    running = [one for one in message.turns if one.outcome is None]
    if running and not running[-1].mark.startswith(OURS):
        talk(draft, draft.state.agents[agent.name], running[-1].codex_turn)


def _is_expected(agent: m.Agent, generation: int) -> bool:
    if agent.endpoint:
        return agent.wanted and generation in (agent.generation, agent.generation + 1)
    return agent.generation == generation and isinstance(agent.server, m.Running)


def _is_lost(turn: m.Turn, seen: msg.SeenTurn | None, anew: bool) -> bool:
    """Whether a server that is not ours has it no more: cut short by the end of a process, or not in the thread."""
    if seen is None:
        return anew or isinstance(turn.state, m.TurnActive)
    return anew and seen.outcome in (None, m.TurnOutcome.INTERRUPTED)


def _lost_and_found(draft: Draft, message: msg.ThreadLoaded) -> None:
    """A turn that is to be sent once more had ended by itself, only the news of it was lost with the server.

    One that the server's end cut short is listed as interrupted, and is sent once more; so is one that was refused.
    """
    for turn in draft.state.turns.values():
        if turn.agent != message.agent or not isinstance(turn.state, m.TurnPending) or turn.attempt == 1:
            continue
        last = mark(replace(turn, attempt=turn.attempt - 1))
        for seen in message.turns:
            if seen.mark == last and seen.outcome is not m.TurnOutcome.INTERRUPTED and not seen.limit:
                _end_as_seen(draft, turn, seen)


def _end_as_seen(draft: Draft, turn: m.Turn, seen: msg.SeenTurn) -> None:
    if seen.outcome is None or put_off(draft, turn, seen.limit, seen.error):
        return
    # Looked up anew: it may have begun just now.
    if not sent_again(draft, draft.state.turns[turn.id], seen.outcome, seen.error):
        outcome, error = judged(draft, turn, seen.outcome, seen.error)
        draft.emit(
            e.TurnEnded(
                id=turn.id,
                outcome=outcome,
                message=seen.message,
                error=error,
                seconds=seen.seconds,
                touched=seen.touched,
                strays=seen.strays,
                moved=seen.moved,
                after=seen.after,
                diff=seen.diff,
            )
        )


def _find(turn: m.Turn, seen: tuple[msg.SeenTurn, ...]) -> msg.SeenTurn | None:
    if isinstance(turn.state, m.TurnActive):
        codex_turn = turn.state.codex_turn
        return next((one for one in seen if one.codex_turn == codex_turn), None)
    return next((one for one in seen if one.mark == mark(turn)), None)

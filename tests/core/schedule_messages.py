"""What may be told in the schedules of leases: of turns, threads, commits and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tests.core.play import codex_turn
from tmuxorch.core import effects as f
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m

T = TypeVar("T")
DONE = m.TurnOutcome.COMPLETED


def picked(options: Sequence[T], number: int) -> T:
    return options[number % len(options)]


def next_of_turn(turn: m.Turn, how: m.TurnOutcome, touched: tuple[str, ...] = ()) -> msg.Message:
    if isinstance(turn.state, m.TurnSent):
        return msg.TurnBegan(id=turn.id, codex_turn=codex_turn(turn))
    return finished(turn, how, touched=touched if turn.writes else ())


def loaded(agent: m.Agent) -> msg.ThreadLoaded:
    return msg.ThreadLoaded(agent=agent.name, generation=agent.generation, thread=f"thread of {agent.name}")


def finished(
    turn: m.Turn, how: m.TurnOutcome, *, limit: m.Limit | None = None, touched: tuple[str, ...] = ()
) -> msg.TurnFinished:
    return msg.TurnFinished(
        agent=turn.agent,
        codex_turn=codex_turn(turn),
        outcome=how,
        message="I did it." if how is DONE else "",
        error="refused" if limit else "",
        limit=limit,
        touched=touched,
    )


def committed(effect: f.PreparePlace | f.CommitWork, works: bool) -> msg.Message:
    assert isinstance(effect, f.CommitWork)
    run, item, child = effect.run, effect.item, effect.child
    if works:
        return msg.CommitMade(run=run, item=item, child=child, commit="c" * 40)
    return msg.CommitFailed(run=run, item=item, child=child, reason="locked")


def answered(checkpoint: m.Checkpoint, choices: list[str], number: int = 0) -> msg.AnswerCheckpoint:
    choice = picked(choices, number) if choices else ""
    answer = m.Answer(choice=choice, text="with care")
    return msg.AnswerCheckpoint(id=checkpoint.id, answer=answer, by="ann")

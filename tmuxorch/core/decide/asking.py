"""Asking agents for what a phase of a run needs, and a human when no answer can be had.

Level, not edge: what was asked and answered is found in the state each time.
"""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates
from tmuxorch.core.draft import Draft


def ask(draft: Draft, run: m.Run, agent: str, purpose: m.Purpose, text: str = "", topic: str = "") -> None:
    """A read-only turn for that purpose."""
    draft.emit(
        e.TurnQueued(
            id=draft.new_id("T"),
            agent=agent,
            purpose=purpose,
            run=run.id,
            text=text,
            writes=False,
            topic=topic,
        )
    )


def latest(state: m.State, run: m.Run, purpose: m.Purpose, agent: str, topic: str = "") -> m.Turn | None:
    """The newest turn of the run for that purpose (and topic) and agent."""
    for turn in reversed(state.turns.values()):
        if (turn.run, turn.purpose, turn.agent, turn.topic) == (run.id, purpose, agent, topic):
            return turn
    return None


def ended(draft: Draft, run: m.Run, agent: str, purpose: m.Purpose, topic: str = "") -> m.TurnOver | None:
    """The end of the newest turn for `purpose`; asks for one if there is none."""
    turn = latest(draft.state, run, purpose, agent, topic)
    if turn is None:
        ask(draft, run, agent, purpose, topic=topic)
        return None
    return turn.over


def answer(draft: Draft, run: m.Run, agent: str, purpose: m.Purpose, topic: str = "") -> m.TurnOver | None:
    """The completed turn for `purpose`; asks for one if there is none, a human if it failed."""
    over = ended(draft, run, agent, purpose, topic)
    if over is None or over.outcome is m.TurnOutcome.COMPLETED:
        return over
    turn = latest(draft.state, run, purpose, agent, topic)
    assert turn is not None
    what = f"{purpose} {topic}".strip()
    if human := decided(draft, run, turn, f"{what} turn of {agent}: {over.outcome}", over.error):
        ask(draft, run, agent, purpose, human.text, topic)
    return None


def decided(draft: Draft, run: m.Run, what: m.Turn | m.Check, title: str, body: str) -> m.Answer | None:
    """A human's decision to go on with what failed; opens the checkpoint for it the first time."""
    origin = m.FromRun(run=run.id, turn=what.id)
    for checkpoint in draft.state.checkpoints.values():
        if checkpoint.origin == origin:
            return checkpoint.state.answer if isinstance(checkpoint.state, m.Closed) else None
    source = what.agent if isinstance(what, m.Turn) else what.child
    other = gates.SKIP if run.phase is m.Phase.VERIFY else gates.INSTRUCT
    gates.open_gate(
        draft, source, "", origin, gates.failure_card(title, body, gates.RETRY, other, gates.ABORT)
    )
    return None

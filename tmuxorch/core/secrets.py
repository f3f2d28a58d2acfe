"""Which secret answers a turn passes on. The state knows that they were given, never what they are: that is in the
memory of the controller, and gone with it.
"""

from __future__ import annotations

from tmuxorch.core import model as m

KEPT_BACK = "(a secret: passed on, stored nowhere)"
"""What is recorded as a human's decision in place of a secret."""


def task(state: m.State, run: str, item: str) -> m.Checkpoint | None:
    """The newest checkpoint of a human task."""
    origin = m.FromHumanItem(run=run, item=item)
    return next((one for one in reversed(state.checkpoints.values()) if one.origin == origin), None)


def needed(state: m.State, turn: m.Turn) -> dict[str, m.Checkpoint]:
    """Human tasks, by item, whose secret answer belongs into the prompt of `turn`: a fix goes on in a thread that
    has it already.
    """
    run = state.runs.get(turn.run)
    item = run.plan.item(turn.item) if run and run.plan else None
    if run is None or run.plan is None or item is None or turn.purpose is not m.Purpose.ITEM:
        return {}
    tasks = ((name, task(state, run.id, name)) for name in run.plan.needs(item))
    return {name: one for name, one in tasks if one and is_secret(one)}


def is_secret(checkpoint: m.Checkpoint) -> bool:
    """Whether its answer is a secret, or holds one."""
    return any(field.secret for field in checkpoint.card.fields)


def answer_of(checkpoint: m.Checkpoint) -> m.Answer:
    """The recorded answer; an empty one while there is none."""
    state = checkpoint.state
    return state.answer if isinstance(state, m.Answered | m.Closed) else m.Answer()


def awaited(state: m.State, turn: m.Turn) -> bool:
    """Whether a secret that `turn` passes on has to be given again first."""
    return any(isinstance(one.state, m.Open | m.Answered) for one in needed(state, turn).values())


def told(state: m.State, agent: str) -> list[m.Checkpoint]:
    """The checkpoints whose secret answer an agent has been given."""
    direct = [
        one
        for one in state.checkpoints.values()
        if isinstance(one.origin, m.FromServer) and one.origin.agent == agent and is_secret(one)
    ]
    passed = [
        one for turn in state.turns.values() if turn.agent == agent for one in needed(state, turn).values()
    ]
    return [one for one in direct + passed if answer_of(one).secrets]

"""Model tokens by item and by run, summed from what Codex counted for each turn."""

from __future__ import annotations

from collections.abc import Iterable

from tmuxorch.core import model as m


def total(turns: Iterable[m.Turn]) -> m.Tokens:
    """The tokens of `turns` together."""
    each = [turn.tokens for turn in turns]
    return m.Tokens(
        sum(one.input for one in each), sum(one.cached for one in each), sum(one.output for one in each)
    )


def of_run(state: m.State, run: m.Run) -> m.Tokens:
    """The tokens of all turns of a run."""
    return total(turn for turn in state.turns.values() if turn.run == run.id)


def of_item(state: m.State, run: m.Run, item: str) -> m.Tokens:
    """The tokens of the turns of one item."""
    return total(turn for turn in state.turns.values() if (turn.run, turn.item) == (run.id, item))


def of_child(state: m.State, run: m.Run, child: str) -> m.Tokens:
    """The tokens of a child's (or the lead's) turns of a run."""
    return total(turn for turn in state.turns.values() if (turn.run, turn.agent) == (run.id, child))

"""The law is total over the statuses of the model, and what it forbids changes nothing."""

from __future__ import annotations

from itertools import product
from typing import Any, get_args

import pytest

from tests.core.play import Story, executing
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.evolve import evolve
from tmuxorch.core.transitions import ALLOWED, PHASES, IllegalMove, enter, move
from tmuxorch.errors import Bug

UNIONS = (m.Life, m.TurnState, m.CheckpointState, m.ItemProgress)

SAMPLES: dict[type, Any] = {
    m.Queued: m.Queued(at=1),
    m.Starting: m.Starting(at=1),
    m.Running: m.Running(at=1, pid=2, host_pid=1),
    m.Stopping: m.Stopping(at=1, by="ann"),
    m.Exited: m.Exited(at=1, outcome=m.Outcome.FAILED),
    m.TurnPending: m.TurnPending(at=1),
    m.TurnSent: m.TurnSent(at=1, generation=1),
    m.TurnActive: m.TurnActive(at=1, generation=1, codex_turn="u"),
    m.TurnOver: m.TurnOver(at=1, outcome=m.TurnOutcome.COMPLETED),
    m.Open: m.Open(),
    m.Answered: m.Answered(at=1, by="ann", answer=m.Answer()),
    m.Closed: m.Closed(at=1, by="ann", answer=m.Answer()),
    m.Lapsed: m.Lapsed(at=1, reason="gone"),
    m.ItemPending: m.ItemPending(),
    m.ItemWorking: m.ItemWorking(turn="T1"),
    m.ItemChecking: m.ItemChecking(checks=()),
    m.ItemCommitting: m.ItemCommitting(),
    m.ItemDeciding: m.ItemDeciding(checkpoint="C1"),
    m.ItemDone: m.ItemDone(),
    m.ItemFailed: m.ItemFailed(reason="gone"),
    m.ItemSkipped: m.ItemSkipped(by="ann"),
}


def test_the_table_has_a_row_for_every_status_and_no_other() -> None:
    statuses = {status for union in UNIONS for status in get_args(union)}
    assert set(ALLOWED) == statuses == set(SAMPLES)
    assert set(PHASES) == set(m.Phase)


@pytest.mark.parametrize("union", UNIONS)
def test_statuses_follow_only_statuses_of_their_own_kind(union: object) -> None:
    kind = set(get_args(union))
    assert all(ALLOWED[status] <= kind for status in kind)


def test_what_is_not_in_the_table_is_a_bug() -> None:
    for old, new in product(SAMPLES, SAMPLES):
        if new in ALLOWED[old]:
            move("it", SAMPLES[old], SAMPLES[new])
            continue
        with pytest.raises(IllegalMove) as caught:
            move("it", SAMPLES[old], SAMPLES[new])
        assert caught.value.message == f"it: {new.__name__} cannot follow {old.__name__}"
        assert isinstance(caught.value, Bug)


def test_a_run_enters_no_phase_that_is_not_in_the_table() -> None:
    for old, new in product(m.Phase, m.Phase):
        if new in PHASES[old]:
            enter("R1", old, new)
            continue
        with pytest.raises(IllegalMove, match=f"R1: phase {new} cannot follow {old}"):
            enter("R1", old, new)


def test_what_has_ended_for_good_has_no_way_out() -> None:
    final = {status for status, followers in ALLOWED.items() if not followers}
    assert final == {m.TurnOver, m.Lapsed, m.ItemFailed, m.ItemSkipped}
    assert PHASES[m.Phase.ENDED] == frozenset()


def test_every_phase_leads_to_the_end() -> None:
    assert all(m.Phase.ENDED in PHASES[phase] for phase in m.Phase if phase is not m.Phase.ENDED)


@pytest.mark.parametrize(
    "event",
    [
        e.ServerStarting(name="backend", generation=2),  # it runs
        e.TurnStarted(id="T1", codex_turn="u", generation=1),  # it is over
        e.TurnEnded(id="T1", outcome=m.TurnOutcome.COMPLETED),
        e.CheckpointAnswered(id="C1", answer=m.Answer(choice="accept"), by="ann", digest=""),
        e.ItemMoved(run="R1", item="2", progress=m.ItemChecking(checks=())),  # it waits for item 1
        e.PhaseEntered(run="R1", phase=m.Phase.CONNECT),
        e.JobStarted(id="K1", pid=2, host_pid=1),  # it has ended
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_that_the_law_forbids_changes_nothing(event: e.Event) -> None:
    story = executing(settings=msg.Settings(tests={"backend": ("make test",)}))
    before = story.state
    with pytest.raises(IllegalMove):
        evolve(story.state, event, 1.0)
    assert story.state == before == refolded(story)


def refolded(story: Story) -> m.State:
    state = m.State()
    for at, event in story.journal:
        state = evolve(state, event, at)
    return state

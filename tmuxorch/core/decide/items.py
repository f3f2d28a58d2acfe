"""The items of a plan: which go on, and when one begins."""

from __future__ import annotations

from typing import assert_never

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates, human, led, places, proving
from tmuxorch.core.decide.turns import LEADING
from tmuxorch.core.draft import Draft
from tmuxorch.core.leases import claims, of_item, waiting
from tmuxorch.core.plan import ItemStatus, PlanItem

BEGUN = m.ItemWorking | m.ItemChecking | m.ItemCommitting | m.ItemDeciding


def follow(draft: Draft, run: m.Run) -> bool:
    """Moves every item on as far as the state allows. True when none can go further."""
    plan, standing = run.plan, m.pending(run)
    assert plan is not None
    for item in plan.items:
        run = draft.state.runs[run.id]
        if run.phase is not m.Phase.EXECUTE:
            return False
        progress = run.items[item.id].progress
        match progress:
            case m.ItemPending():
                if standing.get(item.id) is ItemStatus.READY:
                    _begin(draft, run, item)
            case m.ItemWorking(turn=turn):
                proving.worked(draft, run, item, draft.state.turns[turn])
            case m.ItemChecking(checks=checks):
                proving.checked(draft, run, item, [draft.state.checks[check] for check in checks])
            case m.ItemDeciding(checkpoint=checkpoint):
                human.renew(draft, run, item, draft.state.checkpoints[checkpoint])
            case m.ItemCommitting() | m.ItemDone() | m.ItemFailed() | m.ItemSkipped():
                pass
            case _:
                assert_never(progress)
    run = draft.state.runs[run.id]
    waiting = set(m.pending(run).values()) - {ItemStatus.BLOCKED}
    return not waiting and not any(isinstance(held.progress, BEGUN) for held in run.items.values())


def _begin(draft: Draft, run: m.Run, item: PlanItem) -> None:
    if item.human is not None:
        origin = m.FromHumanItem(run=run.id, item=item.id)
        checkpoint = gates.open_gate(draft, item.owner, item.id, origin, human.card(run, item))
        draft.emit(e.ItemMoved(run=run.id, item=item.id, progress=m.ItemDeciding(checkpoint=checkpoint)))
        return
    if not led.is_ordered(run, item.id):
        return
    ready = places.is_ready(draft, run, item.owner) and _is_free(draft.state, run, item.owner)
    if ready and _unfinished(draft.state) < draft.settings.turns:
        proving.work(draft, run, item, m.Purpose.ITEM, _so_far(draft.state, run, item))


def _is_free(state: m.State, run: m.Run, owner: str) -> bool:
    """Whether the owner has nothing to do, and what it did for another item is settled: a check, a commit and a
    human should each see the whole change of one item, and nothing of the next one.
    """
    assert run.plan is not None
    mine = (run.items[item.id].progress for item in run.plan.items if item.owner == owner)
    if any(isinstance(progress, BEGUN) for progress in mine):
        return False
    return not any(turn.agent == owner and turn.over is None for turn in state.turns.values())


def _unfinished(state: m.State) -> int:
    """Turns that take up a place, or will as soon as there is one; none that waits until somebody else has written."""
    ready = {agent.name for agent in state.agents.values() if agent.ready}
    held_up = waiting(claims(state))
    unfinished = (
        turn
        for turn in state.turns.values()
        if turn.over is None and turn.agent in ready and turn.purpose not in LEADING
    )
    return sum(not turn.writes or of_item(turn.run, turn.item) not in held_up for turn in unfinished)


def _so_far(state: m.State, run: m.Run, item: PlanItem) -> str:
    """Why a human was asked about the item the last time, for whoever works on it again."""
    if not run.items[item.id].attempts:
        return ""
    origin = m.FromItem(run=run.id, item=item.id)
    for checkpoint in reversed(state.checkpoints.values()):
        if checkpoint.origin == origin:
            return f"It was tried before, and a human was asked:\n{checkpoint.card.title}\n{checkpoint.card.body}"
    return ""

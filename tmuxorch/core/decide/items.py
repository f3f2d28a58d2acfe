"""The items of a plan: when one begins, what its turn and its checks mean, when a human has to decide."""

from __future__ import annotations

from typing import assert_never

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core import work
from tmuxorch.core.decide import gates, human
from tmuxorch.core.decide.jobs import queue_check
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import ItemStatus, PlanItem

SETTLED = frozenset({ItemStatus.DONE, ItemStatus.SKIPPED, ItemStatus.FAILED, ItemStatus.BLOCKED})


def follow(draft: Draft, run: m.Run) -> bool:
    """Moves every item on as far as the state allows. True when none can go further."""
    plan = run.plan
    assert plan is not None
    for item in plan.items:
        run = draft.state.runs[run.id]
        if run.phase is not m.Phase.EXECUTE:
            return False
        progress = run.items[item.id].progress
        match progress:
            case m.ItemPending():
                if m.item_status(draft.state, run, item.id) is ItemStatus.READY:
                    _begin(draft, run, item)
            case m.ItemWorking(turn=turn):
                _worked(draft, run, item, draft.state.turns[turn])
            case m.ItemChecking(checks=checks):
                _checked(draft, run, item, [draft.state.checks[check] for check in checks])
            case m.ItemCommitting() | m.ItemDeciding() | m.ItemDone() | m.ItemFailed() | m.ItemSkipped():
                pass
            case _:
                assert_never(progress)
    run = draft.state.runs[run.id]
    return all(m.item_status(draft.state, run, item.id) in SETTLED for item in plan.items)


def _begin(draft: Draft, run: m.Run, item: PlanItem) -> None:
    if item.human is not None:
        origin = m.FromHumanItem(run=run.id, item=item.id)
        assert run.plan is not None
        card = human.card(run.plan, item)
        checkpoint = gates.open_gate(draft, item.owner, item.id, origin, card)
        draft.emit(e.ItemMoved(run=run.id, item=item.id, progress=m.ItemDeciding(checkpoint=checkpoint)))
        return
    if _is_free(draft.state, run, item.owner) and _unfinished(draft.state) < draft.settings.turns:
        _work(draft, run, item, m.Purpose.ITEM, "")


def _is_free(state: m.State, run: m.Run, owner: str) -> bool:
    """Whether the owner has nothing to do, and no check runs on what it did: both would see half a change."""
    assert run.plan is not None
    mine = (run.items[item.id].progress for item in run.plan.items if item.owner == owner)
    if any(isinstance(progress, m.ItemWorking | m.ItemChecking) for progress in mine):
        return False
    return not any(turn.agent == owner and turn.over is None for turn in state.turns.values())


def _unfinished(state: m.State) -> int:
    """Turns that take up a place, or will as soon as there is one."""
    ready = {agent.name for agent in state.agents.values() if agent.ready}
    return sum(turn.over is None and turn.agent in ready for turn in state.turns.values())


def _work(draft: Draft, run: m.Run, item: PlanItem, purpose: m.Purpose, text: str) -> None:
    turn = draft.new_id("T")
    draft.emit(
        e.TurnQueued(
            id=turn, agent=item.owner, purpose=purpose, run=run.id, item=item.id, text=text, writes=True
        )
    )
    fixing = purpose is m.Purpose.FIX
    progress = m.ItemWorking(turn=turn)
    draft.emit(e.ItemMoved(run=run.id, item=item.id, progress=progress, fixing=fixing))


def _worked(draft: Draft, run: m.Run, item: PlanItem, turn: m.Turn) -> None:
    """Its turn is over: its words are noted, its commands are run; anything but a completed turn is a
    human's.
    """
    over = turn.over
    if over is None:
        return
    if over.outcome is not m.TurnOutcome.COMPLETED:
        title = f"{item.owner} could not finish item {item.id}: {over.outcome}"
        _decide(draft, run, item, title, over.error or over.message)
        return
    before = sum(c.run == run.id and c.item == item.id for c in draft.state.checks.values())
    checks = tuple(
        queue_check(draft, run, m.Stage.ITEM, item.id, number, item.owner, command)
        for number, command in enumerate(item.verification, before + 1)
    )
    draft.emit(
        e.ItemMoved(
            run=run.id,
            item=item.id,
            progress=m.ItemChecking(checks=checks),
            summary=work.read(over.message).summary,
            changed=draft.state.agents[item.owner].git.changed,
        )
    )


def _checked(draft: Draft, run: m.Run, item: PlanItem, checks: list[m.Check]) -> None:
    """All its commands have ended: done, one fix turn with the output, or a human's matter."""
    if not all(isinstance(check.life, m.Exited) for check in checks):
        return
    failed = [check for check in checks if not check.passed]
    if not failed:
        draft.emit(e.ItemMoved(run=run.id, item=item.id, progress=m.ItemDone()))
        return
    words = "\n\n".join(map(gates.check_words, failed))
    if not all(map(_was_proof, failed)):
        _decide(draft, run, item, f"a check of item {item.id} could not be run to its end", words)
    elif run.items[item.id].fixes == 0:
        _work(draft, run, item, m.Purpose.FIX, words)
    else:
        _decide(draft, run, item, f"item {item.id} fails its check after a fix", words)


def _was_proof(check: m.Check) -> bool:
    """Whether a failed check says something about the work: one that was killed, lost or never began does not."""
    return isinstance(check.life, m.Exited) and check.life.outcome is m.Outcome.FAILED


def _decide(draft: Draft, run: m.Run, item: PlanItem, title: str, body: str) -> None:
    origin = m.FromItem(run=run.id, item=item.id)
    card = gates.failure_card(title, body, gates.RETRY, gates.INSTRUCT, gates.SKIP, gates.ABORT)
    checkpoint = gates.open_gate(draft, item.owner, item.id, origin, card)
    draft.emit(e.ItemMoved(run=run.id, item=item.id, progress=m.ItemDeciding(checkpoint=checkpoint)))

"""Where the items of a run stand, as seen from each other."""

from __future__ import annotations

from tmuxorch.core.model.runs import (
    ItemChecking,
    ItemCommitting,
    ItemDeciding,
    ItemDone,
    ItemFailed,
    ItemPending,
    ItemSkipped,
    ItemState,
    ItemWorking,
    Phase,
    Run,
)
from tmuxorch.core.model.state import State
from tmuxorch.core.plan import ContractStatus, ItemStatus


def item_status(state: State, run: Run, item_id: str) -> ItemStatus:
    """The public word for how far an item is; blocked and ready are seen from what it needs."""
    progress = run.items[item_id].progress if item_id in run.items else ItemPending()
    match progress:
        case ItemPending():
            return pending(run).get(item_id, ItemStatus.PENDING)
        case ItemWorking() | ItemChecking():
            waits = any(c.is_open and c.item == item_id for c in state.checkpoints.values())
            return ItemStatus.WAITING if waits else ItemStatus.RUNNING
        case ItemCommitting():
            return ItemStatus.RUNNING
        case ItemDeciding():
            return ItemStatus.WAITING
        case ItemDone():
            return ItemStatus.DONE
        case ItemFailed():
            return ItemStatus.FAILED
        case ItemSkipped():
            return ItemStatus.SKIPPED


def pending(run: Run) -> dict[str, ItemStatus]:
    """Of every item that has not begun: whether it is pending (what is held, too), ready, or blocked because something
    that it needs, directly or not, has failed.
    """
    if run.plan is None:
        return {}
    needs = run.plan.all_needs()
    progress = {item: run.items.get(item, ItemState()).progress for item in needs}
    waiting = [item for item in needs if isinstance(progress[item], ItemPending)]
    hopeless = {item for item in needs if isinstance(progress[item], ItemFailed)}
    grown = True
    while grown:
        more = {item for item in waiting if item not in hopeless and not hopeless.isdisjoint(needs[item])}
        hopeless |= more
        grown = bool(more)
    settled = {item for item in needs if isinstance(progress[item], ItemDone | ItemSkipped)}
    executing, held = run.phase is Phase.EXECUTE, run.holds
    return {
        item: ItemStatus.BLOCKED
        if item in hopeless
        else ItemStatus.READY
        if executing and item not in held and settled.issuperset(needs[item])
        else ItemStatus.PENDING
        for item in waiting
    }


def unordered(run: Run) -> tuple[str, ...]:
    """The items of a led run that could begin as soon as who leads says so."""
    if not run.led or run.plan is None:
        return ()
    ready = (item for item, status in pending(run).items() if status is ItemStatus.READY)
    items = (run.plan.item(item) for item in ready if item not in run.ordered)
    return tuple(item.id for item in items if item and item.human is None)


def contract_status(run: Run, name: str) -> ContractStatus:
    """Where a contract of the run's plan stands."""
    if name in run.contract_changes:
        return ContractStatus.CHANGED
    if run.plan is None or run.phase in (Phase.PLAN, Phase.GATE):
        return ContractStatus.PROPOSED
    makers = [item.id for item in run.plan.items if item.contract == name and run.plan.changes(item)]
    progress = [run.items[item].progress for item in makers]
    if progress and all(isinstance(one, ItemDone) for one in progress):
        return ContractStatus.KEPT
    begun = (ItemWorking, ItemChecking, ItemCommitting, ItemDeciding)
    return (
        ContractStatus.CHANGING if any(isinstance(one, begun) for one in progress) else ContractStatus.AGREED
    )


def owners(run: Run) -> tuple[str, ...]:
    """The children that have anything to do, or will have, in the order of the plan."""
    waiting = pending(run)
    over = (ItemDone, ItemFailed, ItemSkipped)
    items = run.plan.items if run.plan else ()
    busy = (
        item.owner
        for item in items
        if item.human is None
        and waiting.get(item.id) is not ItemStatus.BLOCKED
        and not isinstance(run.items[item.id].progress, over)
    )
    return tuple(dict.fromkeys(busy))

"""Contracts between the repos: what tells that one has another shape now, and what follows from it."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import Contract, Plan, PlanItem
from tmuxorch.core.scope import in_scope
from tmuxorch.core.work import WorkAnswer


def worked(draft: Draft, run: m.Run, item: PlanItem, turn: m.Turn, said: WorkAnswer) -> None:
    """A turn of an item is over: its producer says that a contract has changed, or git saw its files change under an
    item that is not to change it.
    """
    assert run.plan is not None
    named = {change.name: change for change in said.contract_changes}
    before = set(run.items[item.id].changed)
    for contract in run.plan.contracts:
        change = named.get(contract.name)
        if change and contract.producer == item.owner:
            changed(
                draft, run.id, contract, change.shape or shape(run, contract), f"item {item.id}", change.why
            )
        elif not (run.plan.changes(item) and contract.name == item.contract):
            seen = turn.touched if contract.producer == item.owner else turn.strays.get(contract.producer, ())
            paths = [path for path in seen if path not in before and in_scope(path, contract.paths)]
            if paths:
                why = f"{', '.join(paths)} differs, and the item was not to change this contract"
                changed(draft, run.id, contract, shape(run, contract), f"item {item.id}", why, seen=True)


def edited(draft: Draft, run: m.Run, old: Plan) -> None:
    """A human has edited the plan `old` of a run in execution to what it is now."""
    assert run.plan is not None
    for contract in run.plan.contracts:
        before = old.contract(contract.name)
        if before and before.shape != contract.shape:
            why = "its shape was edited by hand"
            changed(draft, run.id, contract, contract.shape, "plan.md", why, told=before.shape)


def shape(run: m.Run, contract: Contract) -> str:
    """The shape that a contract has in truth, as far as is known."""
    return run.contract_changes.get(contract.name, contract.shape)


def changed(
    draft: Draft,
    run_id: str,
    contract: Contract,
    new: str,
    by: str,
    why: str,
    *,
    told: str | None = None,
    seen: bool = False,
) -> None:
    """Flags every item that uses the contract, holds those that have not begun, and has the plan looked at again.

    Nothing when `new` is the shape that everybody knows of, unless git has `seen` that it is another by now. `told` is
    what they know of, if that is not what is on record.
    """
    run = draft.state.runs[run_id]
    assert run.plan is not None
    known = run.contract_changes.get(contract.name, contract.shape if told is None else told)
    if new == known and not seen:
        return
    draft.emit(e.ContractChanged(run=run_id, contract=contract.name, shape=new, by=by, why=why))
    reason = f"the contract {contract.name} was changed by {by}" + (f": {why}" if why else "")
    users = [one for one in run.plan.items if one.contract == contract.name and not run.plan.changes(one)]
    for user in users:
        draft.emit(e.ItemFlagged(run=run_id, item=user.id, reason=reason))
    holds = tuple(user.id for user in users if user.id not in run.begun)
    draft.emit(e.ReplanWanted(run=run_id, cause=reason, holds=holds))

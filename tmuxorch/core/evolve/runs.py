"""What events of a run change."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve.tables import counted, without
from tmuxorch.core.plan import Plan
from tmuxorch.core.plan_changes import altered, merged
from tmuxorch.core.transitions import enter, move


def apply(state: m.State, event: e.RunEvent, at: float) -> m.State:
    """The state after an event of a run."""
    if isinstance(event, e.RunStarted):
        run = m.Run(
            id=event.id,
            problem=event.problem,
            children=event.children,
            auto=event.auto,
            started=at,
            requests=event.requests,
            fresh=event.fresh,
            led=event.led,
        )
        return replace(counted(state, event.id), runs={**state.runs, event.id: run})
    run = _run_after(state.runs[event.run], event, at)
    if isinstance(event, e.BriefRecorded):
        seen = state.agents[event.child].git
        base = m.Git(branch=seen.branch, head=seen.head)
        run = replace(run, bases={**run.bases, event.child: base})
    return replace(state, runs={**state.runs, event.run: run})


def _run_after(run: m.Run, event: e.LaterRunEvent, at: float) -> m.Run:
    match event:
        case e.PhaseEntered(phase=phase):
            enter(run.id, run.phase, phase)
            return replace(run, phase=phase, base=_base(run, phase))
        case e.BriefRecorded(child=child, brief=brief, fingerprint=fingerprint):
            fingerprints = {**run.fingerprints, child: fingerprint}
            return replace(run, briefs={**run.briefs, child: brief}, fingerprints=fingerprints)
        case e.ContractsRecorded(contracts=contracts, parallel=parallel, risks=risks):
            return replace(run, contracts=contracts, parallel=parallel, risks=risks)
        case e.PlanRefused():
            return replace(run, repairs=run.repairs + 1)
        case e.PlanProposed(plan=plan):
            return replace(run, plan=plan, base=_in_hand(run, plan), repairs=0, items=_items(run, plan))
        case e.PlanEdited(plan=plan):
            ordered = tuple(item for item in run.ordered if plan.item(item))
            return replace(run, plan=plan, items=_items(run, plan), ordered=ordered)
        case e.ItemMoved(item=item):
            return replace(run, items={**run.items, item: _item_after(run, event)})
        case e.ItemsOrdered(items=items):
            return replace(run, ordered=tuple(dict.fromkeys((*run.ordered, *items))))
        case e.ItemFlagged(item=item, reason=reason):
            flagged = replace(run.items[item], flag=reason)
            return replace(run, items={**run.items, item: flagged})
        case e.PlaceRecorded(child=child, place=place):
            return replace(run, places={**run.places, child: place})
        case e.WorktreeWanted(child=child):
            return replace(run, worktrees=(*run.worktrees, child), places=without(run.places, child))
        case e.CommitWanted(child=child):
            return replace(run, committing=(*run.committing, child))
        case e.WorkCommitted():
            return _committed(run, event)
        case e.ContractChanged(contract=contract, shape=shape):
            return replace(run, contract_changes={**run.contract_changes, contract: shape})
        case e.ReplanWanted() | e.ReplanAsked() | e.ReplanRefused() | e.ReplanProposed() | e.ReplanSettled():
            return _replanned(run, event)
        case e.VerdictReached(outcome=outcome, reason=reason):
            return replace(run, verdict=outcome, reason=reason)
        case e.ReportGiven(words=words):
            return replace(run, words=words)
        case e.RunEnded(outcome=outcome, reason=reason):
            enter(run.id, run.phase, m.Phase.ENDED)
            end = m.RunEnd(at=at, outcome=outcome, reason=reason)
            return replace(run, phase=m.Phase.ENDED, end=end)
        case _:
            assert_never(event)


def _base(run: m.Run, phase: m.Phase) -> Plan | None:
    """What the plan was when whoever writes it last had it in hand, while it is not in force."""
    if run.led:
        return run.base if phase in (m.Phase.PLAN, m.Phase.GATE) else None
    return run.plan if phase is m.Phase.PLAN else run.base


def _in_hand(run: m.Run, plan: Plan) -> Plan | None:
    """`plan` as who leads the run by itself gave it: without what humans have edited, also before it gave this one."""
    if not run.led:
        return None
    return merged(run.plan, run.base, plan) if run.plan and run.base else plan


def _committed(run: m.Run, event: e.WorkCommitted) -> m.Run:
    place = run.places.get(event.child)
    if place and event.commit:
        run = replace(run, places={**run.places, event.child: replace(place, head=event.commit)})
    if event.item:
        item = replace(run.items[event.item], commit=event.commit or run.items[event.item].commit)
        return replace(run, items={**run.items, event.item: item})
    committing = tuple(child for child in run.committing if child != event.child)
    return replace(run, committing=committing, commits={**run.commits, event.child: event.commit})


def _replanned(run: m.Run, event: e.ReplanEvent) -> m.Run:
    match event:
        case e.ReplanWanted(cause=cause, holds=holds):
            held = tuple(dict.fromkeys((*run.held, *holds)))
            return replace(run, causes=(*run.causes, cause), held=held)
        case e.ReplanAsked(number=number, turn=turn):
            before = run.replan or m.Replan(number=number, causes=())
            causes = (*before.causes, *run.causes)
            holds = tuple(dict.fromkeys((*before.holds, *run.held)))
            replan = m.Replan(number=number, causes=causes, holds=holds, turn=turn)
            base = run.base if event.by and run.replan else run.plan
            return replace(run, replan=replan, replans=number, causes=(), held=(), base=base)
        case e.ReplanSettled(accepted=accepted):
            changes = {} if accepted else _still_another(run)
            return replace(run, replan=None, base=None, contract_changes=changes)
        case e.ReplanRefused(turn=turn):
            assert run.replan is not None
            return replace(run, replan=replace(run.replan, turn=turn, repairs=run.replan.repairs + 1))
        case e.ReplanProposed(plan=plan):
            assert run.replan is not None
            assert run.plan is not None
            holds = tuple(dict.fromkeys((*run.replan.holds, *altered(run.plan, plan))))
            return replace(run, replan=replace(run.replan, proposal=plan, holds=holds))
        case _:
            assert_never(event)


def _still_another(run: m.Run) -> dict[str, str]:
    """The shapes of contracts that the plan does not have, though it is kept."""
    known = {one.name: one.shape for one in run.plan.contracts} if run.plan else {}
    return {name: shape for name, shape in run.contract_changes.items() if known.get(name) != shape}


def _items(run: m.Run, plan: Plan) -> dict[str, m.ItemState]:
    return {item.id: run.items.get(item.id, m.ItemState()) for item in plan.items}


def _item_after(run: m.Run, event: e.ItemMoved) -> m.ItemState:
    old = run.items[event.item]
    if type(event.progress) is not type(old.progress) or event.progress != old.progress:
        move(f"item {event.item} of {run.id}", old.progress, event.progress)
    works = isinstance(event.progress, m.ItemWorking)
    tries = 0 if isinstance(old.progress, m.ItemDeciding) else old.tries
    gone = set(event.restored)
    kept = (path for path in (*old.changed, *event.changed) if path not in gone)
    return m.ItemState(
        progress=event.progress,
        attempts=old.attempts + (works and not event.fixing),
        fixes=old.fixes + event.fixing,
        decisions=(*old.decisions, event.decision) if event.decision else old.decisions,
        summary=event.summary or old.summary,
        changed=tuple(dict.fromkeys(kept)),
        excused=(*old.excused, *event.excused),
        flag=old.flag,
        commit=old.commit,
        tries=tries + works,
        questions=event.questions or old.questions,
    )

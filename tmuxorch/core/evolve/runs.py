"""What events of a run change."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve.tables import counted
from tmuxorch.core.plan import Plan
from tmuxorch.core.transitions import enter, move

RunEvent = (
    e.RunStarted
    | e.PhaseEntered
    | e.BriefRecorded
    | e.ContractsRecorded
    | e.PlanRefused
    | e.PlanProposed
    | e.PlanEdited
    | e.ItemMoved
    | e.VerdictReached
    | e.ReportGiven
    | e.RunEnded
)


def apply(state: m.State, event: RunEvent, at: float) -> m.State:
    """The state after an event of a run."""
    if isinstance(event, e.RunStarted):
        run = m.Run(id=event.id, problem=event.problem, children=event.children, auto=event.auto, started=at)
        return replace(counted(state, event.id), runs={**state.runs, event.id: run})
    run = _run_after(state.runs[event.run], event, at)
    return replace(state, runs={**state.runs, event.run: run})


def _run_after(
    run: m.Run,
    event: e.PhaseEntered
    | e.BriefRecorded
    | e.ContractsRecorded
    | e.PlanRefused
    | e.PlanProposed
    | e.PlanEdited
    | e.ItemMoved
    | e.VerdictReached
    | e.ReportGiven
    | e.RunEnded,
    at: float,
) -> m.Run:
    match event:
        case e.PhaseEntered(phase=phase):
            enter(run.id, run.phase, phase)
            return replace(run, phase=phase)
        case e.BriefRecorded(child=child, brief=brief):
            return replace(run, briefs={**run.briefs, child: brief})
        case e.ContractsRecorded(contracts=contracts, parallel=parallel, risks=risks):
            return replace(run, contracts=contracts, parallel=parallel, risks=risks)
        case e.PlanRefused():
            return replace(run, repairs=run.repairs + 1)
        case e.PlanProposed(plan=plan):
            return replace(run, plan=plan, repairs=0, items=_items(run, plan))
        case e.PlanEdited(plan=plan):
            return replace(run, plan=plan, items=_items(run, plan))
        case e.ItemMoved(item=item):
            return replace(run, items={**run.items, item: _item_after(run, event)})
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


def _items(run: m.Run, plan: Plan) -> dict[str, m.ItemState]:
    return {item.id: run.items.get(item.id, m.ItemState()) for item in plan.items}


def _item_after(run: m.Run, event: e.ItemMoved) -> m.ItemState:
    old = run.items[event.item]
    if type(event.progress) is not type(old.progress) or event.progress != old.progress:
        move(f"item {event.item} of {run.id}", old.progress, event.progress)
    works = isinstance(event.progress, m.ItemWorking)
    return m.ItemState(
        progress=event.progress,
        attempts=old.attempts + (works and not event.fixing),
        fixes=old.fixes + event.fixing,
        decisions=(*old.decisions, event.decision) if event.decision else old.decisions,
        summary=event.summary or old.summary,
        changed=event.changed or old.changed,
    )

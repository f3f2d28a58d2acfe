"""The entries of runs.md about a run itself: its plan, its places, its commits, its end."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.evolve.note import WORDS, note, paste
from tmuxorch.core.plan import LEAD


def entry(state: m.State, event: e.Event, at: float) -> m.LogEntry | None:
    """The entry for `event`, after which the state is `state`; None where it is not meaningful enough."""
    match event:
        case e.RunStarted(id=run, problem=problem, children=children, requests=requests, led=led):
            by = f", led by {led}" if led else ""
            asked = "".join(f"\nAsked for, {one.kind}: {one.text}" for one in requests)
            resume = paste(state, "attach")
            return note(
                at,
                LEAD,
                f"{run}: {problem}",
                f"Started with {', '.join(children)}{by}.{asked}",
                resume=resume,
            )
        case e.BriefRecorded(run=run, child=child, reused=reused) if reused:
            said = f"As in {reused}: the repo has not changed since."
            return note(at, child, f"brief ({run})", said, resume=paste(state, "tui", child))
        case e.ItemsOrdered(run=run, items=items, by=by):
            what = f"{run}: begin item{'s' * (len(items) > 1)} {', '.join(items)}"
            then = "Each begins when what it depends on is done."
            return note(at, by, what, "Ordered.", resume=paste(state, "plan", "show"), next_step=then)
        case (
            e.PlanProposed()
            | e.PlanEdited()
            | e.ContractChanged()
            | e.ReplanWanted()
            | e.ReplanProposed()
            | e.ReplanSettled()
        ):
            return _plan_entry(state, event, at)
        case e.PlaceRecorded(run=run, child=child, place=place) if place.worktree:
            facts = f"worktree {place.path}\nbranch {place.branch} at {place.head}"
            return note(at, child, f"place to work in ({run})", "A worktree was made.", artifacts=facts)
        case e.WorkCommitted():
            return _commit_entry(state, event, at)
        case e.RunEnded(run=run, outcome=outcome, reason=reason):
            said = f"Ended: {outcome}." + (f" {reason}" if reason else "")
            return note(
                at,
                LEAD,
                f"{run}: report",
                said,
                artifacts=f".orchestrator/reports/{run}.md",
                resume=paste(state, "report", run),
            )
        case _:
            return None


CHANGES = 4_000
"""Characters of what is another in a plan; all of it is in the journal."""

PlanEvent = (
    e.PlanProposed | e.PlanEdited | e.ContractChanged | e.ReplanWanted | e.ReplanProposed | e.ReplanSettled
)


def _plan_entry(state: m.State, event: PlanEvent, at: float) -> m.LogEntry:
    run, by_whom = event.run, LEAD
    leads = state.runs[run].led or LEAD
    resume = paste(state, "plan", "show")
    match event:
        case e.PlanProposed(plan=plan):
            by_whom = leads
            intent, said = "plan the work", f"A plan of {len(plan.items)} items."
            then = "A human reads it, unless it needs no approval."
        case e.PlanEdited(by=by, changes=changes):
            intent, said, then = "change of the plan", f"The change accepted by {by} is in force.", ""
            if not by:
                intent, said = "edit of plan.md", "The edited plan is in force."
            said = text.clip("\n".join((said, *changes)), CHANGES)
        case e.ContractChanged(contract=contract, shape=shape, by=by, why=why):
            intent = f"contract {contract}"
            said = f"Changed by {by}: {text.clip(shape, WORDS)}\nWhy: {text.clip(why, WORDS)}"
            then = "Who uses it waits until the plan has been looked at again."
        case e.ReplanWanted(cause=cause, holds=holds):
            intent, said = "look at the plan again", f"Cause: {text.clip(cause, WORDS)}"
            then = f"{_named(leads)} proposes a change; held meanwhile: {', '.join(holds) or 'nothing'}."
        case e.ReplanProposed():
            by_whom = leads
            intent, then = "change of the plan", "A human decides on it."
            said = f"{_named(leads)} proposes a change."
        case e.ReplanSettled(accepted=accepted, by=by):
            intent, then = "change of the plan", ""
            said = f"{'Accepted' if accepted else 'Turned down, the plan stays'}, by {by}."
    return note(at, by_whom, f"{run}: {intent}", said, artifacts="plan.md", resume=resume, next_step=then)


def _named(leads: str) -> str:
    return "The lead" if leads == LEAD else leads


def _commit_entry(state: m.State, event: e.WorkCommitted, at: float) -> m.LogEntry | None:
    what = f"item {event.item}" if event.item else event.run
    if not event.commit:
        return None
    place = state.runs[event.run].places.get(event.child)
    said = [f"Committed as {event.commit}."]
    if event.left:
        said += [f"Not in it, because it was changed before: {', '.join(event.left)}"]
    if event.note:
        said += [event.note]
    return note(
        at,
        event.child,
        f"commit ({what})",
        "\n".join(said),
        artifacts=f"commit {event.commit}" + (f"\nbranch {place.branch}" if place and place.branch else ""),
    )

"""A run that an agent leads by itself: it gives the plan, its changes, the word to begin, and its words at the end.

What it gives keeps the same rules as what the lead is asked for in turns, and a human decides at the same gates.
"""

from __future__ import annotations

from tmuxorch.core import answers, text
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import ItemStatus
from tmuxorch.errors import NotFound, Refused, UsageError


def propose(draft: Draft, message: msg.ProposePlan) -> None:
    """The plan, or another until a human has accepted it. Raises Refused; PlanError, with all that is to mend."""
    run = _led(draft.state)
    if run.phase in (m.Phase.CONNECT, m.Phase.UNDERSTAND):
        raise Refused(
            f"{run.id} is in its phase {run.phase}: not all briefs are there yet",
            hint="wait_for_events, then get_briefs",
        )
    if run.phase not in (m.Phase.PLAN, m.Phase.GATE):
        raise Refused(f"the plan of {run.id} is in force already", hint="revise_plan proposes a change of it")
    plan = answers.proposal(message.plan, run, draft.state.agents, draft.settings.references)
    if plan.contracts != run.contracts:
        draft.emit(e.ContractsRecorded(run=run.id, contracts=plan.contracts, parallel=(), risks=()))
    draft.emit(e.PlanProposed(run=run.id, plan=plan))
    if run.phase is m.Phase.PLAN:
        draft.emit(e.PhaseEntered(run=run.id, phase=m.Phase.GATE))


def revise(draft: Draft, message: msg.RevisePlan) -> None:
    """A change of the plan that is being executed; a human decides on it. Raises Refused, UsageError, PlanError."""
    run = _executing(draft.state, "propose_plan gives the plan")
    reason = text.block(message.reason)
    if not reason and run.replan is None:
        raise UsageError(
            "a change of the plan wants a reason: a human decides on it", hint="say it in `reason`"
        )
    proposal = answers.replan(message.plan, run, draft.settings.references)
    if run.replan is None and proposal == run.plan:
        raise UsageError("the plan is the same as the one in force", hint="get_plan")
    if run.replan is None or (reason and reason not in run.replan.causes):
        number = run.replan.number if run.replan else run.replans + 1
        draft.emit(e.ReplanWanted(run=run.id, cause=reason))
        draft.emit(e.ReplanAsked(run=run.id, number=number, turn="", by=message.by))
    draft.emit(e.ReplanProposed(run=run.id, plan=proposal))


def order(draft: Draft, message: msg.OrderItems) -> None:
    """These items begin as soon as they can. Raises Refused before the plan is accepted, NotFound."""
    run = _executing(draft.state, "a human accepts the plan first: wait_for_events")
    assert run.plan is not None
    standing = m.pending(run)
    if not message.items:
        wanted = m.unordered(run)
        if not wanted:
            raise Refused(
                f"no item of {run.id} is ready and not begun", hint="status says what each waits for"
            )
    else:
        wanted = message.items
    for item in wanted:
        if run.plan.item(item) is None:
            known = ", ".join(one.id for one in run.plan.items)
            raise NotFound(f"the plan has no item {item!r}; there are: {known}", hint="get_plan")
        if standing.get(item) is ItemStatus.BLOCKED:
            raise Refused(f"item {item} needs an item that has failed", hint="revise_plan")
    if fresh := tuple(item for item in dict.fromkeys(wanted) if item in standing and item not in run.ordered):
        draft.emit(e.ItemsOrdered(run=run.id, items=fresh, by=message.by))


def report(draft: Draft, message: msg.GiveReport) -> None:
    """The lead's words on a run that has ended; those before are replaced. Raises NotFound, Refused, UsageError."""
    run = draft.state.runs.get(message.run) if message.run else draft.state.run
    if run is None:
        raise NotFound(f"no run {message.run}" if message.run else "there was no run yet", hint="start_run")
    if not run.led:
        raise Refused(f"{run.id} is not led by you: its report is asked for in a turn", hint="status")
    if run.active:
        raise Refused(f"{run.id} is still in its phase {run.phase}", hint="wait_for_events")
    words = text.block(message.words)
    if not words:
        raise UsageError("the report has no words", hint="say what came of it in `words`")
    draft.emit(e.ReportGiven(run=run.id, words=words))


def is_ordered(run: m.Run, item: str) -> bool:
    """Whether an item may begin when it is ready: who leads a run says so for each that a child works on."""
    planned = run.plan.item(item) if run.plan else None
    return not run.led or item in run.ordered or (planned is not None and planned.human is not None)


def is_asked(run: m.Run) -> bool:
    """Whether a change of the plan is still to come from who leads the run by itself."""
    return bool(run.led and run.replan and run.replan.proposal is None)


def _led(state: m.State) -> m.Run:
    run = state.active_run
    if run is None:
        raise Refused("there is no run", hint="start_run begins one")
    if not run.led:
        raise Refused(
            f"{run.id} was begun by a person and asks its lead by itself", hint="wait_for_events follows it"
        )
    return run


def _executing(state: m.State, before: str) -> m.Run:
    run = _led(state)
    if run.phase in (m.Phase.CONNECT, m.Phase.UNDERSTAND, m.Phase.PLAN, m.Phase.GATE):
        raise Refused(f"{run.id} is in its phase {run.phase}: no plan is in force", hint=before)
    if run.phase is not m.Phase.EXECUTE:
        raise Refused(f"{run.id} is in its phase {run.phase}: its items are over", hint="wait_for_events")
    return run

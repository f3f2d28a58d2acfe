"""A change of the plan while it is being executed: proposed by the lead, decided by a human.

Level, not edge: what there is to do is seen from the run's causes and from how far its `replan` is. A new cause joins
those that the lead is at work on, which is then asked anew. Only what is held waits; everything else goes on.
"""

from __future__ import annotations

from tmuxorch.core import answers
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates, led, plan_cards
from tmuxorch.core.decide.turns import give_up
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD, Plan
from tmuxorch.core.plan_changes import difference, merged
from tmuxorch.core.plan_rules import problems, untouched
from tmuxorch.errors import PlanError, Refused, UsageError


def follow(draft: Draft, run: m.Run) -> None:
    """Asks the lead for a change when there is a cause, and a human about the change."""
    if run.causes:
        _withdraw(draft, run, "there is more to look at: the lead is asked again")
        _ask(draft, run)
        run = draft.state.runs[run.id]
    replan = run.replan
    if replan is None or led.is_asked(run):
        return
    turn = draft.state.turns[replan.turn] if replan.turn else None
    if turn and turn.over is None:
        return
    if replan.proposal is not None:
        plan_cards.show(draft, m.FromReplan(run.id, replan.number), plan_cards.change(run), replan.holds)
    elif turn and turn.over and not plan_cards.is_open(draft.state, m.FromReplan(run.id, replan.number)):
        _answered(draft, run, replan, turn.over)


def _ask(draft: Draft, run: m.Run, text: str = "", cause: str = "") -> None:
    """The lead is asked in a turn, with `text`; one that leads the run by itself is told the `cause`."""
    number = run.replan.number if run.replan else run.replans + 1
    if run.led and cause:
        draft.emit(e.ReplanWanted(run=run.id, cause=cause))
    turn = "" if run.led else _turn(draft, run, text)
    draft.emit(e.ReplanAsked(run=run.id, number=number, turn=turn))


def _turn(draft: Draft, run: m.Run, text: str) -> str:
    turn = draft.new_id("T")
    draft.emit(e.TurnQueued(id=turn, agent=LEAD, purpose=m.Purpose.REPLAN, run=run.id, text=text))
    return turn


def _withdraw(draft: Draft, run: m.Run, reason: str) -> None:
    """What the lead is at work on, or a human is asked about, is out of date."""
    if run.replan is None:
        return
    if run.replan.turn:
        give_up(draft, draft.state.turns[run.replan.turn], "a new cause")
    origin = m.FromReplan(run.id, run.replan.number)
    for checkpoint in draft.state.checkpoints.values():
        if checkpoint.origin == origin and checkpoint.is_open:
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason=reason))


def _answered(draft: Draft, run: m.Run, replan: m.Replan, over: m.TurnOver) -> None:
    if over.outcome is not m.TurnOutcome.COMPLETED:
        _failed(draft, run, replan, f"replan turn of {LEAD}: {over.outcome}", over.error)
        return
    try:
        proposal = answers.replan(over.message, run, draft.settings.references)
    except PlanError as error:
        _refuse(draft, run, replan, error.message)
        return
    draft.emit(e.ReplanProposed(run=run.id, plan=proposal))


def _refuse(draft: Draft, run: m.Run, replan: m.Replan, wrong: str) -> None:
    """The lead is told what is wrong with its change; after too many tries, a human is."""
    if replan.repairs < draft.settings.plan_repairs:
        turn = _turn(draft, run, wrong)
        draft.emit(e.ReplanRefused(run=run.id, problems=tuple(wrong.splitlines()), turn=turn))
        return
    title = f"the lead gave no change of the plan that can be executed, in {replan.repairs + 1} tries"
    _failed(draft, run, replan, title, wrong)


def _failed(draft: Draft, run: m.Run, replan: m.Replan, title: str, body: str) -> None:
    choices = (gates.RETRY, gates.INSTRUCT, plan_cards.KEEP, gates.ABORT)
    card = gates.failure_card(title, body, *choices)
    plan_cards.show(draft, m.FromReplan(run.id, replan.number), card, replan.holds)


def edited(draft: Draft, run: m.Run, old: Plan) -> None:
    """A human has edited the plan `old` to what it is now: a change that waits for a decision is put onto that."""
    replan = run.replan
    if replan is None or replan.proposal is None:
        return  # a change that is still to come is put onto it when it comes
    assert run.plan is not None
    proposal = merged(old, run.plan, replan.proposal)
    if wrong := _wrong(draft, run, proposal):
        _withdraw(
            draft, run, "plan.md was edited so that the change does not fit any more: the lead is asked again"
        )
        said = "\n".join(wrong)
        _ask(draft, run, said, f"plan.md was edited, and the change does not fit any more: {said}")
    elif proposal != replan.proposal:
        draft.emit(e.ReplanProposed(run=run.id, plan=proposal))


def _wrong(draft: Draft, run: m.Run, proposal: Plan) -> list[str]:
    assert run.plan is not None
    found = problems(proposal, frozenset(run.children), draft.settings.references, run.asked_for)
    return found or untouched(run.plan, proposal, run.begun)


def take(draft: Draft, run: m.Run, answer: m.Answer, by: str) -> None:
    """A human has decided on the lead's change. Raises UsageError without the words that a choice wants, Refused for
    a change that does not fit any more.
    """
    match answer.choice:
        case "accept":
            _accept(draft, run, by)
        case "revise" | "instruct":
            if not answer.text:
                raise UsageError(f"{answer.choice} wants what you wish of the change as text")
            _ask(draft, run, answer.text, f"{by} wishes: {answer.text}")
        case "retry":
            _ask(draft, run)
        case "keep":
            _settle(draft, run, by, accepted=False)
        case _:
            _settle(draft, run, by, accepted=False)
            gates.abort(draft, run, "a change of the plan was turned down", by)


def _accept(draft: Draft, run: m.Run, by: str) -> None:
    assert run.plan is not None
    assert run.replan is not None
    assert run.replan.proposal is not None
    proposal = run.replan.proposal
    if wrong := _wrong(draft, run, proposal):
        raise Refused(
            "the change does not fit any more:\n" + "\n".join(wrong), hint="revise it, or keep the plan"
        )
    changes = tuple(difference(run.plan, proposal))
    draft.emit(e.PlanEdited(run=run.id, plan=proposal, by=by, changes=changes))
    _settle(draft, run, by, accepted=True)


def _settle(draft: Draft, run: m.Run, by: str, *, accepted: bool) -> None:
    """Nothing is held any more; what was flagged has been looked at."""
    for name, item in draft.state.runs[run.id].items.items():
        if item.flag:
            draft.emit(e.ItemFlagged(run=run.id, item=name, reason=""))
    draft.emit(e.ReplanSettled(run=run.id, accepted=accepted, by=by))

"""Requests about runs, and edits of their plan."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.decide import agents, contracts, replan
from tmuxorch.core.decide.gates import release
from tmuxorch.core.decide.turns import give_up
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD, without_status
from tmuxorch.core.plan_changes import difference
from tmuxorch.core.plan_rules import problems, untouched
from tmuxorch.errors import NotFound, PlanError, Refused, UsageError


def start(draft: Draft, message: msg.StartRun) -> None:
    """A run begins. Raises Refused while another one is active, UsageError without problem or children,
    NotFound.
    """
    active = draft.state.active_run
    if active:
        raise Refused(
            f"{active.id} is still in its phase {active.phase}", hint=f"tmuxorch cancel {active.id}"
        )
    if not text.line(message.problem):
        raise UsageError("a run wants a problem to solve", hint='tmuxorch run "what is wrong" NAME=PATH…')
    if not message.children:
        raise UsageError("a run wants at least one child", hint="tmuxorch child add NAME PATH")
    if draft.settings.references.issuperset(message.children):
        names = ", ".join(message.children)
        raise UsageError(
            f"nobody may write in {names} (access: reference): a run wants a child that can be changed",
            hint="name one more child, or change its access in orchestrator.config.yaml",
        )
    for name in message.children if message.led else (*message.children, LEAD):
        if not agents.known(draft, name).wanted:
            draft.emit(e.AgentWanted(name=name, wanted=True, by="run"))
    draft.emit(
        e.RunStarted(
            id=draft.new_id("R"),
            problem=text.block(message.problem),
            children=message.children,
            auto=message.auto,
            requests=_requests(message.requests),
            fresh=message.fresh,
            led=message.led,
        )
    )


def _requests(given: tuple[m.Request, ...]) -> tuple[m.Request, ...]:
    """One request of each kind, in normal form; empty ones are none."""
    texts: dict[m.RequestKind, str] = {}
    for one in given:
        texts[one.kind] = text.block(f"{texts.get(one.kind, '')}\n{one.text}")
    return tuple(m.Request(kind=kind, text=said) for kind, said in texts.items() if said)


def cancel(draft: Draft, message: msg.CancelRun) -> None:
    """A run is given up: its turns are interrupted, its checks stopped, its open checkpoints lapse."""
    run = draft.state.runs.get(message.run)
    if run is None:
        raise NotFound(f"no run {message.run!r}", hint="tmuxorch runs")
    if not run.active:
        raise Refused(f"{run.id} has ended already")
    release(draft, run.id, message.by)
    for turn in draft.state.turns.values():
        if turn.run == run.id and turn.over is None:
            give_up(draft, turn, message.by)
    draft.emit(e.RunEnded(run=run.id, outcome=m.RunOutcome.CANCELLED, reason=f"cancelled by {message.by}"))


def plan_read(draft: Draft, message: msg.PlanRead) -> None:
    """plan.md was edited: takes effect on items that have not begun, and on what the lead proposes meanwhile. Raises
    PlanError, naming what is wrong.
    """
    run = draft.state.active_run
    if run is None or run.plan is None or run.phase not in (m.Phase.PLAN, m.Phase.GATE, m.Phase.EXECUTE):
        return
    wrong = problems(message.plan, frozenset(run.children), draft.settings.references, run.asked_for)
    if wrong := wrong or untouched(run.plan, message.plan, run.begun):
        raise PlanError("\n".join(wrong))
    old, edited = run.plan, without_status(message.plan)
    if edited == without_status(old):
        return
    draft.emit(e.PlanEdited(run=run.id, plan=edited, changes=tuple(difference(old, edited))))
    if run.phase is m.Phase.EXECUTE:
        replan.edited(draft, draft.state.runs[run.id], old)
        contracts.edited(draft, draft.state.runs[run.id], old)

"""The phases of a run: what each waits for, what it asks for, and when the next one begins."""

from __future__ import annotations

from typing import assert_never

from tmuxorch.core import answers
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import discovery, items, places, plan_cards, replan, verify
from tmuxorch.core.decide.asking import answer, ask, decided, latest
from tmuxorch.core.decide.jobs import queue_check
from tmuxorch.core.decide.turns import give_up
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import PlanError


def follow(draft: Draft, run: m.Run) -> None:
    """Moves the run on as far as the state allows."""
    match run.phase:
        case m.Phase.CONNECT:
            _connect(draft, run)
        case m.Phase.UNDERSTAND:
            _understand(draft, run)
        case m.Phase.PLAN:
            _plan(draft, run)
        case m.Phase.GATE:
            _gate(draft, run)
        case m.Phase.EXECUTE:
            places.follow(draft, run)
            replan.follow(draft, draft.state.runs[run.id])
            if items.follow(draft, run) and not draft.state.runs[run.id].looks_again:
                _judge(draft, draft.state.runs[run.id])
                _enter(draft, run, m.Phase.VERIFY)
        case m.Phase.VERIFY:
            if verify.follow(draft, run):
                _enter(draft, run, m.Phase.REPORT)
        case m.Phase.REPORT:
            _report(draft, run)
        case m.Phase.ENDED:
            pass
        case _:
            assert_never(run.phase)


def _enter(draft: Draft, run: m.Run, phase: m.Phase) -> None:
    draft.emit(e.PhaseEntered(run=run.id, phase=phase))


def _judge(draft: Draft, run: m.Run) -> None:
    """A run whose items were not all done or left out is no success, however well the others went."""
    for item, known in run.items.items():
        if isinstance(known.progress, m.ItemFailed) and run.verdict is m.RunOutcome.SUCCEEDED:
            reason = f"item {item} was given up: {known.progress.reason}"
            draft.emit(e.VerdictReached(run=run.id, outcome=m.RunOutcome.FAILED, reason=reason))
            return


def _connect(draft: Draft, run: m.Run) -> None:
    needed = run.children if run.led else (*run.children, LEAD)
    agents = [draft.state.agents.get(name) for name in needed]
    if not all(agent and agent.ready for agent in agents):
        return
    tests = [(child, command) for child in run.children for command in draft.settings.tests.get(child, ())]
    for number, (child, command) in enumerate(tests, 1):
        queue_check(draft, run, m.Stage.BEFORE, "", number, child, command)
    _enter(draft, run, m.Phase.UNDERSTAND)


def _understand(draft: Draft, run: m.Run) -> None:
    if not discovery.follow(draft, run) or _checks_run(draft.state, run, m.Stage.BEFORE):
        return
    if run.led:
        _enter(draft, run, m.Phase.PLAN)
    elif over := answer(draft, draft.state.runs[run.id], LEAD, m.Purpose.CONTRACTS):
        found, parallel, risks = answers.contracts(over.message)
        draft.emit(e.ContractsRecorded(run=run.id, contracts=found, parallel=parallel, risks=risks))
        _enter(draft, run, m.Phase.PLAN)


def _checks_run(state: m.State, run: m.Run, stage: m.Stage) -> bool:
    checks = (c for c in state.checks.values() if (c.run, c.stage) == (run.id, stage))
    return any(not isinstance(check.life, m.Exited) for check in checks)


def _plan(draft: Draft, run: m.Run) -> None:
    if run.led:
        return
    over = answer(draft, run, LEAD, m.Purpose.PLAN)
    turn = latest(draft.state, run, m.Purpose.PLAN, LEAD)
    if over is None or turn is None:
        return
    try:
        plan = answers.plan(over.message, run, draft.state.agents, draft.settings.references)
    except PlanError as error:
        _repair(draft, run, turn, error.message)
        return
    draft.emit(e.PlanProposed(run=run.id, plan=plan))
    _enter(draft, run, m.Phase.GATE)


def _repair(draft: Draft, run: m.Run, turn: m.Turn, problems: str) -> None:
    if run.repairs < draft.settings.plan_repairs:
        draft.emit(e.PlanRefused(run=run.id, problems=tuple(problems.splitlines())))
        ask(draft, run, LEAD, m.Purpose.PLAN, problems)
        return
    title = f"the lead gave no plan that can be executed, in {run.repairs + 1} tries"
    if human := decided(draft, run, turn, title, problems):
        ask(draft, run, LEAD, m.Purpose.PLAN, human.text or problems)


def _gate(draft: Draft, run: m.Run) -> None:
    if run.auto:
        _enter(draft, run, m.Phase.EXECUTE)
        return
    plan_cards.show(draft, m.FromPlan(run=run.id), plan_cards.gate(run))


def _report(draft: Draft, run: m.Run) -> None:
    """The lead's words on the facts, once nothing of the run is active; a failed report, or a lead that is
    stopped, ends the run all the same. One that was given up does not wait for an account that is refused. Who leads a
    run by itself gives its words when that has ended.
    """
    busy = any(
        turn.run == run.id and turn.over is None and turn.purpose is not m.Purpose.REPORT
        for turn in draft.state.turns.values()
    )
    checks = any(c.run == run.id and not isinstance(c.life, m.Exited) for c in draft.state.checks.values())
    if busy or checks:
        return
    if run.led:
        draft.emit(e.RunEnded(run=run.id, outcome=run.verdict, reason=run.reason))
        return
    turn, lead = latest(draft.state, run, m.Purpose.REPORT, LEAD), draft.state.agents[LEAD]
    refused = run.verdict is m.RunOutcome.FAILED and lead.account in draft.state.refusals
    if turn is None and not refused:
        ask(draft, run, LEAD, m.Purpose.REPORT)
        return
    if turn and turn.over is None:
        if refused or not lead.wanted:
            give_up(draft, turn, "the refusal of its account" if refused else "the stop of the lead")
        return
    if turn and turn.over and turn.over.outcome is m.TurnOutcome.COMPLETED:
        draft.emit(e.ReportGiven(run=run.id, words=turn.over.message))
    draft.emit(e.RunEnded(run=run.id, outcome=run.verdict, reason=run.reason))

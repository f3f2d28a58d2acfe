"""The phases of a run: what each waits for, what it asks for, and when the next one begins."""

from __future__ import annotations

from typing import assert_never

from tmuxorch.core import answers
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates, items, places, replan
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
            if items.follow(draft, run):
                _enter(draft, run, m.Phase.VERIFY)
        case m.Phase.VERIFY:
            _verify(draft, run)
        case m.Phase.REPORT:
            _report(draft, run)
        case m.Phase.ENDED:
            pass
        case _:
            assert_never(run.phase)


def _enter(draft: Draft, run: m.Run, phase: m.Phase) -> None:
    draft.emit(e.PhaseEntered(run=run.id, phase=phase))


def _ask(draft: Draft, run: m.Run, agent: str, purpose: m.Purpose, text: str = "") -> None:
    draft.emit(
        e.TurnQueued(id=draft.new_id("T"), agent=agent, purpose=purpose, run=run.id, text=text, writes=False)
    )


def _answer(draft: Draft, run: m.Run, agent: str, purpose: m.Purpose) -> m.TurnOver | None:
    """The completed turn for `purpose`; asks for one if there is none, a human if it failed."""
    turn = latest(draft.state, run, purpose, agent)
    if turn is None:
        _ask(draft, run, agent, purpose)
        return None
    if turn.over is None:
        return None
    if turn.over.outcome is m.TurnOutcome.COMPLETED:
        return turn.over
    answer = _decided(draft, run, turn, f"{purpose} turn of {agent}: {turn.over.outcome}", turn.over.error)
    if answer:
        _ask(draft, run, agent, purpose, answer.text)
    return None


def latest(state: m.State, run: m.Run, purpose: m.Purpose, agent: str) -> m.Turn | None:
    """The newest turn of the run for that purpose and agent."""
    for turn in reversed(state.turns.values()):
        if (turn.run, turn.purpose, turn.agent) == (run.id, purpose, agent):
            return turn
    return None


def _decided(draft: Draft, run: m.Run, what: m.Turn | m.Check, title: str, body: str) -> m.Answer | None:
    """A human's decision to go on with what failed; opens the checkpoint for it the first time."""
    origin = m.FromRun(run=run.id, turn=what.id)
    for checkpoint in draft.state.checkpoints.values():
        if checkpoint.origin == origin:
            return checkpoint.state.answer if isinstance(checkpoint.state, m.Closed) else None
    source = what.agent if isinstance(what, m.Turn) else what.child
    other = gates.SKIP if run.phase is m.Phase.VERIFY else gates.INSTRUCT
    gates.open_gate(
        draft, source, "", origin, gates.failure_card(title, body, gates.RETRY, other, gates.ABORT)
    )
    return None


def _connect(draft: Draft, run: m.Run) -> None:
    agents = [draft.state.agents.get(name) for name in (*run.children, LEAD)]
    if not all(agent and agent.ready for agent in agents):
        return
    tests = [(child, command) for child in run.children for command in draft.settings.tests.get(child, ())]
    for number, (child, command) in enumerate(tests, 1):
        queue_check(draft, run, m.Stage.BEFORE, "", number, child, command)
    _enter(draft, run, m.Phase.UNDERSTAND)


def _understand(draft: Draft, run: m.Run) -> None:
    for child in run.children:
        if child in run.briefs or _answer(draft, run, child, m.Purpose.DISCOVER) is None:
            continue
        if over := _answer(draft, run, child, m.Purpose.BRIEF):
            draft.emit(e.BriefRecorded(run=run.id, child=child, brief=answers.brief(over.message)))
    run = draft.state.runs[run.id]
    if set(run.briefs) != set(run.children) or _checks_run(draft.state, run, m.Stage.BEFORE):
        return
    if over := _answer(draft, run, LEAD, m.Purpose.CONTRACTS):
        found, parallel, risks = answers.contracts(over.message)
        draft.emit(e.ContractsRecorded(run=run.id, contracts=found, parallel=parallel, risks=risks))
        _enter(draft, run, m.Phase.PLAN)


def _checks_run(state: m.State, run: m.Run, stage: m.Stage) -> bool:
    checks = (c for c in state.checks.values() if (c.run, c.stage) == (run.id, stage))
    return any(not isinstance(check.life, m.Exited) for check in checks)


def _plan(draft: Draft, run: m.Run) -> None:
    over = _answer(draft, run, LEAD, m.Purpose.PLAN)
    turn = latest(draft.state, run, m.Purpose.PLAN, LEAD)
    if over is None or turn is None:
        return
    try:
        plan = answers.plan(over.message, run, draft.state.agents)
    except PlanError as error:
        _repair(draft, run, turn, error.message)
        return
    draft.emit(e.PlanProposed(run=run.id, plan=plan))
    _enter(draft, run, m.Phase.GATE)


def _repair(draft: Draft, run: m.Run, turn: m.Turn, problems: str) -> None:
    if run.repairs < draft.settings.plan_repairs:
        draft.emit(e.PlanRefused(run=run.id, problems=tuple(problems.splitlines())))
        _ask(draft, run, LEAD, m.Purpose.PLAN, problems)
        return
    title = f"the lead gave no plan that can be executed, in {run.repairs + 1} tries"
    if answer := _decided(draft, run, turn, title, problems):
        _ask(draft, run, LEAD, m.Purpose.PLAN, answer.text or problems)


def _gate(draft: Draft, run: m.Run) -> None:
    if run.auto:
        _enter(draft, run, m.Phase.EXECUTE)
        return
    origin = m.FromPlan(run=run.id)
    if not any(c.origin == origin and c.is_open for c in draft.state.checkpoints.values()):
        gates.open_gate(draft, LEAD, "", origin, gates.plan_card(run))


def _verify(draft: Draft, run: m.Run) -> None:
    """Every command that proved a done item, and every configured test, once more over the end state."""
    wanted = _final_commands(draft, run)
    rounds = {
        (check.child, check.command): check
        for check in draft.state.checks.values()
        if (check.run, check.stage) == (run.id, m.Stage.AFTER)
    }
    number = sum(c.run == run.id and c.stage is m.Stage.AFTER for c in draft.state.checks.values())
    for child, command in wanted:
        if (child, command) not in rounds:
            number += 1
            queue_check(draft, run, m.Stage.AFTER, "", number, child, command)
    if _checks_run(draft.state, run, m.Stage.AFTER):
        return
    failed = [check for check in rounds.values() if not check.passed]
    if not failed:
        _enter(draft, run, m.Phase.REPORT)
        return
    body = "\n\n".join(gates.check_words(check) for check in failed)
    if _decided(draft, run, failed[0], "checks of the whole fail at the end", body):
        for check in failed:
            number += 1
            queue_check(draft, run, m.Stage.AFTER, "", number, check.child, check.command)


def _final_commands(draft: Draft, run: m.Run) -> list[tuple[str, str]]:
    wanted: dict[tuple[str, str], None] = {}
    for item in run.plan.items if run.plan else ():
        if isinstance(run.items[item.id].progress, m.ItemDone) and item.human is None:
            wanted |= {(item.owner, command): None for command in item.verification}
    for child in run.children:
        wanted |= {(child, command): None for command in draft.settings.tests.get(child, ())}
    return list(wanted)


def _report(draft: Draft, run: m.Run) -> None:
    """The lead's words on the facts, once nothing of the run is active; a failed report, or a lead that is
    stopped, ends the run all the same.
    """
    busy = any(
        turn.run == run.id and turn.over is None and turn.purpose is not m.Purpose.REPORT
        for turn in draft.state.turns.values()
    )
    checks = any(c.run == run.id and not isinstance(c.life, m.Exited) for c in draft.state.checks.values())
    if busy or checks:
        return
    turn = latest(draft.state, run, m.Purpose.REPORT, LEAD)
    if turn is None:
        _ask(draft, run, LEAD, m.Purpose.REPORT)
        return
    if turn.over is None:
        if not draft.state.agents[LEAD].wanted:
            give_up(draft, turn, "the stop of the lead")
        return
    if turn.over.outcome is m.TurnOutcome.COMPLETED:
        draft.emit(e.ReportGiven(run=run.id, words=turn.over.message))
    draft.emit(e.RunEnded(run=run.id, outcome=run.verdict, reason=run.reason))

"""What a turn says and which answer it wants: the core knows the purpose, codex.prompts the words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from tmuxorch.codex import prompts, schemas
from tmuxorch.codex.wording import verbatim
from tmuxorch.controller import places, planning, understanding
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.answers import ANSWERS
from tmuxorch.core.plan import PlanItem
from tmuxorch.errors import Bug


@cache
def schema(purpose: m.Purpose) -> schemas.Schema | None:
    """The strict JSON Schema of the answer that a turn wants, if it wants a structured one."""
    return schemas.of(ANSWERS[purpose]) if purpose in ANSWERS else None


async def prompt(state: m.State, turn: m.Turn, secrets: Mapping[str, str]) -> str:
    """The text of a turn, from the state and from git; `secrets` are answers that no state has, by human task."""
    said = await _words(state, turn, secrets)
    return f"{said}\n\n{prompts.interrupted_note()}" if turn.attempt > 1 else said


async def _words(state: m.State, turn: m.Turn, secrets: Mapping[str, str]) -> str:
    agent = state.agents[turn.agent]
    if turn.purpose is m.Purpose.KICKOFF:
        return prompts.kickoff(turn.text)
    if turn.purpose is m.Purpose.ASK or not turn.run:
        return prompts.ask(agent.name, agent.path, turn.text)
    run = state.runs[turn.run]
    match turn.purpose:
        case m.Purpose.DISCOVER:
            said = await understanding.discover(run, agent, turn.topic)
        case m.Purpose.BRIEF:
            said = understanding.brief(state, run, agent)
        case m.Purpose.CONTRACTS:
            said = planning.contracts(state, run)
        case m.Purpose.PLAN:
            return planning.plan(state, run, turn)
        case m.Purpose.REPLAN:
            return planning.replan(state, run, turn)
        case m.Purpose.ITEM | m.Purpose.FIX:
            return _item(state, run, agent, turn, secrets)
        case m.Purpose.REPORT:
            said = prompts.report(run.problem, facts_of(state, run))
        case m.Purpose.KICKOFF | m.Purpose.WAKE | m.Purpose.TALK:
            raise Bug(f"{turn.id} has no words of a run")
    return f"{said}\n\nA human adds:\n{turn.text}" if turn.text else said


def _item(state: m.State, run: m.Run, agent: m.Agent, turn: m.Turn, secrets: Mapping[str, str]) -> str:
    item = run.plan.item(turn.item) if run.plan else None
    assert item is not None
    if turn.purpose is m.Purpose.FIX:
        failed = _last_failed(state, run, turn.item)
        command, code = (failed.command, _code(failed)) if failed else ("", -1)
        return prompts.fix(agent.name, item.id, item.title, command, code, turn.text)
    return prompts.item(
        agent.name,
        places.directory(state, turn),
        item.id,
        item.title,
        item.instructions,
        item.scope,
        planning.contract(run, item.contract),
        item.verification,
        _decisions(run, item, secrets),
        turn.text,
    )


def _decisions(run: m.Run, item: PlanItem, secrets: Mapping[str, str]) -> list[str]:
    """What humans answered on the item and on those that it needs, word for word."""
    assert run.plan is not None
    found = []
    for name in (*run.plan.needs(item), item.id):
        recorded = run.items.get(name, m.ItemState()).decisions
        said = [secrets[name]] if name in secrets else recorded
        found += [verbatim(f"on item {name}", words) for words in said]
    return found


def _last_failed(state: m.State, run: m.Run, item: str) -> m.Check | None:
    for check in reversed(state.checks.values()):
        if (check.run, check.item) == (run.id, item) and not check.passed:
            return check
    return None


def _code(check: m.Check) -> int:
    return check.life.code if isinstance(check.life, m.Exited) else -1


def facts_of(state: m.State, run: m.Run) -> str:
    """What is on record of a run: items, checks, checkpoints. For the lead's report."""
    lines = [f"verdict so far: {run.verdict}" + (f" ({run.reason})" if run.reason else "")]
    for item in run.plan.items if run.plan else ():
        held = run.items[item.id]
        status = m.item_status(state, run, item.id)
        lines.append(
            f"item {item.id} ({item.owner}) {status}: {item.title}; {held.attempts} attempts, {held.fixes} fixes"
        )
        lines += [f"  changed: {path}" for path in held.changed[:20]]
        lines += [f"  a human said: {text.line(said)}" for said in held.decisions]
    for check in state.checks.values():
        if check.run == run.id:
            verdict = "passed" if check.passed else "failed"
            lines.append(f"check {check.label} of {check.child} {verdict}: {check.command}")
    return "\n".join(lines)

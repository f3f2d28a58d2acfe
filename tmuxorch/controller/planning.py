"""What the lead is told about the plan, from the state."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import json

from tmuxorch.codex import appserver, planning
from tmuxorch.controller import understanding
from tmuxorch.core import answers, text
from tmuxorch.core import model as m
from tmuxorch.core.plan import Contract, Plan

ROOM = appserver.PROMPT_LIMIT // 4
"""Characters of a plan that are told."""


def contracts(state: m.State, run: m.Run) -> str:
    """The question for the contracts between the repos."""
    return planning.contracts(run.problem, understanding.briefs(state, run))


def plan(state: m.State, run: m.Run, turn: m.Turn) -> str:
    """The first plan turn; a repair with the exact errors; or the whole again with a human's wish."""
    if turn.text and run.repairs:
        return planning.repair("plan", run.repairs, turn.text.splitlines())
    return planning.plan(
        run.problem,
        understanding.briefs(state, run),
        [_contract(one, one.shape) for one in run.contracts],
        run.children,
        [f"{one.kind}: {one.text}" for one in run.requests],
        so_far=_shown(run.plan, answers.PlanAnswer) if run.plan else "",
        wish=turn.text,
    )


def replan(state: m.State, run: m.Run, turn: m.Turn) -> str:
    """A change of the plan in force, or a repair of it."""
    assert run.plan is not None
    assert run.replan is not None
    if turn.text and run.replan.repairs:
        return planning.repair("replan", run.replan.repairs, turn.text.splitlines())
    return planning.replan(
        run.problem,
        "\n".join(run.replan.causes),
        _standing(state, run),
        [_contract(one, run.contract_changes.get(one.name, one.shape)) for one in run.plan.contracts],
        _shown(run.plan, answers.ReplanAnswer),
        run.children,
        turn.text,
    )


def contract(run: m.Run, name: str) -> str:
    """A contract for whoever makes or uses it: the shape that it has in truth."""
    found = run.plan.contract(name) if run.plan else None
    return f"{name}: {run.contract_changes.get(name, found.shape)}" if found else name


def _contract(one: Contract, shape: str) -> str:
    where = f" (in {', '.join(one.paths)})" if one.paths else ""
    return f"{one.name}: {one.producer} → {', '.join(one.consumers)}{where}: {shape}"


def _standing(state: m.State, run: m.Run) -> Iterator[str]:
    for item, held in run.items.items():
        begun = "has begun" if item in run.begun else "has not begun"
        tried = f", {held.attempts} attempts" if held.attempts else ""
        flag = f"; {held.flag}" if held.flag else ""
        yield text.line(f"item {item}: {m.item_status(state, run, item)}, {begun}{tried}{flag}")


def _shown(plan: Plan, shape: type[answers.Said]) -> str:
    said = json.format(json.encode(answers.as_answer(plan, shape)), indent=1).decode()
    return text.clip(said, ROOM)

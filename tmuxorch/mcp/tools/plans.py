"""Tools for the plan: what it is made from, giving it, changing it."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, to_builtins

from tmuxorch.errors import NotFound
from tmuxorch.mcp import shapes
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.harmless import whole
from tmuxorch.mcp.tools.planform import Plan
from tmuxorch.mcp.tools.tool import Kind, Nothing, tool


class OfChild(Struct, frozen=True, forbid_unknown_fields=True):
    child: Annotated[str, Meta(description="Only the brief of this child.")] = ""


class Brief(Struct, frozen=True, kw_only=True):
    """A child's brief in its own words, beside what was seen of its repo."""

    name: str
    path: str
    reference: bool
    git: dict[str, Any]
    repo: dict[str, Any]
    it_says: dict[str, Any] | None


class Briefs(Struct, frozen=True, kw_only=True):
    """The briefs of a run."""

    run: str
    problem: str
    requests: tuple[dict[str, Any], ...]
    children: tuple[Brief, ...]
    note: str = shapes.WEIGH


@tool(
    Kind.LOOKS,
    "What the children say of their repos",
    "The briefs of the newest run: each child on its repo, tests, constraints and questions, beside what git says. "
    "Read them before you propose a plan. With many children ask for one at a time.",
    OfChild,
    Briefs,
    "get_briefs(child=NAME) gives the brief of one child",
)
async def get_briefs(call: Call, args: OfChild) -> object:
    said = await call.look("briefs")
    children = [one for one in said["children"] if args.child in ("", one["name"])]
    if not children:
        known = ", ".join(one["name"] for one in said["children"])
        raise NotFound(f"no child {args.child!r} takes part in {said['run']}", hint=f"one of: {known}")
    return {**said, "children": [{**one, "it_says": one["brief"]} for one in children]}


class PlanGiven(Struct, frozen=True, kw_only=True):
    """The plan in the form for propose_plan and revise_plan; by item where it is; `problems` keep plan.md, which a
    human may have edited, from being in force."""

    run: str
    phase: str
    plan: dict[str, Any]
    status: dict[str, str]
    begun: tuple[str, ...]
    problems: tuple[str, ...]


@tool(
    Kind.LOOKS,
    "The plan, in the form in which it is proposed",
    "The plan of the newest run as it is in force or at the gate, with the edits of humans: change it and give it to "
    "propose_plan or revise_plan. Also the status of each item.",
    Nothing,
    PlanGiven,
)
async def get_plan(call: Call, args: Nothing) -> object:
    said = await call.look("plan_answer")
    shown = await call.look("plan")
    told = {**said, "problems": shown["problems"]}
    return whole(
        told, "the plan", "tmuxorch://plan.md has it; `tmuxorch plan edit` is how a person changes it"
    )


class Proposed(Struct, frozen=True, forbid_unknown_fields=True):
    """A plan."""

    plan: Annotated[Plan, Meta(description="The whole plan.")]


class AtGate(Struct, frozen=True, kw_only=True):
    """The checkpoint at which a human decides."""

    run: str
    phase: str
    checkpoint: str | None
    next: str


@tool(
    Kind.ACTS,
    "Give the plan of the run",
    "Proposes the plan of a run that you lead, once all briefs are there; a human then decides at the gate, and "
    "nothing is edited before. What is wrong with it is told, all at once. At the gate it can be given anew.",
    Proposed,
    AtGate,
)
async def propose_plan(call: Call, args: Proposed) -> object:
    return _at_gate(await call.act("propose_plan", plan=to_builtins(args.plan)))


class Revised(Struct, frozen=True, forbid_unknown_fields=True):
    """A change of the plan."""

    plan: Annotated[
        Plan,
        Meta(
            description="The whole plan as it should be from here on, from get_plan. What does not change, letter by "
            "letter as it is; items that have begun stay, what is to be mended of them is a new item."
        ),
    ]
    reason: Annotated[
        str,
        Meta(
            description="Why it has to be changed: a human reads it. Empty only where tmuxorch asked for the change."
        ),
    ] = ""


@tool(
    Kind.ACTS,
    "Propose a change of the plan",
    "Proposes a change of the plan that is being executed; a human decides on the difference, and what it does not "
    "alter goes on meanwhile.",
    Revised,
    AtGate,
)
async def revise_plan(call: Call, args: Revised) -> object:
    return _at_gate(await call.act("revise_plan", plan=to_builtins(args.plan), reason=args.reason))


def _at_gate(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "next": "a human decides: end your turn, or wait_for_events"}

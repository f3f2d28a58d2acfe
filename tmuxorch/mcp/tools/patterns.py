"""Tools for patterns: which there are, and running one."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from tmuxorch.mcp import shapes
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.tools.place import Job, asked
from tmuxorch.mcp.tools.tool import Kind, tool


class OfPattern(Struct, frozen=True, forbid_unknown_fields=True):
    """A pattern, or all."""

    name: Annotated[str, Meta(description="Only this pattern, with its steps; its name or letter.")] = ""


class Parameter(Struct, frozen=True, kw_only=True):
    """What a pattern is given by name, in `given` of run_pattern."""

    about: str
    min: int
    max: int
    default: tuple[str, ...]


class Step(Struct, frozen=True, kw_only=True):
    """A step; `over` names the parameter for each of whose values it has a worker, `edit`: they may change files."""

    name: str
    role: str
    over: str
    edit: bool
    needs: tuple[str, ...]
    answer: str


class Pattern(Struct, frozen=True, kw_only=True):
    """A pattern; with a `problem` it cannot be run."""

    name: str
    letter: str
    title: str
    about: str
    parameters: dict[str, Parameter]
    steps: tuple[Step, ...] = ()
    problem: str = ""


class Patterns(Struct, frozen=True, kw_only=True):
    """The patterns there are."""

    patterns: tuple[Pattern, ...]


@tool(
    Kind.LOOKS,
    "The patterns of work there are",
    "What run_pattern can run (reviews, research, options, changes that are verified), and what each takes.",
    OfPattern,
    Patterns,
    "list_patterns(name=NAME) gives one",
)
async def list_patterns(call: Call, args: OfPattern) -> object:
    if args.name:
        return {"patterns": [await call.look("pattern", name=args.name)]}
    listed = await call.look("patterns")
    return {
        "patterns": [
            one | {"about": "", "parameters": {}}
            if one["problem"]
            else await call.look("pattern", name=one["name"])
            for one in listed
        ]
    }


class Run(Job, frozen=True, kw_only=True):
    """A run of a pattern."""

    name: Annotated[str, Meta(description="The pattern's name or letter, from list_patterns.")]
    task: Annotated[str, Meta(description="What it is about. Its workers know nothing of what you know.")]
    given: Annotated[
        dict[str, tuple[str, ...]],
        Meta(description='By name, the values of the pattern\'s parameters: {"lens": ["risks", "tests"]}.'),
    ] = field(default_factory=dict)


@tool(
    Kind.ACTS,
    "Run several workers to one result",
    "Starts a run of a pattern: a review, research, options, a change that is verified. Returns its id at once; its "
    "end is news (wait_for_events), get_result has what it came to.",
    Run,
    shapes.PatternRun,
)
async def run_pattern(call: Call, args: Run) -> object:
    job = await asked(call, args)
    return await call.act("pattern_run", name=args.name, task=args.task, given=args.given, **job)

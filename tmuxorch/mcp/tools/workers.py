"""Tools for workers: one job each, for `codex exec`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from tmuxorch.mcp import shapes
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.tools.place import Job, asked
from tmuxorch.mcp.tools.tool import Kind, tool

Worker = Annotated[str, Meta(description="The worker: W1, W2, …")]


class Task(Job, frozen=True, kw_only=True):
    """A worker to be started."""

    task: Annotated[
        str, Meta(description="What it is to do. It knows nothing of what you know: see `context`.")
    ]
    role: Annotated[
        str,
        Meta(
            description="How it goes about it: reviewer, researcher, implementer, verifier, scout, free, or a role of "
            "the project."
        ),
    ] = "free"
    scope: Annotated[
        Literal["read-only", "edit", "full"],
        Meta(
            description="read-only; edit: it may change `paths`, or all of `cd`; full: no sandbox at all, only where "
            "the configuration allows it."
        ),
    ] = "read-only"
    lens: Annotated[str, Meta(description="What it looks for above all, in words or by a lens's name.")] = ""
    label: Annotated[str, Meta(description="A short name for people; default: its role.")] = ""
    schema: Annotated[
        dict[str, Any],
        Meta(
            description="A JSON Schema in OpenAI's strict form, for an answer in JSON. Empty: an answer in words."
        ),
    ] = field(default_factory=dict)


@tool(
    Kind.ACTS,
    "Start a worker",
    "Starts one worker on one task and returns its id at once; its end is news (wait_for_events), get_result has what "
    "it said. Several can work side by side.",
    Task,
    shapes.Worker,
)
async def run_worker(call: Call, args: Task) -> object:
    return await call.act(
        "exec",
        task=args.task,
        role=args.role,
        scope=args.scope,
        lens=args.lens,
        label=args.label,
        schema=args.schema or None,
        **await asked(call, args),
    )


class Again(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker to do again."""

    id: Worker
    context: Annotated[str, Meta(description="What it has to know in addition.")] = ""


@tool(
    Kind.ACTS,
    "Give a worker's task to a new worker",
    "A new worker with the same task, and what you add: for one that failed, or had the wrong idea.",
    Again,
    shapes.Worker,
)
async def rerun_worker(call: Call, args: Again) -> object:
    return await call.act("rerun", id=args.id, context=args.context)


class Further(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker to go on with."""

    id: Worker
    text: Annotated[str, Meta(description="What it is to do next; it knows all that it did before.")]


@tool(
    Kind.ACTS,
    "Go on with a worker's thread",
    "A new worker that goes on where one that has ended stopped, in the same place with the same rights.",
    Further,
    shapes.Worker,
)
async def resume_worker(call: Call, args: Further) -> object:
    return await call.act("resume", id=args.id, text=args.text)


class Stopped(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be ended."""

    id: Annotated[str, Meta(description="A worker (W1), or a run of a pattern (P1) with all its workers.")]


class End(Struct, frozen=True, kw_only=True):
    """How it ended."""

    id: str
    state: str
    outcome: str | None


@tool(
    Kind.ENDS,
    "End a worker or a run of a pattern",
    "Ends what is at work, with all that it started. What it wrote stays where it is.",
    Stopped,
    End,
)
async def stop_worker(call: Call, args: Stopped) -> object:
    return await call.act("stop", id=args.id)

"""Tools for a run that the client leads: its beginning, its items, its end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from tmuxorch.errors import Refused
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.tools.tool import Kind, tool


class Requests(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is asked for beside the solution; each has to become an item of the plan."""

    logging: Annotated[str, Meta(description="Logging to be added.")] = ""
    instrumentation: Annotated[str, Meta(description="Instrumentation to be added.")] = ""
    pre_tests: Annotated[str, Meta(description="Tests to be made before the work.")] = ""


class Kickoff(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a run is about."""

    problem: Annotated[str, Meta(description="The problem in full: the children are told it as it stands.")]
    children: Annotated[
        dict[str, str],
        Meta(
            description="By name, the repos that take part, each a path (relative to the project). New ones are "
            "written into the project's configuration. Empty: all children of the configuration."
        ),
    ] = field(default_factory=dict)
    requests: Annotated[Requests, Meta(description="What else was asked for.")] = Requests()
    fresh: Annotated[
        bool, Meta(description="Ask every child anew, also where nothing changed since a former run.")
    ] = False


class Begun(Struct, frozen=True, kw_only=True):
    """The run that has begun."""

    id: str
    phase: str
    next: str


@tool(
    Kind.ACTS,
    "Begin a run over the repos",
    "Begins a run that you lead: the children are asked for their briefs, then it waits for your plan, which a human "
    "accepts. For work in one place that needs no plan use run_worker or run_pattern.",
    Kickoff,
    Begun,
)
async def start_run(call: Call, args: Kickoff) -> object:
    if args.children:
        await _take_children(call, args.children)
    asked = (
        ("logging", args.requests.logging),
        ("instrumentation", args.requests.instrumentation),
        ("pre-tests", args.requests.pre_tests),
    )
    begun = await call.act(
        "run",
        problem=args.problem,
        children=list(args.children) or None,
        requests=[{"kind": kind, "text": said} for kind, said in asked if said],
        fresh=args.fresh,
        led=True,
    )
    return {**begun, "next": "wait_for_events until all briefs are there, then get_briefs and propose_plan"}


async def _take_children(call: Call, children: dict[str, str]) -> None:
    """Writes new ones into the configuration: only for who leads, and when no run is under way."""
    from tmuxorch.store.setup import add_children

    standing = await call.look("standing")
    if not standing["leads"]:
        raise Refused(
            f"{standing['agent'] or 'whoever asks'} does not lead the work and begins no run",
            hint="do the task that you were given",
        )
    paths = call.session.link.paths
    places = {name: paths.project / Path(path).expanduser() for name, path in children.items()}
    await asyncio.to_thread(add_children, paths, places)


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """Items that are to begin."""

    items: Annotated[
        tuple[str, ...],
        Meta(description="Their ids; each begins as soon as it can. Empty: all that are ready now."),
    ] = ()


class Standing(Struct, frozen=True, kw_only=True):
    """Where an item is; `ordered`: it begins as soon as what it `needs` is done."""

    item: str
    status: str
    ordered: bool
    needs: tuple[str, ...]


class Started(Struct, frozen=True, kw_only=True):
    """Where all items are."""

    run: str
    items: tuple[Standing, ...]


@tool(
    Kind.ACTS,
    "Let items of the plan begin",
    "Lets items of the accepted plan begin, in their children. Human tasks begin by themselves.",
    Order,
    Started,
    "get_plan and status say where the items are",
)
async def start_items(call: Call, args: Order) -> object:
    return await call.act("start_items", items=args.items)


class Report(Struct, frozen=True, forbid_unknown_fields=True):
    """Words on a run."""

    words: Annotated[
        str,
        Meta(
            description="What came of it, what is open and what to do next; facts are in the report already."
        ),
    ]
    run: Annotated[str, Meta(description="The run; empty: the newest.")] = ""


class Reported(Struct, frozen=True, kw_only=True):
    """The report."""

    run: str
    outcome: str | None
    path: str


@tool(
    Kind.ACTS,
    "Give your words on a run that has ended",
    "Puts your words into the report of a run that you led. Those that you gave before are replaced.",
    Report,
    Reported,
)
async def report_run(call: Call, args: Report) -> object:
    said: dict[str, Any] = await call.act("report_run", words=args.words, id=args.run)
    return said

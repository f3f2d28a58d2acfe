"""Tools that wait, so that nobody polls, and the record of everything."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import accumulate, islice
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct, json

from tmuxorch.errors import NotFound, TimedOut
from tmuxorch.mcp import shapes
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.harmless import clean, size
from tmuxorch.mcp.hints import in_text
from tmuxorch.mcp.tools.tool import Kind, tool

LONGEST = 280
"""Seconds: Codex gives a tool call up after 300."""

AT_ONCE = 30_000
"""Characters of records that are given at once."""


class Wait(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which news to wait for."""

    since: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="News after this number (`cursor`); null: after those that you were told last."),
    ] = None
    about: Annotated[
        tuple[str, ...],
        Meta(
            description="Wait until there are news about one of these: ids of runs, workers, patterns, checkpoints, "
            "turns; names of children. Empty: about anything."
        ),
    ] = ()
    timeout_seconds: Annotated[float, Meta(ge=0, le=LONGEST, description="How long to wait at most.")] = 240


@tool(
    Kind.LOOKS,
    "Wait until something that matters has happened",
    "Returns as soon as there are news that matter: a worker or pattern ended, an item is done, a human is needed or "
    "has answered you, it is your move. Do not poll with other tools. After timed_out call it again, or end your turn. "
    "It loses nothing: what happened between two calls is told by the next.",
    Wait,
    shapes.Heard,
    "read_journal has everything",
)
async def wait_for_events(call: Call, args: Wait) -> object:
    since = await _last_told(call) if args.since is None else args.since
    said = await call.wait("news", args.timeout_seconds, since=since, about=args.about, codex_turn=call.turn)
    call.session.heard.told(said["cursor"], call.turn)
    return {**said, "text": in_text(said["text"]), "timed_out": not said["news"]}


async def _last_told(call: Call) -> int:
    """After which news to go on. Of our own lead the controller knows, since it tells it news when it wakes it."""
    standing = await call.look("standing")
    heard = call.session.heard.since() if standing["told"] is None else standing["told"]
    return int(standing["cursor"] if heard is None else heard)


class Ends(Struct, frozen=True, forbid_unknown_fields=True):
    """What to wait for."""

    ids: Annotated[tuple[str, ...], Meta(min_length=1, description="Workers (W1) and runs of patterns (P1).")]
    any: Annotated[bool, Meta(description="Return when one of them has ended, not all.")] = False
    timeout_seconds: Annotated[float, Meta(ge=0, le=LONGEST, description="How long to wait at most.")] = 240


class Ended(Struct, frozen=True, kw_only=True):
    """A worker or a run of a pattern."""

    id: str
    state: str
    outcome: str | None
    reason: str | None


class HaveEnded(Struct, frozen=True, kw_only=True):
    """How they are after the wait."""

    jobs: tuple[Ended, ...]
    timed_out: bool
    next: str


@tool(
    Kind.LOOKS,
    "Wait for workers and patterns",
    "Returns when all (or any) of these workers and runs of patterns have ended. get_result has what they said.",
    Ends,
    HaveEnded,
    "ask for fewer at once",
)
async def wait_for(call: Call, args: Ends) -> object:
    asked = {"ids": args.ids, "any": args.any}
    try:
        jobs, late = await call.wait("wait", args.timeout_seconds, **asked), False
    except TimedOut:
        status, late = await call.look("status"), True
        known = {one["id"]: one for one in (*status["workers"], *status["patterns"])}
        jobs = [known[name] for name in args.ids]
    return {
        "jobs": jobs,
        "timed_out": late,
        "next": "wait_for or wait_for_events again" if late else "get_result of each",
    }


class Since(Struct, frozen=True, forbid_unknown_fields=True):
    """A place in the journal."""

    since: Annotated[int, Meta(ge=0, description="Records after this number (`next_since`).")] = 0
    limit: Annotated[int, Meta(ge=1, le=500, description="How many at most.")] = 100


class Record(Struct, frozen=True, kw_only=True):
    """Something that happened."""

    seq: int
    at: str
    event: dict[str, Any]


class Journal(Struct, frozen=True, kw_only=True):
    """Records in order; `next_since` goes on after them."""

    records: tuple[Record, ...]
    next_since: int
    more: bool
    note: str = shapes.WEIGH


@tool(
    Kind.LOOKS,
    "The record of everything that happened",
    "Records of the journal in order, whole. For what matters now, status and wait_for_events are shorter.",
    Since,
    Journal,
    "tmuxorch journal prints it for a person",
)
async def read_journal(call: Call, args: Since) -> object:
    directory = call.session.link.paths.journal
    if not directory.is_dir():
        raise NotFound("this project has no journal yet", hint="tmuxorch up")
    found = await asyncio.to_thread(_records, directory, args.since, args.limit + 1)
    records = found[: args.limit]
    records = _as_many_as_fit(records)
    return {
        "records": records,
        "next_since": records[-1]["seq"] if records else args.since,
        "more": len(found) > len(records),
    }


def _records(directory: Path, since: int, limit: int) -> list[dict[str, Any]]:
    from tmuxorch.store.reading import Cursor

    return [
        {"seq": one.seq, "at": _time(one.at), "event": clean(json.decode(one.e))}
        for one in islice(Cursor(directory, since).read(), limit)
    ]


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_many_as_fit(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first ones that are not too much at once, at least one."""
    sizes = accumulate(map(size, records))
    return [
        one for at, (one, total) in enumerate(zip(records, sizes, strict=True)) if not at or total <= AT_ONCE
    ]

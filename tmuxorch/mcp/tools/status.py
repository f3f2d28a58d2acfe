"""The tool `status`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import convert
from msgspec.structs import replace

from tmuxorch.core import text
from tmuxorch.mcp import shapes
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.tools.tool import Kind, Nothing, tool
from tmuxorch.mcp.your_move import your_move

SHORT = 240
"""Characters of a task or problem in the status."""

SHOWN = 12
"""Workers and runs of patterns in the status that have ended and were not read, the newest; of those that run, all up
to four times as many."""

ITEMS = 60
"""Items in the status; of more, those that are not done."""


@tool(
    Kind.LOOKS,
    "Where everything stands, and your next step",
    "The one call to begin with, and after a restart or compaction: the run with its items, open checkpoints, what "
    "runs, results that you have not read, the news `cursor`, and `your_move`, which says what to do next.",
    Nothing,
    shapes.Status,
    "tmuxorch status prints all of it for a person",
)
async def status(call: Call, args: Nothing) -> object:
    while True:
        standing = await call.look("standing")  # first: what happens meanwhile comes as news
        said = await call.look("status")
        if (said["run"] or {}).get("id") == (standing["run"] or {}).get("id"):
            break
    read = call.session.read
    workers, hidden = _newest(
        [one for one in said["workers"] if one["pattern"] is None], lambda one: one["state"] == "exited", read
    )
    patterns, more = _newest(said["patterns"], lambda one: one["state"] == "ended", read)
    hidden += more
    now = convert(
        {
            "your_move": "",
            "you": _who(standing),
            "project": said["project"]["dir"],
            "cursor": standing["cursor"],
            "run": _run(said["run"], standing["run"]) if said["run"] else None,
            "checkpoints": said["checkpoints"],
            "workers": [{**one, "task": text.clip(one["task"], SHORT)} for one in workers],
            "patterns": [{**one, "task": text.clip(one["task"], SHORT)} for one in patterns],
            "turns": standing["turns"],
            "children": said["children"],
            "paused": said["paused"],
            "more": _more(hidden, len(said["run"]["items"]) if said["run"] else 0),
        },
        shapes.Status,
    )
    call.session.heard.begins(now.cursor)
    return replace(now, your_move=your_move(now))


def _more(jobs: int, items: int) -> str:
    left_out = [f"{jobs} older workers and patterns"] if jobs else []
    left_out += [f"some of {items} items (get_plan has all)"] if items > ITEMS else []
    return f"not shown: {', '.join(left_out)}" if left_out else ""


def _who(standing: dict[str, Any]) -> str:
    name = standing["agent"] or "a person"
    return f"{name}, who leads" if standing["leads"] else f"an agent that does not lead: {name}"


def _run(public: dict[str, Any], standing: dict[str, Any]) -> dict[str, Any]:
    ordered, items = set(standing["ordered"]), public["items"]
    if len(items) > ITEMS:
        items = [one for one in items if one["status"] not in ("done", "skipped")][:ITEMS]
    return {
        **public,
        "problem": text.clip(public["problem"], SHORT * 4),
        "led_by": standing["led"] or None,
        "reported": standing["reported"],
        "startable": standing["startable"],
        "revise": standing["revise"],
        "items": [{**one, "started": one["item"] in ordered} for one in items],
    }


def _newest(
    every: list[dict[str, Any]], over: Callable[[dict[str, Any]], bool], read: set[str]
) -> tuple[list[dict[str, Any]], int]:
    """Those that run, and of the others the newest that were not read; how many of these are left out."""
    running = [one for one in every if not over(one)]
    unread = [one for one in every if over(one) and one["id"] not in read and one["outcome"] != "cancelled"]
    shown = [*running[-4 * SHOWN :], *unread[-SHOWN:]]
    return shown, len(running) + len(unread) - len(shown)

"""The public objects as text for people: short, aligned, one line each where one line is enough.

`now` is in seconds since the epoch; None means now.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime

from tmuxorch.cli.output import (
    UNLIMITED,
    Json,
    aligned,
    cell,
    duration,
    fitted,
    joined,
    seconds_since,
    seconds_until,
    tokens,
)
from tmuxorch.core.text import width

DAY = 24 * 3600.0

STYLES = {
    "done": "green",
    "succeeded": "green",
    "running": "bold",
    "active": "bold",
    "waiting": "yellow",
    "failed": "red",
    "killed": "red",
    "lost": "red",
    "spawn_failed": "red",
    "blocked": "red",
}
"""By the word that says how something is; what is not here is plain."""


def full(status: Json) -> list[str]:
    """That the lead does what it wants, if it does."""
    if not (status.get("lead") or {}).get("full"):
        return []
    return ["full autonomy: the lead has no sandbox and asks nobody", "end it: tmuxorch lead"]


def pause_line(paused: Json, now: float | None = None) -> str:
    """Why nobody is given work, until when (by the clock on the wall, and from now), and how it goes on sooner."""
    return joined(pause(paused, now))


def pause(paused: Json, now: float | None = None) -> list[str]:
    """The parts of `pause_line`."""
    at = datetime.fromisoformat(paused["until"])
    ahead = at.timestamp() - (time.time() if now is None else now)
    day = "" if ahead < DAY else f"{at.astimezone():%Y-%m-%d} "
    when = f"until {day}{at.astimezone():%H:%M:%S} (in {duration(max(0.0, ahead))})"
    who = f"{paused['by']} was refused" if paused["by"] else ""
    return [f"paused: {paused['title']}", who, when, "sooner: tmuxorch up --resume-now"]


AWAITS_LEAD = "waits for the lead's word"
"""Of an item that could begin, in a run that an agent leads by itself."""


def run_line(of: Json, now: float | None = None) -> str:
    """`R1 · execute · 2 of 5 items · 3 min · problem`."""
    return joined(run_rows([of], now)[0])


RUNS_GIVE = (-1,)
ITEMS_GIVE = (-1, 3)
CHILDREN_GIVE = (-1, -2)
WORKERS_GIVE = (-1, 5, 4)
CHECKPOINTS_GIVE = (-1, 2)
"""The columns of each table that are cut where there is no room for all: never an id, a state or a number."""


def run_rows(runs: Sequence[Json], now: float | None = None) -> list[list[str]]:
    """Runs: id, outcome or phase, items (and who leads it by itself), elapsed, problem."""
    return [
        [
            of["id"],
            of.get("outcome") or of["phase"],
            joined([_progress(of), f"led by {cell(of['led'])}" if of.get("led") else ""]),
            duration(elapsed(of, now)),
            first_line(of["problem"]),
        ]
        for of in runs
    ]


def _progress(of: Json) -> str:
    items = of.get("items") or ()
    done = sum(item["status"] in ("done", "skipped") for item in items)
    return f"{done} of {len(items)} items" if items else ""


def item_rows(run: Json) -> list[list[str]]:
    """Plan items: id, status, owner, what it comes after or waits for, title."""
    return [
        [
            item["item"],
            item["status"],
            item["owner"],
            _waits(item),
            item["title"],
        ]
        for item in run.get("items") or ()
    ]


def _waits(item: Json) -> str:
    if item.get("awaits_lead"):
        return AWAITS_LEAD
    return f"after {', '.join(item['depends'])}" if item.get("depends") else ""


def child_rows(children: Sequence[Json]) -> list[list[str]]:
    """Children: name, state, what it waits for (and whether it is muted), tokens, git, path (and where its server
    listens, if not ours)."""
    return [
        [
            child["name"],
            child["state"],
            joined([child.get("waiting") or "", _muted(child)]),
            tokens(child.get("tokens") or {}),
            joined([child.get("branch") or "", (child.get("head") or "")[:10]]),
            joined([short_path(child["path"]), child.get("endpoint") or ""]),
        ]
        for child in children
    ]


def _muted(of: Json) -> str:
    return "muted" if of.get("muted") else ""


def command_lines(children: Sequence[Json]) -> list[str]:
    """How each child is tested and built, as far as that is known."""
    known = [
        (child["name"], what, [f"{one['command']} ({one['source']})" for one in child.get(what) or ()])
        for child in children
        for what in ("tests", "build")
    ]
    return [f"{name} {what}: {', '.join(commands)}" for name, what, commands in known if commands]


def worker_rows(workers: Sequence[Json], now: float | None = None) -> list[list[str]]:
    """Workers: id, outcome or state, elapsed, tokens, role, label, what else there is to know."""
    return [
        [
            worker["id"],
            worker.get("outcome") or worker["state"],
            duration(elapsed(worker, now)) if worker.get("started") else "",
            tokens(worker.get("tokens") or {}),
            worker["role"],
            worker["label"],
            joined([_muted(worker), worker_note(worker, now)]),
        ]
        for worker in workers
    ]


def worker_note(worker: Json, now: float | None = None) -> str:
    """What a worker may write, whom it waits for, when it is tried again, what it changed unasked."""
    paths = worker.get("paths") or () if worker["state"] != "exited" else ()
    writes = "everywhere" if "/" in paths else ", ".join(_below(path, worker["cwd"]) for path in paths)
    again, wrong = worker.get("retry_at"), ", ".join(worker.get("violations") or ())
    because = first_line(worker.get("reason") or "")
    return joined(
        [
            f"for {worker['pattern']}" if worker.get("pattern") else "",
            f"writes {writes}" if writes else "",
            f"waits for {', '.join(worker['waits_for'])}" if worker.get("waits_for") else "",
            f"tried again in {duration(seconds_until(again, now))}: {because}" if again else "",
            f"try {worker['attempts']}" if worker.get("attempts", 1) > 1 else "",
            f"changed outside of its paths: {wrong}" if wrong else "",
        ]
    )


def _below(path: str, place: str) -> str:
    """`path` as it is called in `place`; one that is elsewhere, as in a worktree yet to be made, whole."""
    inside = os.path.relpath(path, place)
    return short_path(path) if inside.partition("/")[0] == ".." else inside


def worker_lines(workers: Sequence[Json], room: int, now: float | None = None) -> list[str]:
    """Workers in lines of at most `room` columns: one each, and below it what else there is to know where that does not
    fit beside it.
    """
    rows = worker_rows(workers, now)
    found = []
    heads = aligned([row[:-1] for row in rows], room, WORKERS_GIVE[1:])
    for whole, head, row in zip(aligned(rows), heads, rows, strict=True):
        found += [whole] if width(whole) <= room else [head, *([f"    {cell(row[-1])}"] if row[-1] else ())]
    return [fitted(line, room) for line in found]


def worker_line(worker: Json) -> str:
    """One worker."""
    return aligned(worker_rows([worker]))[0]


MARKS = {"completed": "✓", "in_progress": "▸", "failed": "✗", "pending": "·"}
"""Before the steps of a pattern."""


def pattern_lines(patterns: Sequence[Json], now: float | None = None, room: int = UNLIMITED) -> list[str]:
    """Runs of patterns, and below each that goes on its steps, in lines of at most `room` columns."""
    heads = aligned(pattern_rows(patterns, now), room)
    return [line for head, one in zip(heads, patterns, strict=True) for line in (head, *_steps(one, room))]


def pattern_rows(patterns: Sequence[Json], now: float | None = None) -> list[list[str]]:
    """Runs of patterns: id, outcome or state, elapsed, pattern, what it came to, or why not, or what it is about."""
    return [
        [
            one["id"],
            one.get("outcome") or one["state"],
            duration(elapsed(one, now)),
            one["pattern"],
            first_line(one.get("summary") or one.get("reason") or one["task"]),
        ]
        for one in patterns
    ]


def _steps(of: Json, room: int) -> list[str]:
    rows = [
        [f"  {MARKS[one['status']]} {one['name']}", step_status(one), " ".join(one["workers"])]
        for one in of["steps"]
    ]
    return aligned(rows, room) if of["state"] != "ended" else []


def step_status(of: Json) -> str:
    """How a step is, in words: `in progress`."""
    return str(of["status"]).replace("_", " ")


def end_line(of: Json) -> str:
    """One worker, or one run of a pattern."""
    return aligned(pattern_rows([of]))[0] if "steps" in of else worker_line(of)


def checkpoint_rows(checkpoints: Sequence[Json], now: float | None = None) -> list[list[str]]:
    """Checkpoints: id, kind, source, item, how long it is open (or what became of it), title."""
    return [
        [
            point["id"],
            point["kind"],
            point["source"],
            f"item {point['item']}" if point.get("item") else "",
            duration(seconds_since(point["opened"], now)) if point["state"] == "open" else point["state"],
            point["title"],
        ]
        for point in checkpoints
    ]


def elapsed(of: Json, now: float | None = None) -> float:
    """Seconds from `started` to `ended`, or until now."""
    return seconds_since(of["started"], now) - (seconds_since(of["ended"], now) if of.get("ended") else 0.0)


def short_path(path: str) -> str:
    """`path`, the home directory as `~`."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path == home or path.startswith(home + "/") else path


def first_line(text: str) -> str:
    """The first line of `text` that holds something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")

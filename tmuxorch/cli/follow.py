"""Following a run: what changes, as lines, until it has ended."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from tmuxorch.cli import output, render
from tmuxorch.cli.client import Client, connect
from tmuxorch.cli.output import Json
from tmuxorch.codex.visible import visible_line
from tmuxorch.errors import ControllerUnavailable
from tmuxorch.store.paths import ProjectPaths

RETRY = 0.5
"""Seconds between tries to reach a controller that has ended."""

Wait = tuple[str, Json]
"""The method of the controller that returns at the end, and its parameters."""


def follow(paths: ProjectPaths, wait: Wait, look: Callable[[Json], None] | None = None) -> Any:
    """Tells on stderr what happens until `wait` returns, and returns that. Outlives the controller.

    `look` is called with every status that comes.
    """
    seen: Json = {}
    with _Ticker() as ticker:
        while True:
            try:
                with connect(paths) as client:
                    return _until_end(client, wait, seen, ticker, look or _ignore)
            except ControllerUnavailable as error:
                ticker.line(f"{error.message}; waiting for it: tmuxorch up")
                _until_there(paths)


def _ignore(status: Json) -> None:
    pass


def _until_end(client: Client, wait: Wait, seen: Json, ticker: _Ticker, look: Callable[[Json], None]) -> Any:
    end = client.send(*wait)
    client.send("subscribe")
    while not client.answered(end):
        client.pump()
        for note in client.notes():
            status = note["status"]
            for line in news(seen, status):
                ticker.line(line)
            ticker.now(_now(status, note.get("activity") or {}))
            seen.clear()
            seen.update(status)
            look(status)
    for line in news(seen, client.call("status")):  # what ended it may not have been told yet
        ticker.line(line)
    return client.taken(end)


def _until_there(paths: ProjectPaths) -> None:
    while True:
        with contextlib.suppress(ControllerUnavailable):
            connect(paths).close()
            return
        time.sleep(RETRY)


def news(before: Json, now: Json) -> list[str]:
    """What is new in a status since `before` (empty: the first, where what has ended is not new), one line each."""
    run = now.get("run") or {}
    old = before.get("run") or (run if not before and run.get("outcome") else {})
    found = []
    if run and run["phase"] != old.get("phase"):
        found.append(f"phase {run['phase']}")
    found += _pause_news(before.get("paused"), now.get("paused"))
    found += _item_news(old.get("items") or (), run.get("items") or ())
    ended, begun = _worker_news(before.get("workers"), now["workers"])
    patterns = _pattern_news(before.get("patterns"), now.get("patterns") or ())
    # A step is over once its workers are, and begins before the next ones do.
    found += [*ended, *patterns, *begun]
    return found + _checkpoint_news(before.get("checkpoints") or (), now["checkpoints"])


def _pause_news(before: Any, now: Any) -> list[str]:
    if now == before:
        return []
    return [render.pause_line(now) if now else "work goes on"]


def _item_news(before: Any, now: Any) -> list[str]:
    known = {item["item"]: item["status"] for item in before}
    return [
        f"item {item['item']} {item['status']} · {item['owner']} · {item['title']}"
        for item in now
        if known.get(item["item"], "pending") != item["status"]
    ]


def _pattern_news(before: Any, now: Any) -> list[str]:
    known = {run["id"]: run for run in before or ()}
    found = []
    for run in now:
        old = known.get(run["id"]) or {"steps": (), "state": "ended" if before is None else ""}
        if run["state"] == old["state"] == "ended":
            continue
        was = {step["name"]: step["status"] for step in old["steps"]}
        found += [
            f"{run['id']} {run['pattern']} · step {step['name']} {render.step_status(step)}"
            for step in run["steps"]
            if was.get(step["name"], "pending") != step["status"]
        ]
        if run["state"] == "ended":
            found.append(f"{run['id']} {run['pattern']} {run['outcome']}")
    return found


def _worker_news(before: Any, now: Any) -> tuple[list[str], list[str]]:
    """Those that have ended, and all others."""
    known = {worker["id"]: worker["state"] for worker in before or ()}
    ended, others = list[str](), list[str]()
    for worker in now:
        over, old = worker["state"] == "exited", known.get(worker["id"])
        if worker["state"] != (old or ("exited" if before is None else "")):
            line = f"worker {worker['id']} {worker['label']} {worker.get('outcome') or worker['state']}"
            if not over and worker.get("attempts", 1) > 1:
                line += f" · try {worker['attempts']}"
            (ended if over else others).append(line)
    return ended, others


def _checkpoint_news(before: Any, now: Any) -> list[str]:
    known = {point["id"] for point in before if point["state"] == "open"}
    waiting = {point["id"]: point for point in now if point["state"] == "open"}
    opened = [
        f"{point['id']} waits for you · {point['kind']} · {point['source']} · {point['title']}"
        f" · tmuxorch show {point['id']}"
        for name, point in waiting.items()
        if name not in known
    ]
    return opened + [f"{name} is answered" for name in sorted(known - waiting.keys())]


def _now(status: Json, activity: dict[str, str]) -> str:
    run = status.get("run") or {}
    busy = [f"{name}: {what}" for name, what in activity.items() if what]
    waiting = len([point for point in status["checkpoints"] if point["state"] == "open"])
    asks = f"{waiting} wait{'s' if waiting == 1 else ''} for you" if waiting else ""
    paused = f"paused: {status['paused']['title']}" if status.get("paused") else ""
    where = f"{run['id']} {run['phase']}" if run and not run.get("outcome") else ""
    steps = [
        f"{one['id']} {step['name']}"
        for one in status.get("patterns") or ()
        for step in one["steps"]
        if step["status"] == "in_progress"
    ]
    return output.joined([where, *steps, paused, asks, *busy])


class _Ticker(contextlib.AbstractContextManager["_Ticker"]):
    """Lines with the time since the beginning; on a terminal, below them, what happens now."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> _Ticker:
        self.now = self._stack.enter_context(output.turning(""))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def line(self, text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        output.note(f"{minutes:3}:{seconds:02}  {visible_line(text)}")


def heading(of: Json) -> str:
    """What is said when a run begins, also one of a pattern."""
    said = of["problem"] if "problem" in of else f"{of['title']}: {render.first_line(of['task'])}"
    return f"{of['id']} · {render.first_line(said)}"

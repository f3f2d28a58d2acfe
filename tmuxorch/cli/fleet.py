"""All projects of a tmux server at once, as their controllers tell of them: what waits, which windows there are."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tmuxorch.cli.card import NOTHING
from tmuxorch.cli.client import connect
from tmuxorch.cli.output import Json
from tmuxorch.errors import TmuxorchError
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.tmux.scene import Session

PATIENCE = 10.0
"""Seconds in which a controller has to answer: somebody has pressed a key and looks at the screen, but one that gets no
CPU for a moment is not one that is gone."""

IN_THE_INBOX = ("plan", "human")
"""Kinds of checkpoints that no agent's window shows."""

STATES = ("waiting", "failed", "running", "finished", "idle")


class Seen(NamedTuple):
    """A project; `status` is None when its controller does not answer, and `problem` says why."""

    session: Session
    status: Json | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        return Path(self.session.project).name

    @property
    def checkpoints(self) -> list[Json]:
        """What is open, the oldest first."""
        points = (self.status or {}).get("checkpoints") or ()
        return sorted((one for one in points if one["state"] == "open"), key=lambda one: str(one["opened"]))


class Waiting(NamedTuple):
    """An open checkpoint, and the window to go to for it (empty: there is none)."""

    seen: Seen
    point: Json
    window: str


class Shown(NamedTuple):
    """A window of an agent: what it is called, how it is doing (one of STATES), and a word about that."""

    seen: Seen
    window: str
    name: str
    state: str
    about: str


def see(sessions: Sequence[Session]) -> list[Seen]:
    """Asks every project's controller, side by side. It does not wait for ever, and starts nothing."""
    found = {one.project: Seen(one, problem="the controller does not answer") for one in sessions}

    def ask(session: Session) -> None:
        try:
            with connect(ProjectPaths(Path(session.project))) as client:
                found[session.project] = Seen(session, client.call("status"))
        except TmuxorchError as error:
            found[session.project] = Seen(session, problem=error.message)

    threads = [threading.Thread(target=ask, args=(one,), daemon=True) for one in sessions]
    end = time.monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
    return list(found.values())


def waiting(fleet: Sequence[Seen]) -> list[Waiting]:
    """All that is open, the oldest first."""
    every = [
        Waiting(seen, point, _window(seen.session, point)) for seen in fleet for point in seen.checkpoints
    ]
    return sorted(every, key=lambda one: str(one.point["opened"]))


def none_waits(fleet: Sequence[Seen]) -> str:
    """What to say where no checkpoint is known: that there is none, or who does not answer and may have one."""
    return "; ".join(f"{one.name}: {one.problem}" for one in fleet if one.status is None) or NOTHING


def _window(session: Session, point: Json) -> str:
    own = "" if point["kind"] in IN_THE_INBOX else session.window(str(point["source"]))
    return own or session.window("checkpoints")


def windows(fleet: Sequence[Seen]) -> list[Shown]:
    """The windows of children and workers, by their states: those that somebody should look at first."""
    every = [shown for seen in fleet if seen.status for shown in _windows(seen, seen.status)]
    return sorted(every, key=lambda one: STATES.index(one.state))


def _windows(seen: Seen, status: Json) -> Iterator[Shown]:
    names = {window.id: window.name for window in seen.session.windows}
    for child in status["children"]:
        if child["window"] in names:
            about = str(child["waiting"] or child["state"])
            yield Shown(seen, child["window"], names[child["window"]], _of_child(child), about)
    for worker in reversed(status["workers"]):
        if worker["window"] in names:
            about = str(worker["outcome"] or worker["state"])
            yield Shown(seen, worker["window"], names[worker["window"]], _of_worker(worker), about)


def _of_child(child: Json) -> str:
    if child["waiting"] or child["state"] == "waiting":
        return "waiting"
    return {"failed": "failed", "idle": "idle", "stopped": "idle"}.get(child["state"], "running")


def _of_worker(worker: Json) -> str:
    if worker["state"] == "exited":
        return "finished" if worker["outcome"] in ("succeeded", "cancelled") else "failed"
    return "waiting" if worker["state"] == "waiting" else "running"

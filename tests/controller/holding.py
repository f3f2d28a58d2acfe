"""Workers of a lab that go on only when a test wants it, and what is seen of workers."""

from __future__ import annotations

import fcntl
import itertools
import os
from pathlib import Path

from tests.e2e.project import Json, Project

_numbers = itertools.count(1)


class Gate:
    """A file in `directory` that is locked: the command `wait` waits until the test opens the gate. It stays open."""

    def __init__(self, directory: Path) -> None:
        path = directory / f"gate-{next(_numbers)}"
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.wait = f"flock -s {path} true"

    def open(self) -> None:
        """Lets everybody go on."""
        os.close(self._lock)


def start(lab: Project, place: Path, task: str, **more: object) -> Json:
    """A new worker in `place`, by the API: no command is started for it."""
    worker: Json = lab.call("exec", cd=str(place), task=task, **more)
    return worker


def editing(lab: Project, place: Path, task: str, *paths: str, **more: object) -> Json:
    """A new worker that may edit, below `paths` if there are any."""
    return start(lab, place, task, scope="edit", paths=list(paths), **more)


def now(lab: Project, worker: Json) -> Json:
    """The worker as it is now; nothing when there is none yet."""
    return next((one for one in lab.call("status")["workers"] if one["id"] == worker["id"]), {})


def ended(lab: Project, worker: Json) -> Json:
    """The worker, once it has ended for good."""
    found: Json = lab.call("wait", ids=[worker["id"]], timeout=60)[0]
    return found


def line(lab: Project, worker: Json) -> str:
    """What `ls` says of the worker."""
    lines = lab.run("ls").splitlines()
    return next(found for found in lines if found.split()[0] == worker["id"])


def events(lab: Project, worker: Json, kind: str) -> list[Json]:
    """The events of that kind about the worker."""
    return [event for event in lab.events(kind) if event["id"] == worker["id"]]


def sequence(lab: Project, *kinds: str) -> list[tuple[str, str]]:
    """Events of those kinds with what they are about, in the order in which they were recorded."""
    return [(event["type"], event.get("id", "")) for event in lab.events() if event["type"] in kinds]

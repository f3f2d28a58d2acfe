"""What a host leaves behind in its directory, and what the controller does with a host directory.

`start.json` is written before the program begins, `exit.json` when nothing of its tree is left; both in one step
(temporary file, fsync, rename), so that a reader sees all of it or nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, NamedTuple

from tmuxorch.host import lease, tree
from tmuxorch.host.ladder import Ladder

STEP = 0.02  # seconds between two looks at a tree that is being killed
STARTED, ENDED = "start.json", "exit.json"


class Start(NamedTuple):
    """A program was started, or is in this moment."""

    host_pid: int
    pid: int  # of the child; also its session and process group
    born: str  # with pid one process for ever; "" if it was gone at once
    started: str  # RFC 3339, UTC
    argv: tuple[str, ...]


class Exit(NamedTuple):
    """It has ended. `code` and `signal` are both None if it could not be started, and then `error` says why."""

    code: int | None
    signal: int | None
    started: str  # RFC 3339, UTC
    ended: str  # when the child itself ended; what it left behind was stopped after that
    duration_ms: int
    error: str | None
    stopped_by: str | None  # "stop", "hangup" or "timeout" if the host stopped it


def command() -> list[str]:
    """The beginning of the command line of a host; `run DIR` or `view exec|frames|log FILE [--title TEXT]` follows.

    It is the base interpreter, not the virtual environment's: without site-packages it starts in a third of the time.
    In UTF-8 mode, because what it is told to run is JSON, whose UTF-8 no locale may turn into other bytes.
    """
    python = getattr(sys, "_base_executable", None) or sys.executable
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")
    return [python, "-SIE", "-X", "utf8", script]


def now() -> str:
    """RFC 3339, UTC, milliseconds."""
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03}Z"


def read_start(directory: str | os.PathLike[str]) -> Start | None:
    """None if it was not started yet. Raises ValueError if the file is not a host's."""
    raw = _read(directory, STARTED)
    return Start(**_fields(Start._fields, raw) | {"argv": tuple(raw.get("argv", ()))}) if raw else None


def read_exit(directory: str | os.PathLike[str]) -> Exit | None:
    """None if it has not ended, or will never say so. Raises ValueError if the file is not a host's."""
    raw = _read(directory, ENDED)
    return Exit(**_fields(Exit._fields, raw)) if raw else None


def write(directory: str, record: Start | Exit) -> None:
    """Writes start.json or exit.json. Raises OSError."""
    name = STARTED if isinstance(record, Start) else ENDED
    path = os.path.join(directory, name)
    fd = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump(record._asdict(), file)
        file.flush()
        os.fsync(fd)
    os.rename(f"{path}.tmp", path)
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def forbid(directory: str | os.PathLike[str]) -> bool:
    """Sees to it that a host that has not begun yet, started or not, never does: it finds an exit record. False if one
    has begun, or has had its run. Blocks for some tenths of a second at most. Raises OSError."""
    place = os.fspath(directory)
    os.makedirs(place, mode=0o700, exist_ok=True)
    taken = lease.take(place)
    if taken is None:
        return False
    try:
        if read_start(place) or read_exit(place):
            return False
        write(place, Exit(None, None, now(), now(), 0, None, "stop"))
        return True
    finally:
        os.close(taken)


def lease_held(directory: str | os.PathLike[str]) -> bool:
    """Whether anything of the host's tree, the host included, is alive."""
    return lease.held(os.fspath(directory))


def tree_of(directory: str | os.PathLike[str]) -> set[tree.Process]:
    """Everything alive of a host directory, the host included, also when the host was killed: who holds the lease, the
    child that start.json names, and all their descendants."""
    seen = tree.table()
    roots = {pid for pid in lease.holders(os.fspath(directory)) if pid in seen}
    if (start := read_start(directory)) and start.born and tree.find(start.pid) == (start.pid, start.born):
        roots.add(start.pid)
    return tree.descendants(roots, seen) | {tree.Process(pid, seen[pid].born) for pid in roots}


def kill_tree(directory: str | os.PathLike[str], grace: tuple[float, float] = (1.0, 1.0)) -> None:
    """Climbs the stop ladder over `tree_of` and returns when nothing of it is alive. Blocks, at most some hundredths
    of a second longer than the two graces together. For a host that was killed: a living one does this itself when it
    gets a TERM, and leaves its record, which this does not."""
    ladder = Ladder(grace, time.monotonic())
    known: set[tree.Process] = set()
    while known := tree_of(directory) | {process for process in known if tree.find(process.pid) == process}:
        if signum := ladder.due(time.monotonic()):
            tree.send(known, signum)
        time.sleep(STEP)


def _read(directory: str | os.PathLike[str], name: str) -> dict[str, Any] | None:
    path = os.path.join(directory, name)
    try:
        with open(path, "rb") as file:
            raw = json.loads(file.read())
    except FileNotFoundError:
        return None
    if not isinstance(raw, dict):
        raise ValueError(f"{path} is not a host's record")
    return raw


def _fields(names: tuple[str, ...], raw: dict[str, Any]) -> dict[str, Any]:
    if missing := [name for name in names if name not in raw]:
        raise ValueError(f"a host's record without {', '.join(missing)}")
    return {name: raw[name] for name in names}

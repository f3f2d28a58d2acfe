"""`host run DIR`: owns one child process, exactly once, from its start to the end of the last of its tree."""

from __future__ import annotations

import contextlib
import json
import os
import time

from tmuxorch.host import lease, records, spec, tree, views
from tmuxorch.host.child import SPAWN_FAILED, Child
from tmuxorch.host.live import Live
from tmuxorch.host.paint import Row
from tmuxorch.host.records import Exit, Start
from tmuxorch.host.screen import Screen
from tmuxorch.host.signals import Signals
from tmuxorch.host.supervisor import STOPS, Ended, Supervisor

REFUSED = 75
ENVIRONMENT = "TMUXORCH_ENV"
LITTER = (
    ".agents",
    ".aws",
    ".codex",
)  # empty directories that Codex, interrupted in its sandbox, leaves in its cwd
RETRY = 1.0  # seconds between two attempts to write a record


def main(directory: str) -> int:
    """Runs the spec of a host directory. Returns the child's exit code, 128 + its signal, 127 if it could not be
    started, or 75 if this directory has had its run; then nothing was done."""
    signals = Signals()
    try:
        held = lease.take(directory)
    except OSError as error:
        return _refuse(directory, error.strerror or str(error))
    if held is None:
        return _refuse(directory, "its process is running (the lease is held)")
    for name in (records.STARTED, records.ENDED):
        if os.path.lexists(os.path.join(directory, name)):
            return _refuse(directory, f"it had its run, see {name} there")
    tree.become_subreaper()
    return _once(directory, signals, held)


def _refuse(directory: str, reason: str) -> int:
    os.write(2, f"not started: {directory}: {reason}\n".encode("utf-8", "backslashreplace"))
    return REFUSED


def _once(directory: str, signals: Signals, held: int) -> int:
    started, begin = records.now(), time.monotonic()
    screen = Screen()
    wanted, live = None, views.plain(screen)
    try:
        wanted = spec.load(directory)
        environment = _environment()
        _freshen(directory, wanted)
        live = views.of_host(screen, directory, wanted)
        live.draw(views.heading(wanted.title, wanted.cwd))
        clean = _missing(wanted.cwd)
        child = Child(wanted, directory, environment, held)
    except (spec.SpecError, OSError) as error:
        record = Exit(None, None, started, records.now(), 0, str(error), None)
    else:
        problem = _start(child, directory, wanted, started)
        ended = Supervisor(child.pid, directory, wanted, live, signals, begin).stay()
        if ended.stopped_by:
            _tidy(clean)
        record = _record(ended, started, begin, problem)
    _leave(directory, record, live, signals)
    live.end(views.ending(directory, wanted, record))
    return _exit_status(record)


def _environment() -> dict[str, str]:
    """The child's whole environment: the object of ENVIRONMENT if it is there, else our own."""
    own = dict(os.environ)
    given = own.pop(ENVIRONMENT, None)
    if given is None:
        return own
    try:
        environment = json.loads(given)
    except (ValueError, RecursionError) as error:
        raise spec.SpecError(f"{ENVIRONMENT}: {error}") from error
    if not isinstance(environment, dict) or not all(isinstance(value, str) for value in environment.values()):
        raise spec.SpecError(f"{ENVIRONMENT}: not an object of texts")
    return environment


def _freshen(directory: str, wanted: spec.Spec) -> None:
    for name in wanted.fresh:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(directory, name))


def _start(child: Child, directory: str, wanted: spec.Spec, started: str) -> str | None:
    """Puts the start on record and lets the child go; why that was not possible, or None."""
    process = tree.find(child.pid)
    born = process.born if process else ""
    try:
        records.write(directory, Start(os.getpid(), child.pid, born, started, wanted.argv))
    except OSError as error:
        child.dismiss()
        return f"{records.STARTED}: {error.strerror}"
    return child.release()


def _record(ended: Ended, started: str, begin: float, problem: str | None) -> Exit:
    status = ended.status
    return Exit(
        code=os.WEXITSTATUS(status) if os.WIFEXITED(status) and not problem else None,
        signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) and not problem else None,
        started=started,
        ended=ended.ended,
        duration_ms=round((ended.at - begin) * 1000),
        error=problem,
        stopped_by=ended.stopped_by,
    )


def _missing(cwd: str) -> list[str]:
    paths = [os.path.join(cwd, name) for name in LITTER]
    return [path for path in paths if not os.path.lexists(path)]


def _tidy(clean: list[str]) -> None:
    """Removes what was not there before, if it is an empty directory."""
    for path in clean:
        with contextlib.suppress(OSError):
            os.rmdir(path)


def _leave(directory: str, record: Exit, live: Live, signals: Signals) -> None:
    """Writes the record, however long the disk is full; only a signal to stop ends the attempts. The lease is held
    meanwhile, so nobody takes the process for lost."""
    complained = False
    while True:
        try:
            return records.write(directory, record)
        except OSError as error:
            if not complained:
                live.draw([Row(f"{records.ENDED} cannot be written, trying again: {error.strerror}", "red")])
            complained = True
        live.wait(signals.fd, time.monotonic() + RETRY)
        if any(signum in STOPS for signum in signals.read()):
            return None


def _exit_status(record: Exit) -> int:
    if record.signal is not None:
        return 128 + record.signal
    return SPAWN_FAILED if record.code is None else record.code

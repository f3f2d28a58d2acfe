"""Which view draws what, and how a view begins and ends."""

from __future__ import annotations

import os
import signal

from tmuxorch.host import figures, render_exec, render_frames, render_log, text
from tmuxorch.host.feed import Feed, Render
from tmuxorch.host.follow import Follower
from tmuxorch.host.live import Live
from tmuxorch.host.notice import Notice, notice
from tmuxorch.host.paint import Row
from tmuxorch.host.pulse import Pulse
from tmuxorch.host.records import Exit
from tmuxorch.host.screen import Screen
from tmuxorch.host.spec import Spec

LAST_WORDS = 8  # lines of stderr that are shown after a failure
LAST_BYTES = 4000
STOPPED = {
    "stop": "stopped",
    "hangup": "stopped, because its window was closed",
}


def renderer(kind: str, cwd: str) -> Render:
    """What turns the lines of a file into rows. Paths below `cwd` are shown from there on."""
    return _drawn(kind, cwd)[0]


def _drawn(kind: str, cwd: str) -> tuple[Render, Pulse | None]:
    match kind:
        case "exec":
            events = render_exec.ExecEvents(cwd)
            return events.rows, events.pulse
        case "frames":
            frames = render_frames.Frames(cwd)
            return frames.rows, frames.pulse
        case _:
            return render_log.rows, None


def plain(screen: Screen) -> Live:
    """A view that shows only what it is given."""
    return Live(screen, Feed(render_log.rows), None, Notice())


def of_host(screen: Screen, directory: str, spec: Spec) -> Live:
    """The view of a host's own window."""
    if spec.view == "none":
        return plain(screen)
    return of_file(screen, spec.view, os.path.join(directory, spec.stdout), spec.cwd, spec.shown)


def of_file(screen: Screen, kind: str, path: str, cwd: str, limit: int | None) -> Live:
    """The view of a growing file, as far as `limit` bytes of it."""
    return Live(screen, Feed(*_drawn(kind, cwd)), Follower(path, limit), notice(path))


def heading(title: str, cwd: str) -> list[Row]:
    rows = [Row(title, "bold"), Row(cwd, "dim")]
    return [row for row in rows if row.text]


def ending(directory: str, spec: Spec | None, record: Exit) -> list[Row]:
    """How it ended, below the last words on stderr if that was not well."""
    rows = []
    if record.code != 0 and spec is not None and spec.stderr != spec.stdout:
        rows += [Row(line, "dim", "  ") for line in _last_lines(os.path.join(directory, spec.stderr))]
    took = figures.duration(record.duration_ms / 1000)
    if record.error is not None:
        return [*rows, Row(f"could not be started: {record.error}", "red")]
    how = f"exited {record.code}" if record.signal is None else f"killed by {_name(record.signal)}"
    parts = [_stopped(record.stopped_by, spec)] if record.stopped_by else []
    style = "yellow" if record.stopped_by else "green" if record.code == 0 else "red"
    return [*rows, Row(" · ".join([*parts, how, took]), style)]


def _stopped(by: str, spec: Spec | None) -> str:
    if by == "timeout" and spec and spec.timeout is not None:
        return f"timed out after {spec.timeout:g} s"
    return STOPPED.get(by, by)


def _last_lines(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LAST_BYTES))
            content = file.read(LAST_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    return text.lines(content.rstrip())[-LAST_WORDS:] if content.strip() else []


def _name(signum: int) -> str:
    try:
        return signal.Signals(signum).name.removeprefix("SIG")
    except ValueError:
        return f"signal {signum}"

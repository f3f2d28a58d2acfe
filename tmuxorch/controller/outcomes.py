"""What the output of a process that has ended says: the exit status alone is not the truth about a worker."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import json
from msgspec.structs import replace

from tmuxorch.codex import binary, execstream, failures
from tmuxorch.controller import forms
from tmuxorch.controller.processes import TIMED_OUT
from tmuxorch.controller.refusals import heard
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.ledger import public_workers
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.tail import Tail

ITEM = b'{"type":"item.'
"""How a line begins that says what an agent does, of which there may be a great many; Codex writes `type` first."""

OVERRULED = b"requirements"
NOT_HELD = "this machine's requirements.toml does not allow its sandbox, so that it had another one"

TAIL = 6000
"""Bytes of a check's output that are kept with its record; the whole is in output.log."""


def of_server(directory: Path, ended: msg.ProcessEnded) -> msg.ProcessEnded:
    """The last words of a server that failed are its reason."""
    if ended.outcome is not m.Outcome.FAILED:
        return ended
    words = text.line(tail(directory / "server.log", 400))
    return replace(ended, reason=f"{ended.reason}: {words}" if words else ended.reason)


def of_check(directory: Path, ended: msg.ProcessEnded) -> msg.ProcessEnded:
    """A check's end of output. One that was stopped for its time proves nothing, whatever it exited with."""
    if ended.reason.startswith(TIMED_OUT):
        ended = replace(ended, outcome=m.Outcome.KILLED)
    output = directory / "output.log"
    end = text.block(tail(output, TAIL))
    with contextlib.suppress(OSError):
        if (size := output.stat().st_size) > TAIL:
            end = f"(the end of {size} bytes; the whole is in {output})\n{end}"
    return replace(ended, tail=end)


def of_worker(
    paths: ProjectPaths, worker: m.Worker, directory: Path, ended: msg.ProcessEnded
) -> msg.ProcessEnded:
    """Success is exit status 0, a completed turn and a last message that is not empty; `misfit` says what is wrong with
    the form of the message, `passing` whether a failure may pass.
    """
    summary, overruled = execstream.ExecSummary(), False
    for line in _lines(directory / "events.jsonl"):
        if line.startswith(ITEM):
            overruled = overruled or (OVERRULED in line and execstream.overrules(line))
        else:
            summary = summary.after(execstream.parse_line(line))
    used = summary.usage
    ended = replace(ended, thread=summary.thread, tokens=m.Tokens(used.input, used.cached, used.output))
    if ended.outcome is m.Outcome.FAILED and not ended.reason.startswith(TIMED_OUT):
        words = summary.error or text.line(failures.last_words(tail(directory / "stderr.log", 4000)))
        limit = heard(summary.error, _written(directory / "events.jsonl"))
        return replace(
            ended,
            reason=binary.with_advice(words or ended.reason),
            limit=limit,
            passing=limit is None and failures.may_pass(words),
        )
    if ended.outcome is not m.Outcome.SUCCEEDED:
        return ended
    if overruled:
        return replace(ended, outcome=m.Outcome.FAILED, reason=NOT_HELD)
    if summary.outcome != "completed":
        return replace(ended, outcome=m.Outcome.FAILED, reason=summary.error or "its turn did not complete")
    if not (said := last_message(directory)):
        return replace(ended, outcome=m.Outcome.FAILED, reason="it gave no final message")
    return replace(ended, misfit=forms.misfit(paths.worker(worker.id), worker.spec, said))


def result(paths: ProjectPaths, state: m.State, name: str) -> dict[str, object]:
    """What an ended worker said last, or the one result of an ended run of a pattern: the public object, the words and
    where they are. A run that came to nothing has no result, and its message says why."""
    if (run := state.patterns.get(name)) is not None:
        path = paths.pattern(name) / "result.md"
        said = _read(path) or f"{name} came to no result: {run.end.reason if run.end else ''}"
        data = _read(path.with_suffix(".json"))
        return {
            "pattern": public_workers.pattern(state, run),
            "message": said,
            "path": str(path),
            "result": json.decode(data) if data else None,
        }
    worker = state.workers[name]
    directory = paths.attempt(name, worker.attempt)
    return {
        "worker": public_workers.worker(state, worker),
        "message": last_message(directory),
        "path": str(directory / "last_message.md"),
    }


def _read(path: Path) -> str:
    """A file of ours, empty when it is not there."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def last_message(directory: Path) -> str:
    """A worker's final message, empty when there is none."""
    try:
        return (directory / "last_message.md").read_text(errors="replace").strip()
    except OSError:
        return ""


def tail(path: Path, size: int) -> str:
    """The last `size` bytes of a file, from a line's start on; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            length = file.seek(0, os.SEEK_END)
            file.seek(max(0, length - size))
            data = file.read()
    except OSError:
        return ""
    if length > size:
        data = data.partition(b"\n")[2] or data
    return data.decode(errors="replace")


def _written(path: Path) -> float:
    """When the file had its last line: what is read only later was said then."""
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file that may be events, a part of it at a time: it may be larger than anybody wants in memory."""
    tail = Tail(path)
    while lines := tail.read():
        yield from (line for line in lines if line.startswith(b"{"))

"""What the output of a process that has ended says: the exit status alone is not the truth about a worker."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from msgspec.structs import replace

from tmuxorch.codex import binary, execstream
from tmuxorch.controller.processes import TIMED_OUT
from tmuxorch.controller.refusals import heard
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text

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


def of_worker(directory: Path, ended: msg.ProcessEnded) -> msg.ProcessEnded:
    """Success is exit status 0, a completed turn and a last message that is not empty."""
    summary = execstream.ExecSummary()
    for line in _lines(directory / "events.jsonl"):
        summary = summary.after(execstream.parse_line(line))
    used = summary.usage
    ended = replace(ended, thread=summary.thread, tokens=m.Tokens(used.input, used.cached, used.output))
    if ended.outcome is m.Outcome.FAILED and not ended.reason.startswith(TIMED_OUT):
        words = summary.error or text.line(tail(directory / "stderr.log", 400))
        limit = heard(summary.error, _written(directory / "events.jsonl"))
        return replace(ended, reason=binary.with_advice(words or ended.reason), limit=limit)
    if ended.outcome is not m.Outcome.SUCCEEDED:
        return ended
    if summary.outcome != "completed":
        return replace(ended, outcome=m.Outcome.FAILED, reason=summary.error or "its turn did not complete")
    if not last_message(directory):
        return replace(ended, outcome=m.Outcome.FAILED, reason="it gave no final message")
    return ended


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


def _lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            return [line for line in file if line.endswith(b"\n")]
    except OSError:
        return []

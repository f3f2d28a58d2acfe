"""Processes in windows: started through their hosts, followed by their records, stopped by their hosts.

A host directory tells the truth: start.json = it ran, exit.json = it has ended, and the lease, which the whole tree of
the process inherits, tells whether anything is alive. Lease free without exit.json = lost. tmux's word is a hint.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from tmuxorch.controller.hints import Hints
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.host import records, spec
from tmuxorch.store.atomic import write_atomic

BIRTH = 15.0
"""Seconds in which a host that was given a window must have written its start record."""

TIMED_OUT = "timed out"
"""How the reason of what took longer than its time begins."""

Report = Callable[[Path, msg.ProcessEnded], Awaitable[msg.ProcessEnded]]


class Processes:
    """Follows every live process; tells of starts and ends through `tell`."""

    def __init__(self, hints: Hints, tell: Callable[[msg.Message], None]) -> None:
        self._hints = hints
        self._tell = tell
        self._followed: dict[str, asyncio.Task[None]] = {}

    def follow(self, ref: str, directory: Path, report: Report) -> None:
        """Sees to it that the end of `ref` is told; `report` adds what its output files say."""
        if ref not in self._followed:
            task = asyncio.create_task(self._follow(ref, directory, report), name=f"follow {ref}")
            self._followed[ref] = task
            task.add_done_callback(lambda _: self._followed.pop(ref, None))

    async def close(self) -> None:
        """Follows nothing any more; the processes go on."""
        tasks = list(self._followed.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def born(self, ref: str, directory: Path) -> msg.ProcessStarted | None:
        """Waits for the start record of `ref`; None when its host did not write one in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BIRTH):
                async for _ in self._hints.looks(directory):
                    if started := birth(ref, directory):
                        return started
                    if records.read_exit(directory):
                        return None
        return None

    async def _follow(self, ref: str, directory: Path, report: Report) -> None:
        with _host_end(directory, lambda: self._hints.hint(directory)):
            async for _ in self._hints.looks(directory):
                if ended := self._ended(ref, directory):
                    self._tell(await report(directory, ended))
                    return
                if _orphaned(directory):
                    await asyncio.to_thread(records.kill_tree, directory)

    def _ended(self, ref: str, directory: Path) -> msg.ProcessEnded | None:
        if ended := end_of(ref, directory):
            return ended
        if records.read_start(directory) and not records.lease_held(directory):
            # The record may have been written between the two looks.
            return end_of(ref, directory) or msg.ProcessEnded(
                ref=ref, outcome=m.Outcome.LOST, reason="its host is gone and left no exit record"
            )
        return None


def prepare(directory: Path, wanted: dict[str, object]) -> None:
    """Writes a host directory's spec.json, once."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (directory / "spec.json").exists():
        write_atomic(directory / "spec.json", json.dumps(wanted).encode())


def birth(ref: str, directory: Path) -> msg.ProcessStarted | None:
    """What the start record says, if there is one."""
    start = records.read_start(directory)
    return start and msg.ProcessStarted(ref=ref, pid=start.pid, host_pid=start.host_pid)


def end_of(ref: str, directory: Path) -> msg.ProcessEnded | None:
    """What the exit record says, if there is one: success is exit status 0, for now."""
    end = records.read_exit(directory)
    if end is None:
        return None
    seconds = end.duration_ms / 1000
    if end.error:
        return msg.ProcessEnded(ref=ref, outcome=m.Outcome.SPAWN_FAILED, reason=end.error, seconds=seconds)
    if end.stopped_by:
        outcome = m.Outcome.FAILED if end.stopped_by == "timeout" else m.Outcome.KILLED
        why = _stopped(directory, end.stopped_by)
        code = -1 if end.code is None else end.code
        return msg.ProcessEnded(ref=ref, outcome=outcome, code=code, reason=why, seconds=seconds)
    if end.code is None:
        name = signal.Signals(end.signal).name if end.signal else "an unknown signal"
        return msg.ProcessEnded(
            ref=ref, outcome=m.Outcome.KILLED, reason=f"killed by {name}", seconds=seconds
        )
    outcome = m.Outcome.SUCCEEDED if end.code == 0 else m.Outcome.FAILED
    reason = "" if end.code == 0 else f"exit status {end.code}"
    return msg.ProcessEnded(ref=ref, outcome=outcome, code=end.code, reason=reason, seconds=seconds)


def _stopped(directory: Path, by: str) -> str:
    if by == "timeout":
        return f"{TIMED_OUT} after {spec.load(str(directory)).timeout:g} s"
    return "its window was closed" if by == "hangup" else "stopped"


def stop(directory: Path) -> bool:
    """Tells the host to end its process; False when there is no host to tell."""
    start = records.read_start(directory)
    if start is None or not records.lease_held(directory):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(start.host_pid, signal.SIGTERM)
        return True
    return False


def _orphaned(directory: Path) -> bool:
    """Whether the process lives on without its host: killed hosts cannot tell how it ends, nor end it."""
    start = records.read_start(directory)
    if start is None or records.read_exit(directory):
        return False
    return not _runs(start.host_pid) and records.lease_held(directory)


def _runs(pid: int) -> bool:
    """Whether the process exists and is no zombie (Debian's tmux loses SIGCHLD and leaves its children so)."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except OSError:
        return True


@contextlib.contextmanager
def _host_end(directory: Path, look: Callable[[], None]) -> Iterator[None]:
    """Calls `look` when the host ends, at once where the kernel tells (pidfd); elsewhere the sweep finds it."""
    start = records.read_start(directory)
    try:
        fd = os.pidfd_open(start.host_pid) if start and hasattr(os, "pidfd_open") else -1
    except OSError:
        fd = -1
    if fd < 0:
        yield
        return
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(fd)
        look()

    loop.add_reader(fd, ended)
    try:
        yield
    finally:
        loop.remove_reader(fd)
        os.close(fd)

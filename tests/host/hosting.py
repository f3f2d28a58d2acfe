"""A host directory and the real host program on it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.waiting import until
from tmuxorch.host import records, tree

PYTHON = [sys.executable, "-SIE", "-c"]


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    return tree.find(pid) is not None


class HostDir:
    """One host directory; `work` is the child's working directory."""

    def __init__(self, path: Path) -> None:
        self.path = path / "W7"
        self.path.mkdir()
        self.work = path / "work"
        self.work.mkdir()
        self._host: subprocess.Popen[bytes] | None = None

    def spec(self, *argv: str, **other: Any) -> None:
        """Writes spec.json; short graces, so that tests need not wait."""
        fields = {"argv": argv, "cwd": str(self.work), "grace": [0.2, 0.2], **other}
        (self.path / "spec.json").write_text(json.dumps(fields))

    def shell(self, script: str, **other: Any) -> None:
        self.spec("/bin/sh", "-c", script, **other)

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        """Starts the host, and returns when its child is on record."""
        env = os.environ | environment
        with (
            (self.path.parent / "drawn").open("w") as out,
            (self.path.parent / "complaints").open("w") as err,
        ):
            self._host = subprocess.Popen(self.command(), stdout=out, stderr=err, env=env, process_group=0)
        until(lambda: self.started() or self.ended(), what="the host's start")
        return self._host

    def run(self, **environment: str) -> records.Exit:
        """The record of a whole run."""
        self.start(**environment)
        return self.end()

    def end(self, timeout: float = 20) -> records.Exit:
        """The record, when the host has ended."""
        assert self._host is not None
        self._host.wait(timeout)
        ended = self.ended()
        assert ended is not None, self.complaints
        return ended

    def stop(self, signum: int = signal.SIGTERM) -> None:
        assert self._host is not None
        self._host.send_signal(signum)

    @property
    def code(self) -> int:
        """The host's own exit status, after `end`."""
        assert self._host is not None
        return self._host.returncode

    @property
    def drawn(self) -> str:
        """What the host has drawn on a standard output that is no terminal."""
        return (self.path.parent / "drawn").read_text()

    @property
    def complaints(self) -> str:
        return (self.path.parent / "complaints").read_text()

    def command(self) -> list[str]:
        return [*records.command(), "run", str(self.path)]

    def shell_command(self) -> str:
        return shlex.join(self.command())

    def started(self) -> records.Start | None:
        return records.read_start(self.path)

    def ended(self) -> records.Exit | None:
        return records.read_exit(self.path)

    def read(self, name: str) -> str:
        return (self.path / name).read_text()

    def pid_in(self, name: str) -> int:
        """The pid that a process writes into a file of its working directory; waits for it."""
        file = self.work / name
        return int(until(lambda: file.exists() and file.read_text().strip(), what=f"a pid in {name}"))

    def clear_away(self) -> None:
        """Nothing is left behind, whatever the test did."""
        records.kill_tree(self.path, (0, 0))
        if self._host is not None:
            self._host.kill()
            self._host.wait()

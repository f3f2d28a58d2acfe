"""The supervisor inside a window, against running the program without one."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.home import until
from benchmarks.measure import Row, compare, megabytes, timed
from tmuxorch.host import records

IDLE = "import signal; print(flush=True); signal.pause()"


def rows(directory: Path) -> Iterator[Row]:
    """Time, and memory where it can be read."""
    true = shutil.which("true") or "/bin/true"
    numbers = itertools.count()

    def hosted() -> float:
        command = _host(directory / str(next(numbers)), true)
        return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))()

    yield compare(
        "host run of true: its records, lease and view",
        "true, executed directly",
        hosted,
        timed(lambda: subprocess.run([true], check=True)),
        rounds=30,
    )
    if sys.platform == "linux":
        yield compare(
            "memory (PSS) of a host whose program sleeps",
            "python -c, waiting",
            lambda: _pss_of_host(directory / str(next(numbers))),
            _pss_of_python,
            rounds=5,
            unit=megabytes,
        )


def _host(directory: Path, *argv: str) -> list[str]:
    directory.mkdir()
    (directory / "spec.json").write_text(json.dumps({"argv": argv, "cwd": str(directory)}))
    return [*records.command(), "run", str(directory)]


def _pss_of_host(directory: Path) -> float:
    with subprocess.Popen(_host(directory, "sleep", "1000"), stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: records.read_start(directory) is not None)
            return _pss(process.pid)
        finally:
            process.terminate()


def _pss_of_python() -> float:
    with subprocess.Popen([sys.executable, "-c", IDLE], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            process.stdout.readline()
            return _pss(process.pid)
        finally:
            process.terminate()


def _pss(pid: int) -> float:
    """Bytes, once they change no more: its part of what it shares, and all of the rest."""
    known = -1.0
    while True:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = 1024.0 * int(text.split("\nPss:")[1].split()[0])
        if found == known:
            return found
        known = found
        time.sleep(0.05)

"""`tmuxorch status` of a project that runs, against starting Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Row, Sample, compare, megabytes, timed
from tmuxorch.demo import codex_home, sample_repos, scenario
from tmuxorch.demo.model import STORY, ModelServer
from tmuxorch.tmux.binary import find_tmux

SOCKET = "benchmark-status"
CONFIG = f"""\
children:
  - {{name: backend, path: repos/backend}}
  - {{name: firmware, path: repos/firmware}}
  - {{name: mobile, path: repos/mobile}}
codex: {{home: codex-home}}
tmux: {{socket_name: {SOCKET}}}
"""

COMMAND_LINE = "from tmuxorch.cli.main import main; main()"
"""What the installed `tmuxorch` does."""

PEAK = """\
import atexit, sys
atexit.register(lambda: print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0], file=sys.stderr))
"""
"""Tells the peak of this process's memory at its end, kB. (What wait4 tells counts what was before exec.)"""


def rows(directory: Path) -> Iterator[Row]:
    """Time, and memory where it can be read."""
    with _running(directory):
        what = "tmuxorch status, three children and the lead up"
        status = timed(lambda: _tmuxorch(directory, "status"))
        for floor in ("pass", "import click"):
            yield compare(what, f"python -c '{floor}'", status, _starting(floor), rounds=20)
        if sys.platform == "linux":
            yield compare(
                "peak memory (RSS) of tmuxorch status",
                "python -c pass",
                lambda: _peak(COMMAND_LINE, directory, "status"),
                lambda: _peak("pass", directory),
                rounds=5,
                unit=megabytes,
            )


@contextmanager
def _running(directory: Path) -> Iterator[None]:
    sample_repos.create(directory / "repos")
    (directory / "orchestrator.config.yaml").write_text(CONFIG)
    with ModelServer(scenario.load([STORY]), lambda line: None) as model:
        codex_home.make(directory / "codex-home", model.base_url)
        try:
            _tmuxorch(directory, "up")
            yield
        finally:
            try:
                _tmuxorch(directory, "down", "--kill-agents")
            finally:
                subprocess.run([find_tmux(), "-L", SOCKET, "kill-server"], check=False, capture_output=True)


def _tmuxorch(project: Path, *words: str) -> None:
    _python(COMMAND_LINE, project, *words)


def _starting(code: str) -> Sample:
    return timed(lambda: _python(code, Path.cwd()))


def _peak(code: str, project: Path, *words: str) -> float:
    return 1024.0 * int(_python(PEAK + code, project, *words))


def _python(code: str, where: Path, *arguments: str) -> str:
    """Runs it; what it says on stderr. Ends the benchmarks, and says why, if it fails."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=where, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments}: exit status {done.returncode}\n{done.stderr}")
    return done.stderr

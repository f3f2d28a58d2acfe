"""Running the command line as people do: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

REPO = Path(__file__).parents[2]


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The inner object of a JSON error."""
        error: dict[str, str] = self.json["error"]
        return error


def environment() -> dict[str, str]:
    """This test's environment, in which the package is found."""
    return {**os.environ, "PYTHONPATH": str(REPO)}


def tmuxorch(*arguments: str | Path, cwd: Path, given: str = "", env: dict[str, str] | None = None) -> Done:
    """Runs one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "tmuxorch", *map(str, arguments)],
        cwd=cwd,
        input=given,
        capture_output=True,
        text=True,
        env=environment() | (env or {}),
        timeout=300,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def git_repo(path: Path) -> Path:
    """An empty repo."""
    subprocess.run(["git", "init", "--quiet", str(path)], check=True)
    return path

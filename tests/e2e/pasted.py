"""What a person copies out of runs.md and reports, typed into a shell as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.e2e.project import Project
from tests.tmux.terminal import terminal
from tests.waiting import until

ROOT = Path(__file__).parents[2]


def resume_commands(project: Project) -> list[str]:
    """Each command under `Resume` of an entry in runs.md, once, as a reader of the raw file sees it."""
    text = (project.directory / "runs.md").read_text()
    bodies = [body.strip() for body in re.findall(r"^#### Resume\n(.*?)(?=^####? )", text, re.M | re.S)]
    return list(dict.fromkeys(body.strip("`").strip() for body in bodies if body))


def merge_commands(report: str) -> str:
    """The fenced commands under `How to merge` of a report."""
    section = report.partition("\n## How to merge\n")[2].partition("\n## ")[0]
    found = re.search(r"^```\w*\n(.*?)^```", section, re.M | re.S)
    assert found, section
    return found[1]


def resume_commands_work(project: Project) -> None:
    """One of each kind, typed in another directory; what wants a terminal has one."""
    kinds = {command.split()[1]: command for command in resume_commands(project)}
    assert kinds.keys() >= {"attach", "logs", "plan", "report", "show", "tui"}
    env = {**project.environ, "PATH": f"{_with_command(project)}:{os.environ['PATH']}"}
    for kind, command in kinds.items():
        if kind == "attach":
            _attaches(project, command, env)
        else:
            done = subprocess.run(["sh", "-c", command], cwd="/", env=env, capture_output=True, text=True)
            assert done.returncode == 0, (command, done.stderr)


def _attaches(project: Project, command: str, env: dict[str, str]) -> None:
    argv = ["sh", "-c", f"cd / && exec env {shlex.join(f'{name}={env[name]}' for name in env)} {command}"]
    with terminal(argv):
        until(lambda: project.tmux("list-clients"), 20, command)


def _with_command(project: Project) -> Path:
    """A directory whose `tmuxorch` is the one under test."""
    place = project.directory / "bin"
    place.mkdir()
    program = place / "tmuxorch"
    run = shlex.join([sys.executable, "-m", "tmuxorch"])
    program.write_text(f'#!/bin/sh\nexport PYTHONPATH={shlex.quote(str(ROOT))}\nexec {run} "$@"\n')
    program.chmod(0o700)
    return place

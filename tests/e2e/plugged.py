"""The tmux plugin on a project's tmux server, and popups there, whatever Debian's tmux misses: now and then it does not
notice the end of a program that it runs, until it is told of one.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.e2e.project import Project
from tests.waiting import until

ROOT = Path(__file__).parents[2]


def load_plugin(project: Project) -> None:
    """Loads it as a configuration does, with A for the popup; returns when its keys are there."""
    project.tmux("set", "-g", "@tmuxorch-command", f"{sys.executable} -m tmuxorch")
    project.tmux("set", "-g", "@tmuxorch-popup-key", "A")
    project.tmux("run-shell", "-b", str(ROOT / "tmuxorch.tmux"))

    def bound() -> bool:
        keys = [
            line for line in project.tmux("list-keys", "-T", "prefix").splitlines() if "tmuxorch.tmux" in line
        ]
        return {line.split()[3] for line in keys} == {*"ANOT"}

    until(bound, what="the keys of the plugin")


def remind_of_ends(project: Project) -> None:
    """Has tmux look whose program has ended; it closes their popups then."""
    os.kill(int(project.tmux("display-message", "-p", "#{pid}")), signal.SIGCHLD)

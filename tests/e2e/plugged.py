"""The tmux plugin on a project's tmux server, and popups there, whatever Debian's tmux misses: now and then it does not
notice the end of a program that it runs, until it is told of one.
"""

from __future__ import annotations

import os
import signal
import sys

from tests.e2e.project import Project
from tests.plugin.conftest import ROOT, load


def load_plugin(project: Project) -> None:
    """Loads it as a configuration does, with A for the popup; returns when that is done."""
    project.tmux("set", "-g", "@tmuxorch-command", f"{sys.executable} -m tmuxorch")
    project.tmux("set", "-g", "@tmuxorch-popup-key", "A")
    load(project.tmux, ROOT / "tmuxorch.tmux")


def remind_of_ends(project: Project) -> None:
    """Has tmux look whose program has ended; it closes their popups then."""
    os.kill(int(project.tmux("display-message", "-p", "#{pid}")), signal.SIGCHLD)

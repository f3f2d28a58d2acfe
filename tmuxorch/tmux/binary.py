"""The tmux program: where it is and whether it is new enough."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

from tmuxorch.errors import ToolMissing

OLDEST = (3, 2, "a")
INSTALL = "install tmux 3.2a or newer: apt install tmux · dnf install tmux · brew install tmux"


def find_tmux() -> str:
    """Absolute path of the tmux of PATH, known to be new enough; ToolMissing otherwise."""
    path = shutil.which("tmux")
    if path is None:
        raise ToolMissing("tmux is not installed, or not in PATH", hint=INSTALL)
    _checked_version(path)
    return path


def version() -> str:
    """The version of the tmux of PATH, as "3.3a"; ToolMissing if there is none or it is too old."""
    return _checked_version(find_tmux())


def is_new_enough(version: str) -> bool:
    """Whether `version` ("3.3a", "next-3.8", "master", "openbsd-7.4") is 3.2a or newer.

    "master" and OpenBSD's own numbering carry no number of tmux; both are newer than 3.2a where they still exist.
    """
    if version == "master" or version.startswith("openbsd-"):
        return True
    number = re.fullmatch(r"(?:next-)?(\d+)\.(\d+)([a-z]?)(?:-.*)?", version)
    return number is not None and (int(number[1]), int(number[2]), number[3]) >= OLDEST


@cache
def _checked_version(path: str) -> str:
    try:
        answer = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolMissing(f"{path} does not run: {error}", hint=INSTALL) from error
    found = answer.strip().removeprefix("tmux ")
    if not is_new_enough(found):
        raise ToolMissing(f"{path} is tmux {found}, which is too old", hint=INSTALL)
    return found

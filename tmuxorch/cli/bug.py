"""The report of a bug: what a maintainer needs, in a file of the user's that nothing sends anywhere."""

from __future__ import annotations

import os
import platform
import shlex
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from tmuxorch import __version__


def write_report(error: Exception, arguments: Sequence[str]) -> str:
    """Writes a report with the traceback into the state directory, else the temp directory; its path.

    The arguments are named because they usually are the cause; the environment and answers are not, they may hold
    secrets.
    """
    text = "\n".join(
        [
            f"tmuxorch {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: tmuxorch {shlex.join(_told(arguments))}",
            "",
            *traceback.format_exception(error),
        ]
    )
    descriptor, path = tempfile.mkstemp(prefix="bug-", suffix=".txt", dir=_directory())
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path


def _told(arguments: Sequence[str]) -> Sequence[str]:
    """The arguments, less what an answer says, which may be a secret."""
    if "answer" not in arguments:
        return arguments
    return [*arguments[: arguments.index("answer") + 2], "…"]


def _directory() -> Path | None:
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    place = Path(home, "tmuxorch")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return place if os.access(place, os.W_OK) else None

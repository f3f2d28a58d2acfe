"""The Codex that is installed, asked for its version."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tmuxorch.codex import binary
from tmuxorch.errors import ToolMissing

VERSION_TIME = 20.0
"""Seconds that `codex --version` may take."""


def codex_version(path: Path) -> str:
    """What the program at `path` says. Blocks. Raises ToolMissing when it does not run, is too old, or no Codex."""
    try:
        done = subprocess.run(
            binary.version_argv(path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=VERSION_TIME,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolMissing(f"{path} does not run: {error}", hint=binary.HOW_TO_GET) from error
    try:
        return binary.dotted(binary.checked_version(done.stdout or done.stderr))
    except ToolMissing as error:
        raise ToolMissing(f"{path}: {error.message}", hint=error.hint) from None

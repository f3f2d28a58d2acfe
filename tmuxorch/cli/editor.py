"""Text of several lines, typed in the person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from tmuxorch.errors import Refused, TmuxorchError, UsageError


def edited(text: str, name: str) -> str:
    """`text` after the person has edited it in a file of that name, which nobody else can read and which is gone
    afterwards; without line breaks at its end. Waits until the editor has ended.

    Raises TmuxorchError when there is no editor, or it fails.
    """
    argv = _editor()
    with tempfile.TemporaryDirectory(prefix="tmuxorch-") as directory:
        path = Path(directory, name)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text, encoding="utf-8")
        try:
            status = subprocess.run([*argv, str(path)]).returncode
        except OSError as error:
            raise TmuxorchError(
                f"{argv[0]} cannot be run: {error.strerror}", hint="export EDITOR=vi"
            ) from None
        if status != 0:
            raise TmuxorchError(f"{argv[0]} failed with exit code {status}; nothing was taken")
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"what {argv[0]} has written cannot be read: {error}") from None


def _editor() -> list[str]:
    given = os.environ.get("VISUAL") or os.environ.get("EDITOR") or shutil.which("vi") or ""
    try:
        argv = shlex.split(given)
    except ValueError:
        argv = []
    if not argv:
        raise Refused("there is no editor", hint="export EDITOR=nano")
    return argv

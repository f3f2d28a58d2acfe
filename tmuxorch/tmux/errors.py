"""What can go wrong at the door to tmux."""

from __future__ import annotations

from typing import ClassVar, Final

from tmuxorch.errors import NotFound, TmuxorchError


class TmuxCommandError(TmuxorchError):
    """tmux refused a command."""

    code: ClassVar[str] = "tmux"


class TmuxTargetMissing(TmuxCommandError, NotFound):
    """The tmux window, pane or session does not exist."""

    code: ClassVar[str] = "tmux_target"
    exit_code: ClassVar[int] = NotFound.exit_code


class TmuxGone(TmuxorchError):
    """The tmux server or our session has ended."""

    code: ClassVar[str] = "tmux_gone"


MISSING: Final = ("can't find ", "no such session", "no such window", "no such pane")


def refusal(command: str, reason: str) -> TmuxCommandError:
    """The error for what tmux said (`reason`) to `command`, which is a command's name and never its values:
    those can hold secrets.
    """
    missing = any(text in reason for text in MISSING)
    return (TmuxTargetMissing if missing else TmuxCommandError)(f"tmux {command}: {reason or 'failed'}")

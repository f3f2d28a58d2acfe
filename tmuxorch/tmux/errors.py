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


NO_SERVER: Final = ("no server running", "error connecting", "server exited", "lost server")
MISSING: Final = ("can't find ", "no such session", "no such window", "no such pane")


def refusal(command: str, reason: str) -> TmuxCommandError:
    """The error for what tmux said (`reason`) to `command`, which is a command's name and never its values:
    those can hold secrets.
    """
    missing = any(text in reason for text in MISSING)
    return (TmuxTargetMissing if missing else TmuxCommandError)(f"tmux {command}: {reason or 'failed'}")


def failure(command: str, complaint: str) -> TmuxorchError:
    """The error for what a client of tmux complained of: TmuxGone without a server, else that of `refusal`."""
    if any(text in complaint for text in NO_SERVER):
        return TmuxGone(f"no tmux server answers: {complaint}", hint="tmuxorch up")
    return refusal(command, complaint)

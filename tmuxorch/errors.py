"""Every error a person can meet, named by whose fault it is, with the exit code of the command line contract.

Each error carries three things: `message` (what happened, to which thing, and why), `hint` (the next command
to type, may be empty) and `code` (a stable word for scripts). `exit_code` is the process exit code that the
command line uses.
"""

from __future__ import annotations

from typing import ClassVar


class TmuxorchError(Exception):
    """The thing that was asked for failed."""

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None, *, hint: str = "") -> None:
        self.message = message or (self.__doc__ or self.code).strip().splitlines()[0]
        self.hint = hint
        super().__init__(self.message)

    def as_json(self) -> dict[str, dict[str, str]]:
        """The shape that `--json` and the controller's API use."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}


class UsageError(TmuxorchError):
    """The command or its input is not understood."""

    code = "usage"
    exit_code = 2


class ConfigError(UsageError):
    """The configuration is not valid."""

    code = "config"


class PlanError(UsageError):
    """The plan is not valid."""

    code = "plan"


class Refused(TmuxorchError):
    """Not possible in the present state."""

    code = "refused"
    exit_code = 3


class ChangedMeanwhile(Refused):
    """The file was changed since it was read."""

    code = "changed"


class TimedOut(TmuxorchError):
    """It did not happen in the time given."""

    code = "timeout"
    exit_code = 4


class NotFound(TmuxorchError):
    """No such thing."""

    code = "not_found"
    exit_code = 5


class ControllerUnavailable(TmuxorchError):
    """The controller is not running and could not be started."""

    code = "no_controller"
    exit_code = 6


class StorageError(TmuxorchError):
    """A file could not be written or read."""

    code = "storage"


class ToolMissing(TmuxorchError):
    """tmux or Codex is missing, too old or not usable."""

    code = "tool_missing"
    exit_code = 7


class Bug(TmuxorchError):
    """A mistake in tmuxorch itself."""

    code = "bug"
    exit_code = 70


def _subclasses(cls: type[TmuxorchError]) -> list[type[TmuxorchError]]:
    return [cls] + [sub for direct in cls.__subclasses__() for sub in _subclasses(direct)]


def from_json(error: dict[str, str]) -> TmuxorchError:
    """The error that `as_json` described (the inner object); an unknown code becomes a plain failure."""
    kinds = {kind.code: kind for kind in _subclasses(TmuxorchError) if "code" in vars(kind)}
    kind = kinds.get(error.get("code", ""), TmuxorchError)
    return kind(error.get("message") or None, hint=error.get("hint", ""))

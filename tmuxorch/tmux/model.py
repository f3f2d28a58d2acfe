"""The things of tmux that the rest of the program may hold: ids and rows, never names or indexes as identity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tmuxorch.errors import Bug
from tmuxorch.tmux.quote import label


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One session of one run of one server. `name` is only a label: people may rename it."""

    session_id: str
    """tmux's id, as "$1"; it means something only together with the server's pid and start."""
    name: str
    project: str
    """Whose it is, as it was given to `ensure_session`."""
    socket_path: str
    server_pid: int
    server_start: int
    """When the server started, seconds since the epoch."""

    @property
    def client_term(self) -> str:
        """The terminal's name that control clients of the project give to tmux, and that nobody else's has."""
        digest = hashlib.sha256(self.project.encode("utf-8", "surrogateescape")).hexdigest()
        return f"tmuxorch-{digest[:16]}"


class WindowSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A window to open: `argv` run in `cwd` without a shell.

    `key` is how a window is found again (`W7`, `app-backend`), `name` what people see; `label` is applied to `name`.
    `mark` tells its program from others that a window of that key may have: the key, a dot and a name, as
    `backend.server-2`; it is the key alone if not given. `env`, if given, reaches the program as one variable,
    TMUXORCH_ENV, a JSON object, and is in no argv and no file.
    `detached` False makes the window the current one of the session.
    """

    key: str
    name: str
    argv: tuple[str, ...]
    cwd: Path
    mark: str = ""
    env: Mapping[str, str] | None = None
    detached: bool = True

    def __post_init__(self) -> None:
        if label(self.key) != self.key:
            raise Bug(f"a window's key must be a label, not {self.key!r}")
        if self.mark.partition(".")[0] not in ("", self.key):
            raise Bug(f"a mark in the window {self.key} must begin with that, not {self.mark!r}")


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A window just opened and its first pane: ids as "@3" and "%5"."""

    window_id: str
    pane_id: str


class PaneRow(msgspec.Struct, frozen=True, kw_only=True):
    """A pane as tmux sees it. `dead` and `dead_status` are hints: tmux can lose the end of a process, and
    `dead_status` is None while the process lives and where tmux did not learn it. `mark` is that of
    the program that was started in it last, dead or alive; None if it has none.
    """

    pane_id: str
    dead: bool
    dead_status: int | None
    pid: int
    active: bool
    mark: str | None


class WindowRow(msgspec.Struct, frozen=True, kw_only=True):
    """A window of our session; `key` is None for windows that somebody else opened in it. `finished` is False for one
    of ours that has not all that ours have: its opening was interrupted, or an earlier version opened it.
    """

    window_id: str
    key: str | None
    name: str
    finished: bool
    panes: tuple[PaneRow, ...]

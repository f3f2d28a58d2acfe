"""What happened around everything: the controller, tmux, its windows, refused accounts, who is muted."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Pause, TmuxServer, Window


class ControllerStarted(Struct, frozen=True, kw_only=True, tag="controller_started"):
    """A controller took up its work."""

    pid: int
    version: str


class TmuxAttached(Struct, frozen=True, kw_only=True, tag="tmux_attached"):
    """The controller is attached to a tmux server; windows of another one are gone."""

    server: TmuxServer


class WindowOpened(Struct, frozen=True, kw_only=True, tag="window_opened"):
    """The window `key` exists."""

    key: str
    window: Window


class WindowClosed(Struct, frozen=True, kw_only=True, tag="window_closed"):
    """The window `key` is gone."""

    key: str


class Paused(Struct, frozen=True, kw_only=True, tag="paused"):
    """An account is refused: none of its agents is given work until then."""

    account: str
    pause: Pause


class Resumed(Struct, frozen=True, kw_only=True, tag="resumed"):
    """The agents of an account are given work again, by the clock or because somebody wants it."""

    account: str
    by: str


class Muted(Struct, frozen=True, kw_only=True, tag="muted"):
    """Nobody is called about this child or worker any more."""

    name: str
    by: str


class Unmuted(Struct, frozen=True, kw_only=True, tag="unmuted"):
    """People are called about it again."""

    name: str
    by: str


SurroundingsEvent = (
    ControllerStarted | TmuxAttached | WindowOpened | WindowClosed | Paused | Resumed | Muted | Unmuted
)

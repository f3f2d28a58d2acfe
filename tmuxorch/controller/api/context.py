"""What every handler works with, and the table that handlers enter themselves in."""

from __future__ import annotations

import os
import pwd
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from msgspec import Struct

from tmuxorch.controller.app import App
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.errors import Refused
from tmuxorch.ledger import public

P = TypeVar("P", bound=Struct)

VIA = 60
"""Columns that are kept of where an answer was given."""


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks: the process, and the agent among whose processes it is (empty: none, so a person)."""

    pid: int
    agent: str

    @property
    def name(self) -> str:
        """Whom to name for what was asked."""
        return self.agent or user_name()

    def named(self, via: str) -> str:
        """Whom and where to name: several people may be one user. `via` is the caller's own word."""
        where = text.clip(text.line(via), VIA)
        return f"{self.name} ({where})" if where else self.name


Handler = Callable[[App, Caller, Any], Awaitable[object]]

METHODS: dict[str, tuple[type[Struct], Handler]] = {}
"""Method → the shape of its parameters and its handler."""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


def method(name: str, shape: type[P]) -> Callable[[Handler], Handler]:
    """Enters a handler in the table."""

    def enter(handler: Handler) -> Handler:
        METHODS[name] = (shape, handler)
        return handler

    return enter


def user_name() -> str:
    """The user that the controller runs as, and so everybody who can reach it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def only_people(caller: Caller, what: str) -> None:
    """Raises Refused when the caller is an agent: what only a human may decide, no agent of ours can."""
    if caller.agent:
        raise Refused(f"{caller.agent} is an agent and cannot {what}: that is for a human")


async def needs_windows(app: App) -> None:
    """Raises Refused when tmux is gone and no session of ours can be found: nothing could be started."""
    if not await app.desk.attach():
        raise Refused("tmux is gone, and what is started needs a window", hint="tmuxorch up")


def shown(app: App, checkpoint: m.Checkpoint) -> object:
    """The full public object of a checkpoint."""
    return public.checkpoint_shown(app.engine.state.checkpoints[checkpoint.id])

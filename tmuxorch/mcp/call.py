"""What a tool works with: the session of one client, and one call of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from tmuxorch.mcp.heard import Heard
from tmuxorch.mcp.link import Link


class Session:
    """One client. `read` are the workers and runs of patterns whose results it was given."""

    def __init__(self, directory: Path | None) -> None:
        self.link = Link(directory)
        self.heard = Heard()
        self.read: set[str] = set()


class Call(Struct, frozen=True):
    """One call of a tool; `turn` is Codex's id of the turn that calls, empty for other clients."""

    session: Session
    turn: str = ""

    async def look(self, method: str, **params: Any) -> Any:
        """Asks the controller what changes nothing."""
        return await self.session.link.look(method, params)

    async def wait(self, method: str, timeout: float, **params: Any) -> Any:
        """Asks the controller what is answered after `timeout` seconds at the latest."""
        return await self.session.link.wait(method, params, timeout)

    async def act(self, method: str, **params: Any) -> Any:
        """Has the controller do something, once."""
        return await self.session.link.act(method, params)

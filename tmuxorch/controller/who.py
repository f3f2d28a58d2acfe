"""Who asks: a person, an agent of ours, or a program that leads through our MCP server."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from tmuxorch.controller import peers
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD
from tmuxorch.host import tree

NAME = 40
"""Characters that are kept of what a program calls itself."""

UNKNOWN = "a process that is gone"
"""Whom to name where nobody can tell who it was: it may have been an agent, and is treated as one."""


VIA = 60
"""Columns that are kept of where an answer was given."""


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks: the process, and the agent among whose processes it is (empty: none, so a person). `leads` when that
    agent leads the work: the lead itself, or a program that uses our MCP server.
    """

    pid: int
    agent: str
    leads: bool = False

    @property
    def name(self) -> str:
        """Whom to name for what was asked."""
        return self.agent or user_name()

    def named(self, via: str) -> str:
        """Whom and where to name: several people may be one user. `via` is the caller's own word."""
        where = text.clip(text.line(via), VIA)
        return f"{self.name} ({where})" if where else self.name


def user_name() -> str:
    """The user that the controller runs as, and so everybody who can reach it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


class Known(Struct, frozen=True):
    """Whose a connection is."""

    agent: str
    leads: bool = False


class Who:
    """Tells callers apart by their ancestry. `hosts` are the processes of ours that may be alive, `servers` those of
    agents that are not ours.

    A program whose MCP server is connected leads, and is an agent with everything that it starts: none of that is a
    person, as long as the connection lasts. A connection that was an agent's once stays that agent's.
    """

    def __init__(
        self,
        hosts: Callable[[], list[tuple[str, Path]]],
        servers: Callable[[], list[tuple[str, tree.Process]]],
    ) -> None:
        self._hosts = hosts
        self._servers = servers
        self._leads: dict[object, tuple[tree.Process | None, str]] = {}
        self._known: dict[object, Known] = {}

    def meets(self, connection: object, chain: Sequence[int]) -> None:
        """Somebody with that ancestry has connected."""
        if agent := self._agent(chain) or peers.left_by(chain, self._hosts()):
            self._known[connection] = Known(agent, agent == LEAD)
        elif name := self._led_by(chain):
            self._known[connection] = Known(name, True)

    def leads(self, connection: object, chain: Sequence[int], name: str) -> None:
        """Our MCP server, whose ancestry that is, speaks for the program that started it; where it speaks for an agent
        of ours, that one stays what it is."""
        program = peers.client(chain)
        called = f"{text.clip(text.line(name), NAME) or 'a program'} (mcp)"
        self._leads[connection] = tree.find(program) if program else None, called

    def gone(self, connection: object) -> None:
        """It is not connected any more."""
        self._leads.pop(connection, None)
        self._known.pop(connection, None)

    def asks(self, pid: int, chain: Sequence[int], connection: object) -> Caller:
        """Who is at the other end of a connection."""
        if not chain and sys.platform == "linux":
            return Caller(pid=pid, agent=UNKNOWN)
        if agent := self._agent(chain):
            return Caller(pid=pid, agent=agent, leads=agent == LEAD)
        if known := self._known.get(connection):
            return Caller(pid=pid, agent=known.agent, leads=known.leads)
        if connection in self._leads:
            return Caller(pid=pid, agent=self._leads[connection][1], leads=True)
        name = self._led_by(chain)
        return Caller(pid=pid, agent=name, leads=bool(name))

    def _agent(self, chain: Sequence[int]) -> str:
        """The agent, worker or check that has started one with that ancestry."""
        return peers.agent_among(chain, self._hosts()) or _starter(chain, self._servers())

    def _led_by(self, chain: Sequence[int]) -> str:
        """The program that leads and has started one with that ancestry."""
        return _starter(chain, ((name, program) for program, name in self._leads.values() if program))


def _starter(chain: Sequence[int], processes: Iterable[tuple[str, tree.Process]]) -> str:
    """The name of the one among `processes` that is in that ancestry, and still the process that it was."""
    for name, process in processes:
        if process.pid in chain and tree.find(process.pid) == process:
            return name
    return ""

"""The way to the controller: connected when it is first needed, and again when another one runs."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from tmuxorch.errors import ControllerUnavailable, NotFound
from tmuxorch.mcp.connection import Connection, Ended, dial
from tmuxorch.store.paths import ProjectPaths, find_project

RETURNS = 20.0
"""Seconds in which a controller that ended while it was asked may come back."""

STEP = 0.2
"""Seconds between two tries to reach it."""


class Link:
    """Asks the controller of the project in `directory`; None: of the one that the working directory is in.

    The project is looked for each time that a connection is made. `lead` is the program for which we speak.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._connection: Connection | None = None
        self._dialing = asyncio.Lock()
        self.lead = "a program"

    @property
    def paths(self) -> ProjectPaths:
        """The project's files. Raises NotFound where no project is."""
        paths = ProjectPaths(self._directory or find_project(Path.cwd()))
        if not paths.config.is_file():
            raise NotFound(f"there is no project in {paths.project}", hint="tmuxorch init NAME=PATH")
        return paths

    async def act(self, method: str, params: dict[str, Any]) -> Any:
        """Has something done, once: raises Ended if nobody can say whether it was."""
        connection = await self._connected()
        try:
            return await connection.call(method, params)
        except Ended:
            raise Ended(
                "the controller ended before it answered: whether it was done nobody can say", hint="status"
            ) from None

    async def look(self, method: str, params: dict[str, Any]) -> Any:
        """Asks what changes nothing, of the next controller if one ends before it answers."""
        connection = await self._connected()
        until = 0.0
        while True:
            try:
                return await connection.call(method, params)
            except Ended:
                until = until or time.monotonic() + RETURNS
                connection = await self._returned(until)

    async def wait(self, method: str, params: dict[str, Any], timeout: float) -> Any:
        """As `look`, for a method with a `timeout`, which is that of all tries together, in seconds."""
        connection = await self._connected()
        end = time.monotonic() + timeout
        while True:
            try:
                left = max(0.0, end - time.monotonic())
                return await connection.call(method, {**params, "timeout": left})
            except Ended:
                connection = await self._returned(time.monotonic() + RETURNS)

    async def close(self) -> None:
        """Hangs up."""
        if self._connection:
            await self._connection.close()

    async def _returned(self, until: float) -> Connection:
        while True:
            try:
                return await self._connected()
            except ControllerUnavailable:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(STEP)

    async def _connected(self) -> Connection:
        async with self._dialing:
            if self._connection is None or self._connection.is_over:
                self._connection = await dial(self.paths.socket, self.lead)
            return self._connection

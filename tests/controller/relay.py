"""Something between an App Server and its client that holds back requests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.asyncio.server import ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed

REQUEST = "/requestApproval"


class Relay:
    """Passes on what an App Server and its client say, but of its requests only so many; the others it holds back."""

    def __init__(self, server: Path, passes: int) -> None:
        self._server = os.path.realpath(server)
        self._passes = passes
        self.requests = 0
        self.open = asyncio.Event()

    async def serve(self, client: ServerConnection) -> None:
        """Serves one client."""
        async with unix_connect(
            self._server, uri="ws://localhost/", compression=None, max_size=None
        ) as server:
            back = asyncio.create_task(self._back(server, client))
            async for frame in client:
                await server.send(frame)
            back.cancel()

    async def _back(self, server: ClientConnection, client: ServerConnection) -> None:
        try:
            async for frame in server:
                if REQUEST in str(frame):
                    self.requests += 1
                    if self.requests > self._passes:
                        await self.open.wait()
                await client.send(frame)
        except ConnectionClosed:
            pass


@asynccontextmanager
async def relayed(server: Path, path: Path, passes: int) -> AsyncIterator[Relay]:
    """A relay that listens at `path`."""
    relay = Relay(server, passes)
    async with unix_serve(relay.serve, str(path), compression=None, max_size=None):
        yield relay
        relay.open.set()

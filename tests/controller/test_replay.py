"""Codex repeats open requests one by one when a thread is loaded again; a slow one must not pass for resolved."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.asyncio.server import ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed

from tests.controller.conftest import Begin
from tests.e2e.project import Project
from tests.waiting import auntil, until
from tmuxorch.controller import history
from tmuxorch.controller.frames import FrameLog
from tmuxorch.controller.thread import AgentThread
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m

REQUEST = "/requestApproval"


class Relay:
    """Passes on what an App Server and its client say, but holds back every request after the first."""

    def __init__(self, server: Path) -> None:
        self._server = os.path.realpath(server)
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
                    if self.requests > 1:
                        await self.open.wait()
                await client.send(frame)
        except ConnectionClosed:
            pass


@asynccontextmanager
async def relayed(server: Path, path: Path) -> AsyncIterator[Relay]:
    """A relay that listens at `path`."""
    relay = Relay(server)
    async with unix_serve(relay.serve, str(path), compression=None, max_size=None):
        yield relay
        relay.open.set()


async def test_every_open_request_is_waited_for(lab: Project, begin: Begin, tmp_path: Path) -> None:
    begin("both")
    until(lambda: len(lab.call("checkpoints")) == 2, what="two checkpoints")
    state, told = history.load(lab.paths), list[msg.Message]()
    origins = [one.origin for one in state.checkpoints.values() if one.is_open]
    held = frozenset(origin.request for origin in origins if isinstance(origin, m.FromServer))
    assert len(held) == 2
    async with relayed(lab.paths.app_socket("app"), tmp_path / "r") as relay:
        thread = AgentThread(
            state.agents["app"],
            str(tmp_path / "r"),
            FrameLog(tmp_path / "frames", str),
            told.append,
            lambda: None,
        )
        loading = asyncio.create_task(thread.load(held))
        await auntil(lambda: relay.requests == 2, what="the second request")
        await auntil(lambda: thread.asking, what="the first request")
        assert not loading.done()
        relay.open.set()
        await loading
        thread.release()
        await thread.close()
    assert [type(one) for one in told if isinstance(one, msg.ServerAsked | msg.ServerResolved)] == [
        msg.ServerAsked
    ] * 2

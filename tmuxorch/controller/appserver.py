"""One connection to a Codex App Server: JSON-RPC in a WebSocket.

The reading task does bounded, synchronous work per frame and never waits for a consumer: Codex disconnects
a client that stops reading. So callbacks must return at once; they put what they got into the controller's
queue.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from msgspec import Raw
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tmuxorch import __version__
from tmuxorch.codex import appserver, binary, jsonrpc, results
from tmuxorch.codex.endpoint import Endpoint, parse
from tmuxorch.codex.jsonrpc import Notification, RequestError, RequestId, Response, ServerRequest
from tmuxorch.codex.notifications import ServerEvent, event_of
from tmuxorch.codex.visible import visible_line
from tmuxorch.controller import peers
from tmuxorch.controller.dialing import LinkLost, dial
from tmuxorch.errors import Refused, TimedOut
from tmuxorch.host import tree

WORDS = 2000  # characters of a server's own words that are repeated
DEADLINE = 20.0  # seconds; some requests (a second interrupt of one turn) never get an answer


class CallRefused(Refused):
    """The App Server refused a request. `server_code` is its JSON-RPC code."""

    def __init__(self, method: str, error: RequestError) -> None:
        self.server_code = error.code
        super().__init__(f"Codex refused {method}: {visible_line(error.message)[:WORDS]}")


class AppServerLink:
    """An initialised connection; made by `AppServerLink.connect`."""

    def __init__(
        self,
        websocket: ClientConnection,
        *,
        on_frame: Callable[[str], None],
        on_notification: Callable[[ServerEvent], None],
        on_request: Callable[[ServerRequest], None],
    ) -> None:
        self.version: binary.Version = (0, 0, 0)
        self.home = ""
        """The server's CODEX_HOME, on its machine."""
        self._websocket = websocket
        self._on_frame = on_frame
        self._on_notification = on_notification
        self._on_request = on_request
        self._connection = jsonrpc.Connection()
        self._waiting: dict[RequestId, asyncio.Future[Response | RequestError]] = {}
        self._reading = asyncio.create_task(self._read())

    @property
    def listener(self) -> tree.Process | None:
        """The process that listens, if it does so on a Unix socket, and nothing of what people start comes from it."""
        connection = self._websocket.transport.get_extra_info("socket")
        if connection is None or connection.family != socket.AF_UNIX:
            return None
        pid, _ = peers.peer(connection)
        return tree.find(pid) if pid and not peers.is_everybodys(pid) else None

    @classmethod
    async def connect(
        cls,
        address: str,
        *,
        token: str = "",
        on_frame: Callable[[str], None],
        on_notification: Callable[[ServerEvent], None],
        on_request: Callable[[ServerRequest], None],
        timeout: float = DEADLINE,
    ) -> AppServerLink:
        """Connects to the server at `address` (an endpoint, or the path of a Unix socket) and shakes hands.

        `on_frame` gets every frame as it came, before `on_notification` or `on_request` gets its meaning.
        What `dial` raises, or ToolMissing when that Codex is too old.
        """
        endpoint = parse(address) if "://" in address else Endpoint(path=address)
        websocket = await dial(endpoint, token, timeout)
        link = cls(websocket, on_frame=on_frame, on_notification=on_notification, on_request=on_request)
        try:
            result = await link.call(appserver.INITIALIZE, appserver.initialize(__version__), timeout)
            greeting = results.greeting_of(result)
            link.version = binary.checked_version(greeting.user_agent.partition("/")[2])
            link.home = greeting.codex_home
            await link._send(jsonrpc.notify(appserver.INITIALIZED))
        except BaseException:
            await link.close()
            raise
        return link

    async def call(self, method: str, params: Any, timeout: float = DEADLINE) -> Raw:
        """The result of a request. CallRefused, TimedOut (it may still take effect) or LinkLost (it may
        have)."""
        number, frame = self._connection.request(method, params)
        answer: asyncio.Future[Response | RequestError] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            async with asyncio.timeout(timeout):
                await self._send(frame)
                got = await answer
        except TimeoutError as error:
            raise TimedOut(f"Codex did not answer {method} within {timeout:g} s") from error
        finally:
            self._waiting.pop(number, None)
        if isinstance(got, RequestError):
            raise CallRefused(method, got)
        return got.result

    async def respond(self, request: RequestId, result: Any) -> None:
        """Answers a request of the server. Codex ignores a second answer. LinkLost when it cannot be sent."""
        await self._send(jsonrpc.respond(request, result))

    async def refuse(self, request: RequestId, code: int, message: str) -> None:
        """Answers a request of the server with an error."""
        await self._send(jsonrpc.refuse(request, code, message))

    async def closed(self) -> str:
        """Waits until the connection is closed, by whom ever; the reason. Raises what a callback raised."""
        return await asyncio.shield(self._reading)

    async def close(self) -> None:
        """Closes the connection; the server goes on with what it does. Raises what a callback raised."""
        await self._websocket.close()
        await self._reading

    async def _send(self, frame: bytes) -> None:
        try:
            await self._websocket.send(frame.decode())
        except ConnectionClosed as error:
            raise LinkLost(f"the App Server's connection is closed: {error}") from error

    async def _read(self) -> str:
        try:
            while True:
                self._received(await self._websocket.recv())
        except ConnectionClosed as error:
            return visible_line(str(error))[:WORDS]
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(LinkLost())
            await self._websocket.close()

    def _received(self, frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode(errors="replace")
        self._on_frame(text)
        match jsonrpc.receive(text):
            case Notification(method=method, params=params):
                self._on_notification(event_of(method, params))
            case ServerRequest() as request:
                self._on_request(request)
            case Response() | RequestError() as answer:
                waiting = self._waiting.get(answer.id) if answer.id is not None else None
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
            case jsonrpc.Junk():
                pass  # kept by on_frame; nobody to answer

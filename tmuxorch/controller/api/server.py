"""The socket: newline-delimited JSON-RPC 2.0, for the same user only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct, json

from tmuxorch import __version__
from tmuxorch.controller import peers
from tmuxorch.controller.api import (
    children,
    execute,
    inbox,
    lead,
    notices,
    patterns,
    plan,
    project,
    runs,
    standing,
    tui,
    workers,
)
from tmuxorch.controller.api.context import METHODS, Nothing, check
from tmuxorch.controller.app import App
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.errors import Bug, Refused, TmuxorchError, UsageError

log = logging.getLogger(__name__)

API = 1
"""Version of the API; a client of another one is told so and nothing else."""

OF_ANY_VERSION = "down"
"""The one method that needs no greeting: how a newer command line ends an older controller."""

FAILED = -32000
LINE_LIMIT = 32 * 1024 * 1024
"""Bytes of one request: a prompt of Codex's greatest size fits, whatever its characters."""

COALESCE = 0.1
"""Seconds between two `changed` notifications."""

HEARD = 10.0
"""Seconds by which the time of an agent's last word must be another to be told for itself."""

T = TypeVar("T")

HANDLERS = (children, execute, inbox, lead, notices, patterns, plan, project, runs, standing, tui, workers)


class Hello(Struct, frozen=True):
    """The first call of a connection. `lead` names the program for which our MCP server speaks."""

    api: int
    lead: str = ""


class Request(Struct, frozen=True):
    """One call."""

    method: str
    id: int | str | None = None
    params: Raw = Raw(b"{}")


async def serve(app: App, path: Path) -> asyncio.Server:
    """Listens at `path`, which only this user can reach."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    return await asyncio.start_unix_server(
        lambda reader, writer: Connection(app, reader, writer).run(), sock=listener, limit=LINE_LIMIT
    )


class Connection:
    """One client. Calls run side by side; replies go out as they come."""

    def __init__(self, app: App, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._app = app
        self._reader = reader
        self._writer = writer
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._greeted = False
        self._changed: asyncio.Event | None = None
        connection = writer.get_extra_info("socket")
        self._pid, self._uid = peers.peer(connection)
        self._ancestry = peers.chain(connection, self._pid)
        """Seen at once: whoever it was may be gone by the time that it asks."""
        app.who.meets(self, self._ancestry)

    async def run(self) -> None:
        """Serves until the client is gone."""
        self._app.connections.add(self)
        try:
            if self._uid == os.getuid():
                while line := await self._reader.readline():
                    self._keep(self._call(line))
        except ValueError:
            self._fail(None, UsageError(f"the request is longer than {LINE_LIMIT} bytes"))
        except OSError as error:
            log.info("a client was dropped: %s", error)
        finally:
            for task in self._tasks:
                task.cancel()
            if self._changed:
                self._app.engine.listeners.remove(self._mark)
            self._app.connections.discard(self)
            self._app.who.gone(self)
            self._writer.close()
            self._ended.set()

    async def close(self) -> None:
        """Ends the connection."""
        self._writer.close()
        await self._ended.wait()

    async def _call(self, line: bytes) -> None:
        request_id: int | str | None = None
        try:
            request = _decoded(line, Request)
            request_id = request.id
            self._send({"id": request_id, "result": await self._answer(request)})
        except TmuxorchError as error:
            self._fail(request_id, error)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:
            log.exception("a request failed")
            self._fail(
                request_id,
                Bug(f"{type(error).__name__}: {error}", hint=f"see {self._app.paths.controller_log}"),
            )

    async def _answer(self, request: Request) -> object:
        if request.method == "hello":
            return self._hello(_decoded(request.params, Hello))
        if not self._greeted and request.method != OF_ANY_VERSION:
            raise UsageError("the first call of a connection is hello")
        if request.method == "subscribe":
            return self._subscribe()
        if request.method not in METHODS:
            raise UsageError(f"no method {request.method!r}")
        shape, may, handler = METHODS[request.method]
        caller = self._app.who.asks(self._pid, self._ancestry, self)
        check(caller, request.method, may)
        return await handler(self._app, caller, _decoded(request.params, shape))

    def _hello(self, hello: Hello) -> object:
        if hello.api != API:
            raise Refused(
                f"this controller ({__version__}) speaks version {API} of the API, not {hello.api}",
                hint="tmuxorch up",
            )
        self._greeted = True
        if hello.lead:
            self._app.who.leads(self, self._ancestry, hello.lead)
        return {"api": API, "version": __version__, **self._app.identity()}

    # -- subscriptions

    def _subscribe(self) -> Nothing:
        if self._changed is None:
            self._changed = asyncio.Event()
            self._changed.set()
            self._app.engine.listeners.append(self._mark)
            self._keep(self._notify(self._changed))
        return Nothing()

    def _mark(self, _state: m.State, _events: list[e.Event]) -> None:
        assert self._changed is not None
        self._changed.set()

    async def _notify(self, changed: asyncio.Event) -> None:
        activity: dict[str, str] = {}
        heard: dict[str, float] = {}
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await changed.wait()
            now, words = self._app.activity(), self._app.heard()
            spoke = any(when > heard.get(name, 0.0) + HEARD for name, when in words.items())
            if changed.is_set() or now != activity or spoke:
                changed.clear()
                activity, heard = now, words
                params = {"status": self._app.status(), "activity": activity, "heard": heard}
                self._send({"method": "changed", "params": params})
                await self._writer.drain()
            await asyncio.sleep(COALESCE)

    # -- the wire

    def _send(self, message: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(json.encode({"jsonrpc": "2.0", **message}) + b"\n")

    def _fail(self, request_id: int | str | None, error: TmuxorchError) -> None:
        data = error.as_json()["error"]
        self._send({"id": request_id, "error": {"code": FAILED, "message": error.message, "data": data}})

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(_until_hangup(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _decoded(data: bytes | Raw, shape: type[T]) -> T:
    """Raises UsageError for what has not that shape, however odd it is."""
    try:
        return json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"the request is not understood: {error}") from None


async def _until_hangup(work: Coroutine[None, None, None]) -> None:
    """A client that hangs up ends what was done for it, and that is no error of ours."""
    with contextlib.suppress(ConnectionError):
        await work

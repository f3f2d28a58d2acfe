"""One connection to the controller: newline-delimited JSON-RPC 2.0, many calls side by side."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from pathlib import Path
from typing import Any

from msgspec import json

from tmuxorch.errors import ControllerUnavailable, Refused, TmuxorchError, UsageError, from_json

API = 1
"""The version of the controller's API that is spoken here."""

GREETING_TIME = 10.0
"""Seconds in which a living controller answers `hello`."""

REQUEST, REPLY = 32 * 1024 * 1024, 256 * 1024 * 1024
"""Bytes of the longest line that a controller takes, and that it may send."""


class Ended(ControllerUnavailable):
    """The controller ended before it answered."""

    def __init__(self, message: str = "the controller ended before it answered", *, hint: str = "") -> None:
        super().__init__(message, hint=hint or "tmuxorch up")


class Connection:
    """Made by `dial`. `call` raises Ended when the controller hangs up before it answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._over = False
        self._task = asyncio.create_task(self._read(reader))

    @property
    def is_over(self) -> bool:
        """Whether the controller has hung up."""
        return self._over

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """Sends one request and waits for its result, however long that takes; raises what the controller raised."""
        if self._over:
            raise Ended()
        number = next(self._numbers)
        line = json.encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + b"\n"
        if len(line) > REQUEST:
            raise UsageError(f"that is too much for one request: {len(line) >> 20} MiB", hint="say less")
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(line)
            await self._writer.drain()
            return await answer
        except ConnectionError:
            raise Ended() from None
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        """Hangs up."""
        self._task.cancel()
        self._hung_up()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._take(json.decode(line))
        except (OSError, ValueError):
            pass
        finally:
            self._hung_up()

    def _take(self, message: dict[str, Any]) -> None:
        answer = self._waiting.get(message.get("id") or 0)
        if answer is None or answer.done():
            return
        if (error := message.get("error")) is None:
            answer.set_result(message.get("result"))
        else:
            answer.set_exception(_raised(error))

    def _hung_up(self) -> None:
        self._over = True
        self._writer.close()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Ended())


async def dial(socket: Path, lead: str) -> Connection:
    """A greeted connection for the program `lead`. Raises ControllerUnavailable if none listens or answers, Refused if
    it speaks another version."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket), limit=REPLY)
    except OSError:
        raise ControllerUnavailable("the controller is not running", hint="tmuxorch up") from None
    connection = Connection(reader, writer)
    try:
        async with asyncio.timeout(GREETING_TIME):
            said = await connection.call("hello", {"api": API, "lead": lead})
        if said.get("api") != API:
            raise Refused(f"the controller speaks API {said.get('api')}, not {API}", hint="tmuxorch up")
    except TimeoutError:
        await connection.close()
        raise ControllerUnavailable(
            f"the controller does not answer within {GREETING_TIME:.0f} s", hint="tmuxorch doctor"
        ) from None
    except BaseException:
        await connection.close()
        raise
    return connection


def _raised(error: dict[str, Any]) -> TmuxorchError:
    inner = error.get("data")
    if isinstance(inner, dict) and "code" in inner:
        return from_json(inner)
    return TmuxorchError(f"the controller refused: {error.get('message')}")

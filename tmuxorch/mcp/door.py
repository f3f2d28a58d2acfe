"""The door: answers the first two questions of a client before the SDK is imported, then hands over.

The import takes a second, on a busy machine several, and Codex begins without our tools when it does not know them
within one. The SDK hears all that was said, in order; what it says to questions that were answered already is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import DecodeError, json

from tmuxorch.mcp import listing


class Wire:
    """Stdin and stdout of this process. A stray print goes to stderr from now on. Stdin stays what it is: by it the
    controller tells whose program talks to us."""

    def __init__(self) -> None:
        self._in = os.fdopen(0, "rb", closefd=False)
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, daemon=True).start()

    async def line(self) -> bytes:
        """The next line of the client; empty when it has hung up."""
        return await self._lines.get()

    async def say(self, line: str) -> None:
        """Tells the client something; nothing when it has hung up."""
        await asyncio.to_thread(self._write, line.encode(errors="replace"))

    def _read(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: the loop has ended meanwhile
            for line in self._in:
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, b"")

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._out.write(data)
            self._out.flush()


class Door:
    """As the SDK sees it: stdin is what it iterates over, stdout what it writes to."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._heard: list[bytes] = []
        self._greeted = False
        self._answered: list[Any] = []
        """Ids of the questions that were answered here."""

    async def keep(self) -> bool:
        """Answers what can be answered here, until the client has heard which tools there are, or asks something else;
        False when it has hung up."""
        while line := await self._wire.line():
            self._heard.append(line)
            try:
                asked = json.decode(line)
                number, method = asked.get("id"), asked["method"]
                result = self._answer(method, asked.get("params") or {}) if number is not None else {}
            except (DecodeError, LookupError, TypeError, AttributeError):
                return True  # the SDK says what is wrong with it
            if result:
                self._answered.append(number)
                await self._wire.say(
                    json.encode({"jsonrpc": "2.0", "id": number, "result": result}).decode() + "\n"
                )
            if number is not None and method != "initialize":
                return True
        return False

    def _answer(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """What the SDK would say; empty: only the SDK can say it."""
        if method == "initialize" and params["protocolVersion"] in listing.PROTOCOLS:
            self._greeted = True
            return listing.greeting(params["protocolVersion"])
        if method == "tools/list" and self._greeted and not params.get("cursor"):
            return {"tools": listing.tools()}
        return {}

    # -- stdin and stdout of the SDK

    async def __aiter__(self) -> AsyncIterator[str]:
        for line in self._heard:
            yield line.decode(errors="replace")
        while line := await self._wire.line():
            yield line.decode(errors="replace")

    async def write(self, line: str) -> None:
        """A message to the client, unless it has had the answer."""
        if self._answered:
            said = json.decode(line)
            if "method" not in said and said.get("id") in self._answered:
                self._answered.remove(said["id"])
                return
        await self._wire.say(line)

    async def flush(self) -> None:
        """What was written is on its way already."""


async def serve(directory: Path | None) -> None:
    """Serves one client on stdin and stdout until it hangs up: the project in `directory`, or where it works."""
    door = Door(Wire())
    if await door.keep():
        server = import_module("tmuxorch.mcp.server")
        await server.serve(directory, door)

"""Talking to the controller: newline-delimited JSON-RPC 2.0 over its socket, blocking, for one command at a time.

A program that draws uses `send`, `pump` and `taken` with select on `fileno()`; everybody else uses `call`.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
from collections import deque
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from tmuxorch import __version__
from tmuxorch.cli.output import Json
from tmuxorch.errors import ControllerUnavailable, Refused, TmuxorchError, UsageError, from_json
from tmuxorch.store.paths import ProjectPaths

API = 1
"""The version of the controller's API that this command line speaks."""

GREETING_TIME = 10.0
"""Seconds in which a living controller answers `hello`; one that is stopped or hangs does not."""

LINE_LIMIT = 32 * 1024 * 1024
"""Bytes of the longest request that a controller takes."""

NOT_RUNNING = "the controller is not running"


class OtherVersion(Refused):
    """The controller that runs is of another version of tmuxorch."""


class Client:
    """One connection. Raises ControllerUnavailable when the controller ends, UsageError for a request that it cannot
    take, and what the controller raised."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._partial = b""
        self._last = 0
        self._replies: dict[int, Json] = {}
        self._unread: deque[Json] = deque()

    def fileno(self) -> int:
        """For select: readable when `pump` has something to do."""
        return self._socket.fileno()

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Sends one request and waits for its result, however long that takes."""
        number = self.send(method, params)
        while number not in self._replies:
            self.pump()
        return self.taken(number)

    def send(self, method: str, params: Mapping[str, Any] | None = None) -> int:
        """Sends one request; the number under which `taken` gives its result."""
        self._last += 1
        message = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": dict(params or {})}
        line = json.dumps(message).encode() + b"\n"
        if len(line) > LINE_LIMIT:
            raise UsageError(
                f"that is too much for one request: {len(line) >> 20} MiB", hint="tmuxorch exec --help"
            )
        try:
            self._socket.sendall(line)
        except OSError as error:
            raise _ended() from error
        return self._last

    def answered(self, number: int) -> bool:
        """Whether `taken` would give a result."""
        return number in self._replies

    def taken(self, number: int) -> Any:
        """The result of an answered request, once; raises what the controller raised."""
        reply = self._replies.pop(number)
        if (error := reply.get("error")) is not None:
            raise _raised(error)
        return reply.get("result")

    def pump(self) -> None:
        """Reads once what has arrived; waits until something has."""
        try:
            received = self._socket.recv(1 << 16)
        except ConnectionError as error:
            raise _ended() from error
        if not received:
            raise _ended()
        *lines, self._partial = (self._partial + received).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "id" in message and "method" not in message:
                if message["id"] is None:  # the controller could not even read which request this is about
                    raise _raised(message["error"])
                self._replies[message["id"]] = message
            else:
                self._unread.append(message.get("params") or {})

    def notes(self) -> Iterator[Json]:
        """Params of the notifications that have arrived and were not given yet."""
        while self._unread:
            yield self._unread.popleft()

    def changes(self, timeout: float | None = None) -> Iterator[Json]:
        """After `subscribe`: params of notifications as they come; ends after `timeout` seconds without one."""
        while True:
            yield from self.notes()
            if not select.select([self._socket], [], [], timeout)[0]:
                return
            self.pump()

    def end_controller(self, *, kill_agents: bool) -> None:
        """Ends the controller; returns when it has ended. `down` is the one request that every version takes without
        a greeting."""
        self.call("down", {"kill_agents": kill_agents})
        with contextlib.suppress(ControllerUnavailable):  # it hangs up as the last thing it does
            while True:
                self.pump()

    def give_up_after(self, seconds: float | None) -> None:
        """From here on a request that is not answered for so long raises TimeoutError; with None none does."""
        self._socket.settimeout(seconds)

    def close(self) -> None:
        """Hangs up."""
        self._socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(paths: ProjectPaths) -> Client:
    """A greeted connection. Raises ControllerUnavailable if none listens or answers, OtherVersion if it speaks
    another API."""
    client = dial(paths)
    try:
        greet(client)
    except BaseException:
        client.close()
        raise
    return client


def dial(paths: ProjectPaths) -> Client:
    """A connection on which nothing was said yet. Raises ControllerUnavailable if none listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(paths.socket))
    except OSError as error:
        connection.close()
        raise ControllerUnavailable(NOT_RUNNING, hint="tmuxorch up") from error
    return Client(connection)


def greet(client: Client) -> Json:
    """Says hello; what the controller says of itself."""
    client.give_up_after(GREETING_TIME)
    try:
        answer: Json = client.call("hello", {"api": API})
    except TimeoutError:
        raise ControllerUnavailable(
            f"the controller does not answer within {GREETING_TIME:.0f} s", hint="tmuxorch doctor"
        ) from None
    except Refused as error:
        raise OtherVersion(error.message, hint="tmuxorch up") from error
    client.give_up_after(None)
    if answer.get("api") != API:
        raise OtherVersion(f"the controller speaks API {answer.get('api')}, not {API}", hint="tmuxorch up")
    return answer


def is_older(version: str) -> bool:
    """Whether a controller of that version is older than this command line."""
    return _numbers(version) < _numbers(__version__)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


def _ended() -> ControllerUnavailable:
    return ControllerUnavailable("the controller ended before it answered", hint="tmuxorch up")


def _raised(error: Json) -> TmuxorchError:
    """The error of a JSON-RPC error object."""
    inner = error.get("data")
    if isinstance(inner, dict) and "code" in inner:
        return from_json(inner)
    return TmuxorchError(f"the controller refused: {error.get('message')}")

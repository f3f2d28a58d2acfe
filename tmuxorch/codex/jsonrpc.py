"""The App Server's JSON-RPC without I/O: requests become frames, frames become values.

The App Server leaves out the member "jsonrpc" (it is ignored where it comes). Ids of the two directions are
independent of each other. Members that we do not know are ignored, so that newer servers stay readable.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

RequestId = int | str

NULL = Raw(b"null")


class Response(Struct, frozen=True, kw_only=True):
    """The server's good answer to our request `id`."""

    id: RequestId
    result: Raw


class RequestError(Struct, frozen=True, kw_only=True):
    """The server's refusal of our request `id`; no id when it could not read the request."""

    id: RequestId | None
    code: int
    message: str
    data: Raw = NULL


class ServerRequest(Struct, frozen=True, kw_only=True):
    """The server asks us, and waits for an answer with this id."""

    id: RequestId
    method: str
    params: Raw = NULL


class Notification(Struct, frozen=True, kw_only=True):
    """The server tells us."""

    method: str
    params: Raw = NULL


class Junk(Struct, frozen=True, kw_only=True):
    """A frame that is none of the above, and why."""

    frame: bytes
    reason: str


Frame = Response | RequestError | ServerRequest | Notification | Junk


class _Error(Struct, frozen=True, kw_only=True):
    code: int = 0
    message: str = ""
    data: Raw = NULL


class _Any(Struct, frozen=True, kw_only=True):
    id: RequestId | UnsetType | None = UNSET
    method: str | UnsetType = UNSET
    params: Raw = NULL
    result: Raw | UnsetType = UNSET
    error: _Error | UnsetType = UNSET


_decoder = msgspec.json.Decoder(_Any)


def receive(frame: str | bytes) -> Frame:
    """What a frame of the server says. Never raises: what cannot be understood is `Junk`."""
    try:
        seen = _decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeError) as error:
        return _junk(frame, str(error))
    match seen:
        case _Any(method=str(method), id=int() | str() as request):
            return ServerRequest(id=request, method=method, params=seen.params)
        case _Any(method=str(method)):
            return Notification(method=method, params=seen.params)
        case _Any(error=_Error(code=code, message=message, data=data)):
            asked = None if seen.id is UNSET else seen.id
            return RequestError(id=asked, code=code, message=message, data=data)
        case _Any(result=Raw() as result, id=int() | str() as request):
            return Response(id=request, result=result)
        case _:
            return _junk(frame, "neither request, answer nor notification")


def _junk(frame: str | bytes, reason: str) -> Junk:
    text = frame.encode(errors="surrogatepass") if isinstance(frame, str) else bytes(frame)
    return Junk(frame=text, reason=reason)


class Connection:
    """Our side of one connection: numbers our requests and writes frames."""

    def __init__(self) -> None:
        self._last = 0

    def request(self, method: str, params: Any) -> tuple[int, bytes]:
        """The id and the frame of a new request. `params` is anything that msgspec can encode."""
        self._last += 1
        return self._last, _frame(id=self._last, method=method, params=params)

    receive = staticmethod(receive)


def notify(method: str) -> bytes:
    """The frame of a notification (none of ours has parameters)."""
    return _frame(method=method)


def respond(request: RequestId, result: Any) -> bytes:
    """The frame of a good answer to the server's request."""
    return _frame(id=request, result=result)


def refuse(request: RequestId, code: int, message: str) -> bytes:
    """The frame of an error answer to the server's request."""
    return _frame(id=request, error={"code": code, "message": message})


def _frame(**members: Any) -> bytes:
    return msgspec.json.encode(members)

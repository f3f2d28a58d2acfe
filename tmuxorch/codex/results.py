"""The results of the App Server's requests: what of them matters.

What reads one raises TmuxorchError when its shape is not the one we know.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from tmuxorch import errors
from tmuxorch.codex.items import ThreadItem, UserMessage, last_message, thread_item
from tmuxorch.codex.wire import Fault, Status, WireTurn

T = TypeVar("T")


class Turn(Struct, frozen=True, kw_only=True):
    """A stored turn: inProgress, completed, interrupted or failed."""

    id: str
    status: str
    items: tuple[ThreadItem, ...] = ()
    error: str = ""
    error_kind: str = ""
    error_status: int | None = None
    seconds: float = 0.0
    ended: float | None = None
    """When, in whole seconds since the epoch."""

    @property
    def message(self) -> str:
        return last_message(self.items)

    @property
    def client_ids(self) -> tuple[str, ...]:
        """Our ids of what was said in this turn: first the one that started it, then those that steered
        it."""
        return tuple(
            item.client_id for item in self.items if isinstance(item, UserMessage) and item.client_id
        )


class Thread(Struct, frozen=True, kw_only=True):
    """A thread as thread/start, thread/resume and thread/read describe it. Status as in ThreadStatus.

    Only thread/resume brings turns, newest first.
    """

    id: str
    cwd: str
    status: str
    flags: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()


class _WireThread(Struct, frozen=True):
    id: str
    cwd: str = ""
    status: Status = Status()


class _TurnsResult(Struct, frozen=True):
    data: tuple[WireTurn, ...] = ()


class _ThreadResult(Struct, frozen=True, rename="camel"):
    thread: _WireThread
    initial_turns_page: _TurnsResult | None = None


class _TurnResult(Struct, frozen=True):
    turn: WireTurn


class Greeting(Struct, frozen=True, rename="camel"):
    """What a server says of itself. `user_agent` has its version (`binary.parse_version` reads it), `codex_home` is a
    path on its machine."""

    user_agent: str = ""
    codex_home: str = ""


_initialized = msgspec.json.Decoder(Greeting)
_thread = msgspec.json.Decoder(_ThreadResult)
_turn = msgspec.json.Decoder(_TurnResult)
_turns = msgspec.json.Decoder(_TurnsResult)


def greeting_of(result: Raw) -> Greeting:
    """Of initialize."""
    return decoded(_initialized, result)


def thread_of(result: Raw) -> Thread:
    """Of thread/start, thread/resume and thread/read."""
    seen = decoded(_thread, result)
    page = seen.initial_turns_page or _TurnsResult()
    return Thread(
        id=seen.thread.id,
        cwd=seen.thread.cwd,
        status=seen.thread.status.type,
        flags=seen.thread.status.active_flags,
        turns=tuple(_made(turn) for turn in page.data),
    )


def turn_of(result: Raw) -> Turn:
    """Of turn/start."""
    return _made(decoded(_turn, result).turn)


def turns_of(result: Raw) -> tuple[Turn, ...]:
    """Of thread/turns/list, newest first."""
    return tuple(_made(turn) for turn in decoded(_turns, result).data)


def decoded(decoder: msgspec.json.Decoder[T], result: Raw) -> T:
    """A result in the shape of `decoder`. Raises TmuxorchError when it has another one."""
    try:
        return decoder.decode(result)
    except msgspec.DecodeError as error:
        raise errors.TmuxorchError(f"Codex answered in a shape that is not known: {error}") from error


def _made(seen: WireTurn) -> Turn:
    error = seen.error or Fault()
    return Turn(
        id=seen.id,
        status=seen.status,
        items=tuple(thread_item(raw) for raw in seen.items),
        error=error.message,
        error_kind=error.kind,
        error_status=error.status,
        ended=seen.completed_at,
        seconds=(seen.duration_ms or 0) / 1000,
    )

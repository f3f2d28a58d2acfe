"""What the App Server tells us, typed as far as we use it.

Every notification of a thread reaches the clients that started or resumed it; others see only its status.
Unknown methods, and known ones of an unknown shape, are `Other`: a newer server never stops us.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw, Struct

from tmuxorch.codex.items import ThreadItem, last_message, thread_item
from tmuxorch.codex.limits import RateLimits, WireRateLimits
from tmuxorch.codex.wire import Fault, Status, WireTurn


class ThreadStatus(Struct, frozen=True, kw_only=True):
    """`type` is idle, active, systemError or notLoaded; flags say what an active one waits for."""

    thread: str
    type: str
    flags: tuple[str, ...] = ()  # waitingOnApproval, waitingOnUserInput


class TurnStarted(Struct, frozen=True, kw_only=True):
    thread: str
    turn: str


class TurnCompleted(Struct, frozen=True, kw_only=True):
    """A turn has ended: completed, interrupted or failed. `message` is its final message where the
    server sent it."""

    thread: str
    turn: str
    status: str
    message: str = ""
    error: str = ""
    error_kind: str = ""
    error_status: int | None = None
    seconds: float = 0.0


class ItemStarted(Struct, frozen=True, kw_only=True):
    thread: str
    turn: str
    item: ThreadItem


class ItemCompleted(Struct, frozen=True, kw_only=True):
    """May come after its turn's end: a command left in the background ends when it ends."""

    thread: str
    turn: str
    item: ThreadItem


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens. `cached` is part of `input`, `reasoning` part of `output`."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0


class TokenUsage(Struct, frozen=True, kw_only=True):
    """`total` counts the thread's whole life, also over restarts; `last` the last request to the model."""

    thread: str
    turn: str
    total: Usage
    last: Usage
    window: int | None = None


class PlanStep(Struct, frozen=True):
    """Status: pending, inProgress or completed."""

    step: str
    status: str


class PlanUpdated(Struct, frozen=True, kw_only=True):
    """The agent's own list of steps within a turn (not tmuxorch's plan)."""

    thread: str
    turn: str
    explanation: str = ""
    steps: tuple[PlanStep, ...] = ()


class DiffUpdated(Struct, frozen=True, kw_only=True):
    """All that the turn has changed by apply_patch so far, as one git diff."""

    thread: str
    turn: str
    diff: str


class ErrorNotice(Struct, frozen=True, kw_only=True):
    """Something went wrong with the model. Not the end: `retries` says it goes on, else TurnCompleted
    follows."""

    thread: str
    turn: str
    message: str
    kind: str = ""
    retries: bool = False


class RequestResolved(Struct, frozen=True, kw_only=True):
    """The server's request has been answered, by whichever client, or withdrawn."""

    thread: str
    request: int | str


class Other(Struct, frozen=True, kw_only=True):
    """A notification that we do not use."""

    method: str
    thread: str = ""


ServerEvent = (
    ThreadStatus
    | TurnStarted
    | TurnCompleted
    | ItemStarted
    | ItemCompleted
    | TokenUsage
    | PlanUpdated
    | DiffUpdated
    | ErrorNotice
    | RateLimits
    | RequestResolved
    | Other
)


class _Params(Struct, frozen=True, rename="camel"):
    thread_id: str = ""


class _StatusChanged(_Params, frozen=True):
    status: Status = Status()


class _TurnEvent(_Params, frozen=True, kw_only=True):
    turn: WireTurn


class _ItemEvent(_Params, frozen=True, kw_only=True):
    turn_id: str = ""
    item: Raw


class _Tokens(Struct, frozen=True, rename="camel"):
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0

    def usage(self) -> Usage:
        return Usage(
            input=self.input_tokens,
            cached=self.cached_input_tokens,
            output=self.output_tokens,
            reasoning=self.reasoning_output_tokens,
        )


class _ThreadTokens(Struct, frozen=True, rename="camel"):
    total: _Tokens = _Tokens()
    last: _Tokens = _Tokens()
    model_context_window: int | None = None


class _TokenUsage(_Params, frozen=True):
    turn_id: str = ""
    token_usage: _ThreadTokens = _ThreadTokens()


class _Plan(_Params, frozen=True):
    turn_id: str = ""
    explanation: str | None = None
    plan: tuple[PlanStep, ...] = ()


class _Diff(_Params, frozen=True):
    turn_id: str = ""
    diff: str = ""


class _Error(_Params, frozen=True):
    turn_id: str = ""
    error: Fault = Fault()
    will_retry: bool = False


class _RateLimits(_Params, frozen=True):
    rate_limits: WireRateLimits = WireRateLimits()


class _Resolved(_Params, frozen=True, kw_only=True):
    request_id: int | str


def _turn_completed(p: _TurnEvent) -> TurnCompleted:
    error = p.turn.error or Fault()
    return TurnCompleted(
        thread=p.thread_id,
        turn=p.turn.id,
        status=p.turn.status,
        message=last_message(tuple(thread_item(raw) for raw in p.turn.items)),
        error=error.message,
        error_kind=error.kind,
        error_status=error.status,
        seconds=(p.turn.duration_ms or 0) / 1000,
    )


def _token_usage(p: _TokenUsage) -> TokenUsage:
    seen = p.token_usage
    return TokenUsage(
        thread=p.thread_id,
        turn=p.turn_id,
        total=seen.total.usage(),
        last=seen.last.usage(),
        window=seen.model_context_window,
    )


# method: (shape of its params, what we make of them)
_KNOWN: dict[str, tuple[type[_Params], Callable[[Any], ServerEvent]]] = {
    "thread/status/changed": (
        _StatusChanged,
        lambda p: ThreadStatus(thread=p.thread_id, type=p.status.type, flags=p.status.active_flags),
    ),
    "turn/started": (_TurnEvent, lambda p: TurnStarted(thread=p.thread_id, turn=p.turn.id)),
    "turn/completed": (_TurnEvent, _turn_completed),
    "item/started": (
        _ItemEvent,
        lambda p: ItemStarted(thread=p.thread_id, turn=p.turn_id, item=thread_item(p.item)),
    ),
    "item/completed": (
        _ItemEvent,
        lambda p: ItemCompleted(thread=p.thread_id, turn=p.turn_id, item=thread_item(p.item)),
    ),
    "thread/tokenUsage/updated": (_TokenUsage, _token_usage),
    "turn/plan/updated": (
        _Plan,
        lambda p: PlanUpdated(
            thread=p.thread_id, turn=p.turn_id, explanation=p.explanation or "", steps=p.plan
        ),
    ),
    "turn/diff/updated": (
        _Diff,
        lambda p: DiffUpdated(thread=p.thread_id, turn=p.turn_id, diff=p.diff),
    ),
    "error": (
        _Error,
        lambda p: ErrorNotice(
            thread=p.thread_id,
            turn=p.turn_id,
            message=p.error.message,
            kind=p.error.kind,
            retries=p.will_retry,
        ),
    ),
    "account/rateLimits/updated": (_RateLimits, lambda p: p.rate_limits.told()),
    "serverRequest/resolved": (
        _Resolved,
        lambda p: RequestResolved(thread=p.thread_id, request=p.request_id),
    ),
}

_decoders = {method: msgspec.json.Decoder(shape) for method, (shape, _) in _KNOWN.items()}
_params = msgspec.json.Decoder(_Params)


def event_of(method: str, params: bytes | Raw) -> ServerEvent:
    """What a notification says. Never raises: what is not known or not understood is `Other`."""
    if method in _KNOWN:
        try:
            return _KNOWN[method][1](_decoders[method].decode(params))
        except msgspec.DecodeError:
            pass
    try:
        return Other(method=method, thread=_params.decode(params).thread_id)
    except msgspec.DecodeError:
        return Other(method=method)

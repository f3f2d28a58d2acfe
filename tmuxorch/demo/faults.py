"""The errors a model provider answers with, so formed that Codex treats them as it treats the real ones.

Two tables: answers that are an HTTP status, and events that end a stream that had begun well.
`{seconds}` in an event is filled in when it is served.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class HttpFault:
    """A response without a stream. `retry_after`: tell the scenario's seconds as the wait before the next try;
    `resets`: tell them as the time until the account's allowance begins anew."""

    status: int
    error: dict[str, Any]
    retry_after: bool = False
    resets: bool = False

    def body(self, seconds: float, now: float) -> bytes:
        """The JSON text of the response at Unix time `now`."""
        reset = (
            {"resets_in_seconds": math.ceil(seconds), "resets_at": _reset(seconds, now)}
            if self.resets
            else {}
        )
        return json.dumps({"error": self.error | reset}).encode()

    def headers(self, seconds: float, now: float) -> dict[str, str]:
        """The headers that go with it; Codex reads whole seconds only, and without them it does not try again."""
        wait = {"Retry-After": str(math.ceil(seconds))} if self.retry_after else {}
        used_up = {
            "x-codex-primary-used-percent": "100",
            "x-codex-primary-window-minutes": "300",
            "x-codex-primary-reset-at": str(_reset(seconds, now)),
        }
        return wait | (used_up if self.resets else {})


def _reset(seconds: float, now: float) -> int:
    return math.ceil(now + seconds)


HTTP_FAULTS = {
    "rate_limited": HttpFault(
        429,
        {"type": "requests", "code": "rate_limit_exceeded", "message": "Too many requests (scripted)."},
        True,
    ),
    "usage_limit": HttpFault(
        429,
        {
            "type": "usage_limit_reached",
            "plan_type": "plus",
            "message": "The usage limit is reached (scripted).",
        },
        resets=True,
    ),
    "quota": HttpFault(
        429,
        {"type": "insufficient_quota", "code": "insufficient_quota", "message": "No quota left (scripted)."},
    ),
    "server_error": HttpFault(
        500, {"type": "server_error", "message": "The server had an error (scripted)."}
    ),
    "overloaded": HttpFault(
        503, {"type": "server_error", "code": "server_is_overloaded", "message": "Overloaded (scripted)."}
    ),
    "bad_request": HttpFault(400, {"type": "invalid_request_error", "message": "Bad request (scripted)."}),
    "unauthorized": HttpFault(
        401,
        {"type": "invalid_request_error", "code": "invalid_api_key", "message": "Wrong API key (scripted)."},
    ),
}


def _failed(code: str, message: str) -> dict[str, Any]:
    return {
        "type": "response.failed",
        "response": {"status": "failed", "error": {"code": code, "message": message}},
    }


# The event that ends the stream; None closes the connection without one.
STREAM_FAULTS: dict[str, dict[str, Any] | None] = {
    "cut": None,
    "failed_server_error": _failed("server_error", "The server had an error (scripted)."),
    "failed_rate_limit": _failed(
        "rate_limit_exceeded", "Rate limit reached (scripted). Please try again in {seconds}s."
    ),
    "failed_context_length": _failed("context_length_exceeded", "The context window is full (scripted)."),
    "incomplete": {
        "type": "response.incomplete",
        "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
    },
}


def stream_fault(kind: str, seconds: float) -> dict[str, Any] | None:
    """The last event of a stream that fails as `kind`, or None where the connection is just closed."""
    text = json.dumps(STREAM_FAULTS[kind]).replace("{seconds}", f"{seconds:g}")
    event: dict[str, Any] | None = json.loads(text)
    return event

"""What the App Server says of threads, turns and errors in the same shape in notifications and in results."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct


class Fault(Struct, frozen=True, rename="camel"):
    """Codex's description of an error."""

    message: str = ""
    codex_error_info: str | dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        """Its kind in one word, as usageLimitExceeded or responseStreamDisconnected; empty when not told."""
        info = self.codex_error_info
        return next(iter(info), "") if isinstance(info, dict) else info or ""

    @property
    def status(self) -> int | None:
        """The HTTP status that the model's provider answered with, where that is what went wrong."""
        told = (
            next(iter(self.codex_error_info.values()), None)
            if isinstance(self.codex_error_info, dict)
            else None
        )
        status = told.get("httpStatusCode") if isinstance(told, dict) else None
        return status if isinstance(status, int) else None


class Status(Struct, frozen=True, rename="camel"):
    """A thread's status on the wire."""

    type: str = ""
    active_flags: tuple[str, ...] = ()


class WireTurn(Struct, frozen=True, rename="camel"):
    """A turn on the wire. `items` may be missing, a summary, or all."""

    id: str
    status: str = ""
    items: tuple[Raw, ...] = ()
    error: Fault | None = None
    completed_at: int | None = None
    duration_ms: int | None = None

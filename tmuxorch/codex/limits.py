"""What Codex says of a limit of the account: which one, and until when.

Measured on 0.163; the details are in docs/notes.md. A time is taken only from where Codex tells one:

* the windows of `account/rateLimits/updated`, to the second;
* the words of a usage limit, in local time and cut down to the minute: "… try again at 10:14 PM." on the same day, else
  "… try again at Nov 23rd, 2026 1:14 AM.";
* the words of a rate limit: "… Please try again in 1.5s."

A message's words count where it is one that Codex itself makes: how it begins, never something in its middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from msgspec import Struct

USAGE, RATE, AUTH = "usageLimitExceeded", "rateLimitExceeded", "unauthorized"
"""Codex's own kinds of these errors. A 429 or 401 that its retries did not overcome comes as a status instead."""

TOO_MANY_REQUESTS, UNAUTHORIZED = 429, 401

MINUTE = 60.0

_BEGINS = (
    (re.compile(r"You.ve hit your usage limit|Quota exceeded\.|To use Codex with your ChatGPT plan"), USAGE),
    (re.compile(r"exceeded retry limit, last status: 429\b|rate limit exceeded: "), RATE),
    (re.compile(r"unexpected status 401\b|Your (access token|authentication session) could not be "), AUTH),
)
"""How messages begin where nothing but the message is told: `codex exec`."""

_AT = re.compile(
    r"try again at (?:(\w{3}) (\d{1,2})\w\w, (\d{4}) )?(\d{1,2}):(\d\d) ([AP])M\.", re.IGNORECASE
)
_IN = re.compile(r"try again in ((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)", re.IGNORECASE)

_NEARLY_A_DAY = timedelta(hours=23, minutes=58)
"""A time without a date that seems to be further off was said just before midnight, and read just after it."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Window(Struct, frozen=True, kw_only=True):
    """How much of an allowance is used, in percent, and when it begins anew (seconds since the epoch)."""

    used: int
    resets_at: int | None = None


class RateLimits(Struct, frozen=True, kw_only=True):
    """What is left of the allowance `limit` (an account may have several). Comes before the error of a turn that ran
    into it; an update without windows says nothing of them.
    """

    limit: str = ""
    windows: tuple[Window, ...] = ()


class _WireWindow(Struct, frozen=True, rename="camel"):
    used_percent: int = 0
    resets_at: int | None = None


class _WireSpending(Struct, frozen=True, rename="camel"):
    remaining_percent: int = 100
    resets_at: int | None = None


class WireRateLimits(Struct, frozen=True, rename="camel"):
    """Rate limits on the wire."""

    limit_id: str | None = None
    primary: _WireWindow | None = None
    secondary: _WireWindow | None = None
    individual_limit: _WireSpending | None = None

    def told(self) -> RateLimits:
        """What of it was told."""
        both = [one for one in (self.primary, self.secondary) if one]
        windows = [Window(used=one.used_percent, resets_at=one.resets_at) for one in both]
        if own := self.individual_limit:
            windows.append(Window(used=100 - own.remaining_percent, resets_at=own.resets_at))
        return RateLimits(limit=self.limit_id or "", windows=tuple(windows))


class Limit(Struct, frozen=True, kw_only=True):
    """usage: the account's allowance is used up; rate: too many requests; auth: nobody is logged in, or no longer.

    `until`: when it ends, in seconds since the epoch; None when Codex does not say.
    """

    kind: Literal["usage", "rate", "auth"]
    until: float | None = None


def limit_of(
    message: str,
    now: float,
    *,
    kind: str = "",
    status: int | None = None,
    windows: Iterable[Window] = (),
    zone: tzinfo | None = None,
) -> Limit | None:
    """The limit that a failed turn or worker ran into, None when it failed of something else.

    `message`, `kind` and `status` are Codex's error, as of a worker the message alone; `windows` what it last told of
    the account; `now` when the message was made; `zone` what it takes as local time (None: this process's).
    """
    match kind or _by_words(message):
        case "usageLimitExceeded":
            return Limit(kind="usage", until=_usage_until(message, now, windows, zone))
        case "rateLimitExceeded":
            return Limit(kind="rate", until=_rate_until(message, now))
        case "unauthorized":
            return Limit(kind="auth")
        case _:
            known = {TOO_MANY_REQUESTS: Limit(kind="rate"), UNAUTHORIZED: Limit(kind="auth")}
            return known.get(status) if status else None


def _by_words(message: str) -> str:
    return next((kind for begin, kind in _BEGINS if begin.match(message)), "")


def _usage_until(message: str, now: float, windows: Iterable[Window], zone: tzinfo | None) -> float | None:
    """The windows know the second; the words say which of them is meant, where they tell a time."""
    told = _minute(message, now, zone)
    ends = [(window.used, window.resets_at) for window in windows if window.resets_at is not None]
    if told is None:
        return max((end for used, end in ends if used >= 100 and end > now), default=None)
    exact = [end for _, end in ends if told <= end < told + MINUTE]
    return max(exact, default=told + MINUTE)


def _minute(message: str, now: float, zone: tzinfo | None) -> float | None:
    """The minute that the words tell: its first second."""
    found = _AT.search(message)
    if found is None:
        return None
    month, day, year, hour, minute, half = found.groups()
    local = datetime.fromtimestamp(now, zone)
    try:
        date = (
            (int(year), _MONTHS.index(month.lower()) + 1, int(day))
            if month
            else (local.year, local.month, local.day)
        )
        said = datetime(*date, int(hour) % 12 + (12 if half in "Pp" else 0), int(minute), tzinfo=zone)
    except ValueError:
        return None
    if not month and said - local > _NEARLY_A_DAY:
        said -= timedelta(days=1)
    return said.timestamp()


def _rate_until(message: str, now: float) -> float | None:
    found = _IN.search(message)
    if found is None:
        return None
    return now + sum(float(n) * _SECONDS[unit.lower()] for n, unit in _PART.findall(found[1]))

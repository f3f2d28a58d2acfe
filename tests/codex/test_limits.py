"""What Codex's words and numbers say of a limit, read without it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxorch.codex.limits import Limit, RateLimits, Window, limit_of
from tmuxorch.codex.notifications import event_of

ROME = ZoneInfo("Europe/Rome")
USED_UP = "You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro) or "


def at(text: str, zone: ZoneInfo = ROME) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def usage(message: str, now: str, *windows: Window) -> float | None:
    limit = limit_of(message, at(now), kind="usageLimitExceeded", windows=windows, zone=ROME)
    assert limit
    assert limit.kind == "usage"
    return limit.until


@pytest.mark.parametrize(
    ("words", "now", "until"),
    [
        ("try again at 10:14 PM.", "2026-11-20T21:00:00", "2026-11-20T22:15:00"),
        ("Try again at 12:00 AM.", "2026-11-20T00:00:30", "2026-11-20T00:01:00"),
        ("try again at 12:30 PM.", "2026-11-20T08:00:00", "2026-11-20T12:31:00"),
        ("try again at Nov 23rd, 2026 1:14 AM.", "2026-11-20T21:00:00", "2026-11-23T01:15:00"),
        ("try again at Dec 1st, 2026 12:05 PM.", "2026-11-20T21:00:00", "2026-12-01T12:06:00"),
        # said within the minute that it names, and read after midnight
        ("try again at 11:59 PM.", "2026-11-21T00:00:00", "2026-11-21T00:00:00"),
        # told before the clocks change, due after it
        ("try again at Oct 25th, 2026 9:00 AM.", "2026-10-24T21:00:00", "2026-10-25T09:01:00"),
        ("try again at 9:00 AM.", "2026-10-25T01:00:00", "2026-10-25T09:01:00"),
    ],
)
def test_a_told_minute_is_over_when_it_ends(words: str, now: str, until: str) -> None:
    assert usage(USED_UP + words, now) == at(until)


@pytest.mark.parametrize(
    "words",
    [
        "try again later.",
        "try again at some time.",
        "try again at Nix 3rd, 2026 1:14 AM.",
        "try again at 1:99 PM.",
    ],
)
def test_no_time_is_made_up(words: str) -> None:
    assert usage(USED_UP + words, "2026-11-20T21:00:00") is None


def test_the_window_that_the_words_mean_knows_the_second() -> None:
    short, week = (
        Window(used=100, resets_at=round(at("2026-11-20T22:14:07"))),
        Window(used=100, resets_at=9 * 10**9),
    )
    now = "2026-11-20T21:00:00"
    assert usage(USED_UP + "try again at 10:14 PM.", now, short, week) == at("2026-11-20T22:14:07")
    assert usage(USED_UP + "try again at 10:16 PM.", now, short, week) == at("2026-11-20T22:17:00")


def test_without_words_the_last_of_the_used_up_windows_counts() -> None:
    now = at("2026-11-20T21:00:00")
    over, soon, late, free = (
        Window(used=used, resets_at=round(now) + ahead)
        for used, ahead in [(100, -9), (100, 3), (104, 60), (40, 900)]
    )
    told = USED_UP + "try again later."
    assert usage(told, "2026-11-20T21:00:00", over, soon, late, free, Window(used=100)) == now + 60
    assert usage(told, "2026-11-20T21:00:00", over, free) is None


def test_a_rate_limit_may_tell_how_long() -> None:
    message = "rate limit exceeded: Limit 30000. Please try again in {}."
    for told, seconds in [("1.5s", 1.5), ("20ms", 0.02), ("1m30s", 90.0), ("2h", 7200.0)]:
        limit = limit_of(message.format(told), 1000.0, kind="rateLimitExceeded")
        assert limit == Limit(kind="rate", until=1000.0 + seconds)
    assert limit_of("slow down", 1.0, kind="rateLimitExceeded") == Limit(kind="rate")


def test_a_status_that_retries_did_not_overcome_is_a_limit() -> None:
    assert limit_of("x", 1.0, kind="responseTooManyFailedAttempts", status=429) == Limit(kind="rate")
    assert limit_of("x", 1.0, kind="httpConnectionFailed", status=401) == Limit(kind="auth")
    assert limit_of("x", 1.0, kind="unauthorized") == Limit(kind="auth")
    for status in (None, 400, 403, 500):
        assert limit_of("x", 1.0, kind="httpConnectionFailed", status=status) is None


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (USED_UP + "try again later.", "usage"),
        ("You've hit your usage limit for gpt-5.5. Try again later.", "usage"),
        ("Quota exceeded. Check your plan and billing details.", "usage"),
        ("exceeded retry limit, last status: 429 Too Many Requests", "rate"),
        ("rate limit exceeded: slow down", "rate"),
        ("unexpected status 401 Unauthorized: Wrong API key, url: http://127.0.0.1:1/v1/responses", "auth"),
        ("Your access token could not be refreshed. Please log out and sign in again.", "auth"),
    ],
)
def test_a_worker_has_only_words(message: str, kind: str) -> None:
    limit = limit_of(message, 1.0)
    assert limit
    assert limit.kind == kind
    assert limit_of(f"it said: {message}", 1.0) is None  # quoted by somebody else, not said by Codex


@given(message=st.text(), kind=st.text(), now=st.floats(0, 4e9))
def test_it_never_fails(message: str, kind: str, now: float) -> None:
    limit_of(message, now, kind=kind)
    limit_of(f"{USED_UP}try again at {message}.", now)


def test_what_is_told_of_the_account() -> None:
    told = event_of(
        "account/rateLimits/updated",
        b'{"rateLimits":{"limitId":"codex","primary":{"usedPercent":100,"windowDurationMins":300,"resetsAt":5},'
        b'"secondary":null,"individualLimit":{"limit":"9","used":"9","remainingPercent":0,"resetsAt":7}}}',
    )
    assert told == RateLimits(
        limit="codex", windows=(Window(used=100, resets_at=5), Window(used=100, resets_at=7))
    )
    assert event_of("account/rateLimits/updated", b'{"rateLimits":{"primary":null}}') == RateLimits()

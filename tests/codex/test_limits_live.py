"""What the real Codex makes of the refusals of a provider, read by us."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from tests.codex.live import Bench, Client
from tests.codex.tinymodel import Step, break_off, fail, tell
from tmuxorch.codex import execargs
from tmuxorch.codex.execstream import ExecSummary, parse_line
from tmuxorch.codex.limits import Limit, RateLimits, limit_of

AHEAD = 5000


def used_up(headers: dict[str, str] | None = None, **reset: int) -> Step:
    return fail(429, headers, type="usage_limit_reached", message="no more", plan_type="plus", **reset)


def refusals(reset: int) -> dict[str, tuple[Step, str, float | None]]:
    """What the provider does: (the step, the kind of limit that it is, until when by Codex's words alone)."""
    minute = reset // 60 * 60 + 60
    return {
        "used up": (used_up(resets_at=reset), "usage", minute),
        "without a time": (used_up(), "usage", None),
        "no quota": (fail(429, type="insufficient_quota", message="no"), "usage", None),
        "too fast": (fail(429, {"retry-after": "1"}, type="requests", message="no"), "rate", None),
        "wrong key": (fail(401, code="invalid_api_key", message="no"), "auth", None),
        "forbidden": (fail(403, message="no"), "", None),
        "overloaded": (fail(503, code="server_is_overloaded", message="no"), "", None),
    }


BY_EXEC = ("used up", "without a time", "forbidden")
"""What `codex exec` says of the others is looked at with all faults of the demo's model."""


@pytest.mark.parametrize("name", refusals(0))
async def test_a_refusal_of_the_account_is_a_limit(
    name: str, codex: Client, bench: Bench, tmp_path: Path
) -> None:
    step, kind, until = refusals(round(time.time()) + AHEAD)[name]
    expected = Limit(kind=kind, until=until) if kind else None  # type: ignore[arg-type]

    began = time.time()
    ended = await codex.ended(await codex.turn(step))
    now = time.time()
    status = ended.error_status
    assert limit_of(ended.error, now, kind=ended.error_kind, status=status) == expected
    stored = (await codex.turns())[0]
    assert (stored.error, stored.error_kind, stored.error_status) == (ended.error, ended.error_kind, status)
    assert stored.ended is not None
    assert int(began) <= stored.ended <= now

    if name in BY_EXEC:
        argv = execargs.exec_new(
            bench.binary, cwd=bench.repo, sandbox="read-only", last_message=tmp_path / "m"
        )
        told = ExecSummary()
        for line in bench.run(argv, tell(step)).stdout.splitlines():
            told = told.after(parse_line(line))
        assert limit_of(told.error, time.time()) == expected


async def test_the_second_of_the_reset_is_told_beside_the_words(codex: Client) -> None:
    reset = math.ceil(time.time()) + AHEAD
    headers = {
        "x-codex-primary-used-percent": "100",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-at": str(reset),
        "x-codex-secondary-used-percent": "40",
        "x-codex-secondary-window-minutes": "10080",
        "x-codex-secondary-reset-at": str(reset + 100_000),
    }
    turn = await codex.turn(used_up(headers, resets_at=reset))
    ended = await codex.ended(turn)
    known = [event for event in codex.events if isinstance(event, RateLimits)][-1]
    assert codex.events.index(known) < codex.events.index(ended)
    assert known.limit == "codex"
    limit = limit_of(ended.error, time.time(), kind=ended.error_kind, windows=known.windows)
    assert limit == Limit(kind="usage", until=float(reset))


async def test_a_rate_limit_of_the_stream_tells_how_long(codex: Client) -> None:
    turn = await codex.turn(break_off("rate_limit_exceeded", "Limit 30000. Please try again in 1.5s."))
    ended = await codex.ended(turn)
    assert limit_of(ended.error, 1000.0, kind=ended.error_kind) == Limit(kind="rate", until=1001.5)

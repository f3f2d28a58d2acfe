"""Each error of a provider makes the real Codex do what it does towards the real one, and we know it by its words."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

from tests.demo.codex import bench, serving
from tmuxorch.codex.failures import may_pass
from tmuxorch.codex.limits import limit_of
from tmuxorch.demo.faults import HTTP_FAULTS, STREAM_FAULTS

BEGUN = "{do: message, text: begun}, "
FAULTS = dict.fromkeys(HTTP_FAULTS, "") | dict.fromkeys(STREAM_FAULTS, BEGUN)
SCENARIO = """
rules:
  - match: '^once (?P<word>.*)'
    steps:
      - [{do: fail, kind: server_error, times: 1}, {do: message, text: "(scripted) <<word>>"}]
""" + "".join(
    f"""
  - match: '^{kind}$'
    steps: [[{before}{{do: fail, kind: {kind}, seconds: 0.1}}]]
"""
    for kind, before in FAULTS.items()
)


class Row(NamedTuple):
    """How Codex takes it: requests with one retry of each sort, and a part of what it says at the end; and how
    we take that: the limit of the account that it is, and whether it may pass."""

    requests: int
    says: str
    limit: str = ""
    passes: bool = False


ROWS = {
    "rate_limited": Row(2, "429 Too Many Requests", limit="rate", passes=True),
    "usage_limit": Row(1, "hit your usage limit", limit="usage"),
    "quota": Row(1, "Quota exceeded", limit="usage"),
    "server_error": Row(4, "high demand", passes=True),
    "overloaded": Row(2, "at capacity", passes=True),
    "bad_request": Row(1, "Bad request (scripted)."),
    "unauthorized": Row(2, "401 Unauthorized", limit="auth"),
    "cut": Row(2, "stream disconnected", passes=True),
    "failed_server_error": Row(2, "stream disconnected", passes=True),
    "failed_rate_limit": Row(2, "Please try again in 0.1s.", limit="rate", passes=True),
    "failed_context_length": Row(1, "context window"),
    "incomplete": Row(1, "max_output_tokens"),
}


async def test_codex_takes_each_for_the_real_error(tmp_path: Path) -> None:
    """One run for each kind, all at once, because Codex mostly waits between its retries."""
    log: list[str] = []
    with serving(SCENARIO, log) as server:
        world = bench(server, log, tmp_path / "home", tmp_path)
        runs = dict(zip(ROWS, await asyncio.gather(*map(world.exec, ROWS)), strict=True))
        again = await world.exec("once more")
    gone = await world.exec("quota")
    assert ROWS.keys() == FAULTS.keys()
    assert {kind: world.requests(f"{kind} ") for kind in ROWS} == {k: row.requests for k, row in ROWS.items()}
    assert {kind: run.failure for kind, run in runs.items() if ROWS[kind].says not in run.failure} == {}
    assert {run.code for run in runs.values()} == {1}
    for kind, run in runs.items():
        limit = limit_of(run.failure, time.time())
        taken = (limit.kind if limit else "", may_pass(run.failure))
        assert taken == (ROWS[kind].limit, ROWS[kind].passes), (kind, run.failure)
    assert (again.code, again.message) == (0, "(scripted) more")
    assert world.requests("once more ") == 2
    # Codex would wait for ever for a model that is gone, had its home not said otherwise.
    assert gone.code == 1

"""Each error of a provider makes the real Codex do what it does towards the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.demo.codex import Bench, Exec, bench, serving
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
    """How Codex takes it: requests with one retry of each sort, and a part of what it says at the end."""

    requests: int
    says: str


ROWS = {
    "rate_limited": Row(2, "429 Too Many Requests"),
    "usage_limit": Row(1, "hit your usage limit"),
    "quota": Row(1, "Quota exceeded"),
    "server_error": Row(4, "high demand"),
    "overloaded": Row(2, "at capacity"),
    "bad_request": Row(1, "Bad request (scripted)."),
    "unauthorized": Row(2, "401 Unauthorized"),
    "cut": Row(2, "stream disconnected"),
    "failed_server_error": Row(2, "stream disconnected"),
    "failed_rate_limit": Row(2, "Please try again in 0.1s."),
    "failed_context_length": Row(1, "context window"),
    "incomplete": Row(1, "max_output_tokens"),
}


class Outcome(NamedTuple):
    done: Exec
    requests: int


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    """What came of one run for each kind; all at once, because Codex mostly waits between its retries."""
    log: list[str] = []
    with serving(SCENARIO, log) as server:
        world = bench(server, log, tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("cwd"))
        done = asyncio.run(_all(world, [*ROWS, "once more"]))
        yield {kind: Outcome(one, world.requests(f"{kind} ")) for kind, one in done.items()}


async def _all(world: Bench, prompts: list[str]) -> dict[str, Exec]:
    return dict(zip(prompts, await asyncio.gather(*map(world.exec, prompts)), strict=True))


def test_every_kind_is_tried() -> None:
    assert ROWS.keys() == FAULTS.keys()


@pytest.mark.parametrize("kind", ROWS)
def test_codex_takes_it_for_the_real_error(kind: str, outcomes: dict[str, Outcome]) -> None:
    done, requests = outcomes[kind]
    assert done.code == 1
    assert ROWS[kind].says in done.failure
    assert requests == ROWS[kind].requests


def test_a_counted_failure_ends(outcomes: dict[str, Outcome]) -> None:
    done, requests = outcomes["once more"]
    assert (done.code, done.message, requests) == (0, "(scripted) more", 2)

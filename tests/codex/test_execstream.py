"""Reading what `codex exec` writes when there is more in it than events, or very much."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tmuxorch.codex.execstream import ExecSummary, ItemChanged, Junk, overrules, parse_line
from tmuxorch.codex.items import CommandExecution, OtherItem
from tmuxorch.codex.notifications import Usage

LARGE = 50 << 20


def line(**event: object) -> bytes:
    return json.dumps(event).encode()


def item(**members: object) -> bytes:
    return line(type="item.completed", item={"id": "item_0", **members})


def summary(lines: Iterable[bytes]) -> ExecSummary:
    return reduce(ExecSummary.after, map(parse_line, lines), ExecSummary())


LINES = [
    line(type="thread.started", thread_id="T"),
    line(type="turn.started"),
    item(type="command_execution", command="/bin/bash -lc 'make'", exit_code=2, status="failed"),
    line(type="error", message="Reconnecting... 1/2 (stream disconnected)"),
    item(type="agent_message", text="all done"),
    line(type="turn.completed", usage={"input_tokens": 7, "output_tokens": 2}),
]
TOLD = ExecSummary(
    thread="T",
    outcome="completed",
    message="all done",
    usage=Usage(input=7, output=2),
    activity="says: all done",
    events=6,
)


def is_junk(text: bytes) -> bool:
    return isinstance(parse_line(text), Junk)


@given(junk=st.lists(st.tuples(st.integers(0, len(LINES)), st.binary(max_size=50).filter(is_junk))))
def test_lines_that_are_no_events_change_nothing(junk: list[tuple[int, bytes]]) -> None:
    lines = list(LINES)
    for at, text in junk:
        lines.insert(at, text)
    assert summary(lines) == replace(TOLD, junk=len(junk))


NESTED = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"\0\0\0",
        b"Reading additional input from stdin...",
        b'{"type":"turn.started"',
        b'{"type":"\xff"}',
        b'{"type":"turn.failed","error":"no object"}',
        b'{"type":"turn.completed","usage":null}',
        b'{"type":"x","a":' + NESTED + b"}",
        b'{"type":"item.completed","item":' + NESTED + b"}",
        NESTED,
    ],
    ids=range(11),
)
def test_what_is_no_event_is_junk(text: bytes) -> None:
    assert parse_line(text) == Junk(line=text)


@pytest.mark.parametrize(
    "content", [b"null", b'{"type":"agent_message","text":"\xff"}'], ids=["none", "no text"]
)
def test_an_item_that_cannot_be_read_is_still_one(content: bytes) -> None:
    event = parse_line(b'{"type":"item.completed","item":' + content + b"}")
    assert event == ItemChanged(stage="completed", item=OtherItem(type=""))


def test_one_very_long_line() -> None:
    output = item(type="command_execution", command="c", aggregated_output="x" * LARGE, exit_code=0)
    event = parse_line(output)
    assert isinstance(event, ItemChanged)
    assert isinstance(event.item, CommandExecution)
    assert len(event.item.aggregated_output or "") == LARGE
    assert summary([*LINES[:4], output, b"z" * LARGE, *LINES[4:]]) == replace(TOLD, events=7, junk=1)


def test_very_many_lines() -> None:
    one = item(type="command_execution", command="c", aggregated_output="x" * 2000, exit_code=0)
    many = LARGE // len(one)
    told = summary([*LINES[:4], *[one, b"junk"] * many, *LINES[4:]])
    assert told == replace(TOLD, events=6 + many, junk=many)


def test_a_sandbox_that_an_administrator_overrules_is_told_from_an_agents_words() -> None:
    warning = "Configured value for `permission_profile` is disallowed by requirements; using another"
    item = {"type": "item.completed", "item": {"id": "i", "type": "error", "message": warning}}
    said = {"type": "item.completed", "item": {"id": "i", "type": "agent_message", "text": warning}}
    assert overrules(json.dumps(item).encode())
    assert not overrules(json.dumps(said).encode())

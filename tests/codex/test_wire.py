"""Frames and lines without a server: what is known, what is not, and what is broken."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from tmuxorch.codex import approvals, appserver, execstream, items, jsonrpc, results
from tmuxorch.codex.execstream import ExecSummary, parse_line
from tmuxorch.codex.jsonrpc import Junk, Notification, RequestError, Response, ServerRequest, receive
from tmuxorch.codex.notifications import (
    ErrorNotice,
    ItemCompleted,
    Other,
    ThreadStatus,
    TurnCompleted,
    Usage,
    event_of,
)
from tmuxorch.errors import TmuxorchError, UsageError


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        ('{"id": 1, "result": {"a": 1}}', Response(id=1, result=Raw(b'{"a": 1}'))),
        ('{"id": "x", "result": null}', Response(id="x", result=Raw(b"null"))),
        ('{"jsonrpc": "2.0", "id": 0, "method": "m", "new": 1}', ServerRequest(id=0, method="m")),
        ('{"method": "m", "params": [1], "emittedAtMs": 5}', Notification(method="m", params=Raw(b"[1]"))),
        (
            '{"id": 1, "error": {"code": -32600, "message": "no", "data": {}}}',
            RequestError(id=1, code=-32600, message="no", data=Raw(b"{}")),
        ),
        ('{"id": null, "error": {"code": 1}}', RequestError(id=None, code=1, message="")),
    ],
)
def test_frames(frame: str, seen: jsonrpc.Frame) -> None:
    assert receive(frame) == receive(frame.encode()) == seen


@pytest.mark.parametrize(
    "frame", ["", "{", "[]", "null", "{}", '{"id": 1}', '{"id": {}, "method": "m"}', b"\xff", "\ud800"]
)
def test_junk_is_a_value(frame: str | bytes) -> None:
    assert isinstance(receive(frame), Junk)


def test_requests_are_numbered_and_carry_no_version() -> None:
    connection = jsonrpc.Connection()
    assert connection.request("a", {"x": 1}) == (1, b'{"id":1,"method":"a","params":{"x":1}}')
    assert connection.request("b", None)[0] == 2
    assert jsonrpc.notify("initialized") == b'{"method":"initialized"}'
    assert jsonrpc.respond(0, {}) == b'{"id":0,"result":{}}'
    assert jsonrpc.refuse(0, -1, "no") == b'{"id":0,"error":{"code":-1,"message":"no"}}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
methods = st.sampled_from(
    [*("turn/completed", "item/started", "thread/status/changed", "error", "turn/plan/updated"), "x"]
)
params = st.dictionaries(
    st.sampled_from(["threadId", "turn", "item", "status", "error", "plan", "turnId"]), json_values
)


@given(method=methods, params=params)
def test_no_notification_breaks_us(method: str, params: dict[str, Any]) -> None:
    event_of(method, msgspec.json.encode(params))


@given(line=st.binary() | params.map(msgspec.json.encode))
def test_no_line_of_exec_breaks_us(line: bytes) -> None:
    ExecSummary().after(parse_line(line))


def test_what_is_not_known_is_other() -> None:
    assert event_of("brand/new", b'{"threadId": "t"}') == Other(method="brand/new", thread="t")
    assert event_of("turn/completed", b'{"threadId": "t", "turn": 5}') == Other(
        method="turn/completed", thread="t"
    )
    assert event_of("turn/completed", b"null") == Other(method="turn/completed")
    status = b'{"threadId": "t", "status": {"type": "dreaming", "activeFlags": ["x"], "more": 1}}'
    assert event_of("thread/status/changed", status) == ThreadStatus(
        thread="t", type="dreaming", flags=("x",)
    )
    item = b'{"threadId": "t", "turnId": "u", "item": {"type": "hologram", "id": "i"}}'
    assert event_of("item/completed", item) == ItemCompleted(
        thread="t", turn="u", item=items.OtherItem(id="i", type="hologram")
    )
    broken = b'{"threadId": "t", "turnId": "u", "item": {"type": "fileChange", "id": "i", "changes": 5}}'
    assert event_of("item/completed", broken) == ItemCompleted(
        thread="t", turn="u", item=items.OtherItem(id="i", type="fileChange")
    )


def test_the_kind_of_an_error_is_a_word_or_the_key_of_an_object() -> None:
    info = '{"responseStreamDisconnected": {"httpStatusCode": null}}'
    error = f'"error": {{"message": "cut", "codexErrorInfo": {info}}}'
    notice = event_of("error", f'{{"threadId": "t", "turnId": "u", {error}, "willRetry": true}}'.encode())
    assert notice == ErrorNotice(
        thread="t", turn="u", message="cut", kind="responseStreamDisconnected", retries=True
    )
    ended = event_of(
        "turn/completed",
        f'{{"threadId": "t", "turn": {{"id": "u", "status": "failed", "durationMs": 1500, {error}}}}}'.encode(),
    )
    assert ended == TurnCompleted(
        thread="t",
        turn="u",
        status="failed",
        error="cut",
        error_kind="responseStreamDisconnected",
        seconds=1.5,
    )


def test_a_result_of_another_shape_is_an_error_in_words() -> None:
    with pytest.raises(TmuxorchError, match="Codex answered in a shape that is not known"):
        results.thread_of(Raw(b'{"thread": 5}'))


def test_a_prompt_over_the_limit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(UsageError, match="1048577 characters, Codex takes 1048576"):
        appserver.turn_start("t", "x" * 1_048_577, client_id="T1", cwd="/r", sandbox=appserver.read_only())


def test_every_turn_says_where_it_works_its_sandbox_its_approvals_and_who_reviews_them() -> None:
    params = appserver.turn_start("t", "do", client_id="T1", cwd="/r", sandbox=appserver.read_only())
    assert params == {
        "threadId": "t",
        "clientUserMessageId": "T1",
        "input": [{"type": "text", "text": "do"}],
        "cwd": "/r",
        "sandboxPolicy": {"type": "readOnly", "networkAccess": False},
        "approvalPolicy": "never",
        "approvalsReviewer": "user",
    }


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (items.CommandExecution(command="/bin/bash -lc 'a  b'", exit_code=2), "$ a b (exit 2)"),
        (items.CommandExecution(command="it's"), "$ it's"),
        (items.FileChange(changes=(items.FileUpdate(path="/a", kind="add"),)), "edits /a"),
        (items.McpToolCall(server="lab", tool="echo"), "calls lab.echo"),
        (items.AgentMessage(text="one\ntwo"), "says: one two"),
        (items.Reasoning(summary=("a", "b")), "thinks: b"),
        (items.Reasoning(), "thinks"),
        (items.UserMessage(text="do"), "is told: do"),
        (items.OtherItem(type="webSearch"), "webSearch"),
    ],
)
def test_items_in_words(item: items.ThreadItem, words: str) -> None:
    assert items.describe(item) == words


def test_exec_lines_between_junk() -> None:
    lines = [
        b'{"type":"thread.started","thread_id":"t"}\r\n',
        b"warning: something\n",
        b"\n",
        b'{"type":"turn.started"}\n',
        b'{"type":"item.completed","item":{"id":"i","type":"error","message":"old model"}}\n',
        b'{"type":"error","message":"Reconnecting... 1/2"}\n',
        b'{"type":"item.updated","item":{"type":"todo_list","items":[{"text":"a","completed":true},{"text":"b"}]}}\n',
        b'{"type":"brand.new"}\n',
        b'{"type":"turn.started',
    ]
    told = ExecSummary()
    activities = []
    for line in lines:
        told = told.after(parse_line(line))
        activities.append(told.activity)
    assert (
        activities == [""] * 4 + ["warns: old model", "Reconnecting... 1/2"] + ["has done 1 of 2 steps"] * 3
    )
    assert told == ExecSummary(thread="t", activity="has done 1 of 2 steps", events=6, junk=3)
    failed = told.after(parse_line(b'{"type":"turn.failed","error":{"message":"no"}}'))
    assert (failed.outcome, failed.error) == ("failed", "no")
    used = b'{"type":"turn.completed","usage":{"input_tokens":5,"cached_input_tokens":1}}'
    assert told.after(parse_line(used)).usage == Usage(input=5, cached=1)
    assert parse_line(b'{"type":"item.completed","item":5}') == execstream.ItemChanged(
        stage="completed", item=items.OtherItem(type="")
    )


def test_where_a_request_comes_from_is_empty_when_it_does_not_say() -> None:
    assert approvals.about(b"[]") == approvals.about(b"{}") == approvals.About()

"""Which words of Codex say that another try may help, read without it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxorch.codex.failures import last_words, may_pass

URL = "url: http://127.0.0.1:1/v1/responses"
LOG = "2026-11-30T04:23:00.860901Z ERROR codex_core::session: Failed to create session: conflict\n"
TRACE = "\nStack backtrace:\n   0: <unknown>\n   1: <unknown>\n"

PASSING = [
    "exceeded retry limit, last status: 429 Too Many Requests",
    "exceeded retry limit, last status: 503 Service Unavailable",
    "rate limit exceeded: Please try again in 1.5s.",
    "We’re currently experiencing high demand, which may cause temporary errors.",
    "Selected model is at capacity. Please try a different model.",
    "stream disconnected before completion: stream closed before response.completed",
    "stream disconnected before completion: idle timeout waiting for SSE",
    "Connection failed: error sending request",
    "Error: thread/resume: thread/resume failed: thread 01a2 already has an active writer (code -32600)",
    *(
        f"unexpected status {status}: m, {URL}"
        for status in (
            *("408 Request Timeout", "425 Too Early", "502 Bad Gateway", "503 Service Unavailable"),
            *("504 Gateway Timeout", "529 <unknown status code>"),
        )
    ),
]

LASTING = [
    "",
    '{"error": {"type": "invalid_request_error", "message": "Connection failed: no"}}',
    "You’ve hit your usage limit. Try again later.",
    "Quota exceeded. Check your plan and billing details.",
    "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.",
    "Codex ran out of room in the model's context window. Start a new thread or clear earlier history.",
    "Incomplete response returned, reason: max_output_tokens",
    "stream disconnected before completion: Incomplete response returned, reason: content_filter",
    "Missing environment variable: `KEY`.",
    "Error: Model provider `nope` not found",
    "Error: thread/resume: thread/resume failed: no rollout found for thread id 01a2 (code -32600)",
    "exceeded retry limit, last status: 401 Unauthorized",
    *(
        f"unexpected status {status}: m, {URL}"
        for status in (
            *("401 Unauthorized", "402 Payment Required", "403 Forbidden", "404 Not Found"),
            *("409 Conflict", "413 Payload Too Large", "501 Not Implemented"),
        )
    ),
]


@pytest.mark.parametrize("words", PASSING)
def test_what_may_pass(words: str) -> None:
    assert may_pass(words)
    assert not may_pass(f"it said: {words}")  # quoted by somebody else, not said by Codex


@pytest.mark.parametrize("words", LASTING)
def test_what_stays_as_it_is(words: str) -> None:
    assert not may_pass(words)


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("", ""),
        ("Reading additional input from stdin...\n", "Reading additional input from stdin..."),
        (f"{LOG}{LOG}", LOG.strip()),
        (
            f"Reading additional input from stdin...\n{LOG}Error: no such\nthing\n{TRACE}",
            "Error: no such thing",
        ),
        ("Output schema file a is not valid JSON", "Output schema file a is not valid JSON"),
    ],
)
def test_last_words_are_without_log_and_backtrace(stderr: str, words: str) -> None:
    assert last_words(stderr) == words


@given(text=st.text())
def test_it_never_fails(text: str) -> None:
    assert "\n" not in last_words(text)
    may_pass(text)

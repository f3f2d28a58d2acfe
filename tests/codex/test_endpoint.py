"""Addresses of App Servers: what is understood, what is refused, and that a refusal repeats no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmuxorch.codex.endpoint import Endpoint, check_token, parse
from tmuxorch.errors import UsageError

SECRET = "hush-7f3a"


@pytest.mark.parametrize(
    ("text", "endpoint", "whole"),
    [
        ("unix:///run/app.sock", Endpoint(path="/run/app.sock"), "unix:///run/app.sock"),
        ("ws://127.0.0.1:4500", Endpoint(host="127.0.0.1", port=4500), "ws://127.0.0.1:4500"),
        ("ws://127.0.0.1:4500/", Endpoint(host="127.0.0.1", port=4500), "ws://127.0.0.1:4500"),
        ("wss://Box.example:443", Endpoint(host="box.example", port=443, secure=True), "wss://box.example:443"),
        ("ws://[::1]:4500", Endpoint(host="::1", port=4500), "ws://[::1]:4500"),
    ],
)  # fmt: skip
def test_an_address_is_taken_apart_and_put_together(text: str, endpoint: Endpoint, whole: str) -> None:
    assert parse(text) == endpoint
    assert str(endpoint) == whole
    assert parse(whole) == endpoint


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse("unix://~/app.sock").path == str(tmp_path / "app.sock")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http://box:80", "http://box:80 is of no known kind"),
        ("box:4500", "box:4500 is of no known kind"),
        ("ws://", "ws:// is not a host and a port alone"),
        ("unix://app.sock", "unix://app.sock names no whole path"),
        ("unix://", "unix:// names no whole path"),
        ("ws://box", "ws://box is not a host and a port alone"),
        ("ws://:4500", "ws://:4500 is not a host and a port alone"),
        ("ws://box:4500/deep", "ws://box:4500/deep is not a host and a port alone"),
        ("ws://box:99999", "ws://box:99999 has no valid host and port"),
        ("ws://box:port", "ws://box:port has no valid host and port"),
        ("ws://bo x:1", "it holds spaces or control characters"),
        ("ws://box\n:1", "it holds spaces or control characters"),
        (f"ws://ann:{SECRET}@box:1", "it holds more than a host and a port"),
        (f"ws://box:1?token={SECRET}", "it holds more than a host and a port"),
        (f"ws://box:1#{SECRET}", "it holds more than a host and a port"),
        (f"ws://ann:{SECRET}@box:x", "ws:… has no valid host and port"),
        (f"http://ann:{SECRET}@box:1", "http:… is of no known kind"),
    ],
)
def test_what_is_wrong_is_said_without_what_may_be_secret(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.message == message
    assert caught.value.hint
    assert SECRET not in caught.value.hint


@pytest.mark.parametrize("text", ["wss://box:1", "ws://127.0.0.9:1", "ws://localhost:1", "ws://[::1]:1"])
def test_a_token_goes_to_tls_and_to_this_machine(text: str) -> None:
    check_token(text, "TOKEN_1")


@pytest.mark.parametrize(
    ("text", "variable", "message"),
    [
        ("ws://box:1", "TOKEN", "a token is not sent to ws://box:1 in the clear"),
        ("ws://127.0.0.1.box:1", "TOKEN", "a token is not sent to ws://127.0.0.1.box:1 in the clear"),
        ("unix:///s", "TOKEN", "a Unix socket takes no token"),
        ("", "TOKEN", "token_env is of no use without an endpoint"),
        ("wss://box:1", SECRET, "token_env is no name of an environment variable"),
    ],
)
def test_and_nowhere_else(text: str, variable: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_token(text, variable)
    assert caught.value.message == message
    assert SECRET not in caught.value.hint

"""The model as its own process: banner, port file, a line per request, an end on every signal."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.waiting import until

HELLO = "rules: [{match: hello, steps: [[{do: message, text: '(scripted) hello yourself'}]]}]"


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    (folder / "hello.yaml").write_text(HELLO)
    port = folder / "port"
    command = [
        sys.executable,
        "-m",
        "tmuxorch.demo.model",
        "--port-file",
        str(port),
        str(folder / "hello.yaml"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            until(port.exists, what="the port file")
            yield process, int(port.read_text())
        finally:
            process.kill()


def ask(port: int, text: str) -> str:
    prompt = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    return post(port, json.dumps({"input": [prompt]}))[1]


def post(port: int, body: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", "/v1/responses", body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_says_what_it_is_and_what_it_answers_and_ends_on_a_signal(number: int, tmp_path: Path) -> None:
    with running(tmp_path) as (process, port):
        assert "(scripted) hello yourself" in ask(port, "hello\x1b[2J you")
        process.send_signal(number)
        printed, _ = process.communicate(timeout=20)
        assert process.returncode == 0
    banner, line = printed.splitlines()
    assert banner == "SCRIPTED MODEL — not a language model; answers come from hello.yaml"
    assert line.endswith("- · hello�[2J you · step 1 of 1 → message")


def test_what_is_no_request_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as (_, port):
        for body in ("", "[]", "{}", '{"input": 1}', '{"input": [1]}', '{"input": [{}]}'):
            assert post(port, body)[0] == 400
        assert "no rule of this scenario" in ask(port, "good morning")


def test_a_bad_scenario_ends_it_with_the_reason(tmp_path: Path) -> None:
    bad, port = tmp_path / "bad.yaml", tmp_path / "port"
    bad.write_text("rules: 1")
    command = [sys.executable, "-m", "tmuxorch.demo.model", "--port-file", str(port), str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (2, f"{bad}:1: Expected `array`, got `int` - at `$.rules`\n")
    assert not port.exists()


def test_a_watching_screens_wish_for_a_title_is_no_turn(tmp_path: Path) -> None:
    prompt = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    wanted = {"format": {"type": "json_schema", "schema": {"properties": {"title": {"type": "string"}}}}}
    with running(tmp_path) as (_, port):
        status, answer = post(port, json.dumps({"input": [prompt], "text": wanted}))
    assert status == 200
    assert "Scripted model" in answer
    assert "hello yourself" not in answer

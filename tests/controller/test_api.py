"""The socket: who may speak, what is understood, and that no client can harm another."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.controller.conftest import Begin
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.cli.client import connect
from tmuxorch.controller.api.server import LINE_LIMIT

STRANGER = """\
import socket, sys
stranger = socket.socket(socket.AF_UNIX)
stranger.connect(sys.argv[1])
print("connected")
try:
    stranger.sendall(b'{"id": 1, "method": "hello", "params": {"api": 1}}\\n')
    print(stranger.recv(100).decode(), end="")
except OSError:
    pass
"""
"""Says hello and prints what it hears."""


class Wire:
    """A connection on which anything can be said."""

    def __init__(self, lab: Project) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(20)
        self._socket.connect(str(lab.paths.socket))
        self._lines = self._socket.makefile("rb")

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hear(self) -> Any:
        """The next message; None when the controller has hung up."""
        try:
            line = self._lines.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line else None

    def ask(self, method: str, **params: object) -> Json:
        self.say(json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode() + b"\n")
        found: Json = self.hear()
        assert found["id"] == 7
        return found

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


@pytest.fixture
def wire(lab: Project) -> Iterator[Wire]:
    with contextlib.closing(Wire(lab)) as made:
        yield made


@pytest.fixture
def greeted(wire: Wire) -> Wire:
    assert wire.ask("hello", api=1)["result"]["api"] == 1
    return wire


def code(reply: Json) -> str:
    """The code of an error."""
    assert reply["error"]["code"] == -32000
    found: str = reply["error"]["data"]["code"]
    return found


def test_hello_says_who_the_controller_is(lab: Project, wire: Wire) -> None:
    result = wire.ask("hello", api=1)["result"]
    assert set(result) == {"api", "version", "pid", "since", "project"}
    told = lab.call("status")["project"]["controller"]["pid"]
    assert (result["pid"], result["project"]) == (told, str(lab.directory))


@pytest.mark.parametrize("api", [0, 2])
def test_a_client_of_another_version_is_told_so_and_nothing_else(wire: Wire, api: int) -> None:
    refusal = wire.ask("hello", api=api)
    assert code(refusal) == "refused"
    assert f"speaks version 1 of the API, not {api}" in refusal["error"]["message"]
    assert code(wire.ask("status")) == "usage"
    assert "result" in wire.ask("hello", api=1)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (b"status please\n", "the request is not understood"),
        (b"\n", "the request is not understood"),
        (b"[]\n", "the request is not understood"),
        (b'{"id": 1}\n', "`method`"),
        (b'{"id": {}, "method": "status"}\n', "`$.id`"),
        (b'{"id": 1, "method": "reboot"}\n', "no method 'reboot'"),
        (b'{"id": 1, "method": "show", "params": {"id": "C1", "now": true}}\n', "`now`"),
        (b'{"id": 1, "method": "show"}\n', "`id`"),
        (b'{"id": 1, "method": "show", "params": null}\n', "Expected `object`"),
        (b'{"id": 1, "method": "show", "params": {"id": 1}}\n', "`$.id`"),
        (b'{"id": 1, "method": "show", "params": {"id": "\xff"}}\n', "the request is not understood"),
        (
            b'{"id": 1, "method": "status", "params": ' + b"[" * 100_000 + b"}\n",
            "the request is not understood",
        ),
    ],
)
def test_what_is_not_understood_is_an_error_and_the_connection_goes_on(
    greeted: Wire, said: bytes, complaint: str
) -> None:
    greeted.say(said)
    refusal = greeted.hear()
    assert code(refusal) == "usage"
    assert complaint in refusal["error"]["message"]
    assert "result" in greeted.ask("status")


def test_a_request_that_is_too_long_is_refused_and_harms_nobody(lab: Project, greeted: Wire) -> None:
    with contextlib.suppress(ConnectionError):
        for _ in range(LINE_LIMIT // 2**20 + 2):
            greeted.say(b" " * 2**20)
    refusal = greeted.hear()
    assert code(refusal) == "usage"
    assert "longer than" in refusal["error"]["message"]
    assert greeted.hear() is None
    assert lab.call("status")["children"]


def test_the_longest_prompt_there_can_be_is_no_matter_of_the_socket(greeted: Wire) -> None:
    answer = greeted.ask("ask", name="app", prompt="\x01" * 1_048_577)
    assert code(answer) == "usage"
    assert "characters, Codex takes" in answer["error"]["message"]


def test_requests_run_side_by_side(greeted: Wire) -> None:
    greeted.say(b'{"id": "slow", "method": "next", "params": {"timeout": 20}}\n')
    assert "result" in greeted.ask("status")


def test_who_asks_several_at_once_is_told_of_its_own(lab: Project) -> None:
    """Requests that come together are decided together: each is told of what it has begun, not of what came last."""
    wanted = ["app", "other"] * 3
    asked = {"do": "Say.", "expect": "A word."}
    with connect(lab.paths) as client:
        turns = [client.send("ask", {"name": name, "prompt": "say hello", "wait": False}) for name in wanted]
        cards = [client.send("ask_human", {"title": f"card {number}", **asked}) for number in range(4)]
        while not all(map(client.answered, [*turns, *cards])):
            client.pump()
        begun = [client.taken(number)["turn"] for number in turns]
        opened = [client.taken(number) for number in cards]
        for card in opened:
            client.call("answer", {"id": card["id"], "text": "yes"})
        for name in begun:
            client.call("turn", {"id": name, "timeout": 30})
        agents = [client.call("turn", {"id": name})["agent"] for name in begun]
    assert (agents, len(set(begun))) == (wanted, len(wanted))
    assert [card["title"] for card in opened] == [f"card {number}" for number in range(4)]


def test_only_the_user_can_reach_the_socket(lab: Project) -> None:
    for path, mode in ((lab.paths.socket, 0o600), (lab.paths.socket.parent, 0o700), (lab.paths.state, 0o700)):
        found = path.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (mode, os.getuid())
    if os.getuid() != 0:
        return  # only root can be somebody else, and see that the modes are not all that keeps them out
    opened = [path for path in (lab.paths.socket, *lab.paths.socket.parents) if path != Path("/")]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in opened}
    try:
        for path, mode in modes.items():
            path.chmod(mode | 0o777)
        done = subprocess.run(
            ["/usr/bin/env", "python3", "-c", STRANGER, str(lab.paths.socket)],
            capture_output=True,
            text=True,
            check=False,
            user=65534,
            group=65534,
            cwd="/",
            env={"PATH": os.environ["PATH"]},
        )
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert done.stdout == "connected\n", done
    assert lab.call("status")["children"]


def test_a_subscription_tells_of_changes_gathered_and_ends_with_the_truth(
    lab: Project, greeted: Wire
) -> None:
    greeted.say(b'{"id": 1, "method": "subscribe"}\n')
    begin = time.monotonic()
    assert greeted.hear() == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert greeted.hear()["method"] == "changed", "the first comes at once"
    before = len(lab.events())
    for number in range(12):
        lab.call("ask", name="other", prompt=f"say n{number}")
    changes = len(lab.events()) - before
    told: list[Json] = []
    while not told or told[-1]["params"]["status"]["children"] != lab.call("status")["children"]:
        told.append(greeted.hear())
    seconds = time.monotonic() - begin
    assert changes >= 36
    assert len(told) <= seconds / 0.1 + 1
    assert set(told[-1]["params"]) == {"status", "activity", "heard"}


def test_fifty_who_wait_for_the_next_checkpoint_all_get_it(lab: Project, begin: Begin) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(lab.paths)) for _ in range(50)]
        numbers = [client.send("next", {"timeout": 60}) for client in clients]
        begin("command-fifty")
        found = []
        for client, number in zip(clients, numbers, strict=True):
            while not client.answered(number):
                client.pump()
            found.append(client.taken(number))
        assert found == [found[0]] * 50
        assert found[0]["kind"] == "approval"


def test_nothing_is_left_of_clients_that_hang_up_while_they_wait(lab: Project) -> None:
    path = str(lab.paths.socket)

    def connections() -> int:
        """What the controller has of its clients, by the kernel's table."""
        return sum(line.endswith(f" {path}") for line in Path("/proc/net/unix").read_text().splitlines()) - 1

    clients = [connect(lab.paths) for _ in range(20)]
    for client in clients:
        client.send("next", {})
        client.send("wait", {"ids": []})
        client.send("subscribe", {})
    until(lambda: connections() >= 20, what="twenty connections")
    for client in clients:
        client.close()
    until(lambda: connections() == 0, what="the end of twenty connections")
    assert "Traceback" not in lab.paths.controller_log.read_text()

"""The client against scripted controllers: pieces, disorder, silence, other versions, an end in the middle."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tmuxorch.cli.client import OtherVersion, connect, dial, is_older
from tmuxorch.errors import ControllerUnavailable, NotFound
from tmuxorch.store.paths import ProjectPaths

HELLO = {"api": 1, "version": "0.1.0", "pid": 1, "since": "", "project": ""}

Script = Callable[[list[dict[str, Any]]], list[bytes]]


def reply(request: dict[str, Any], result: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode() + b"\n"


@pytest.fixture
def controller(tmp_path: Path) -> Iterator[Callable[[Script], ProjectPaths]]:
    """Listens for one project; `script` gets all requests so far, and returns what to send; nothing hangs up."""
    paths = ProjectPaths(tmp_path)
    paths.ensure()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(paths.bind_socket()))
    threads: list[threading.Thread] = []

    def serve(script: Script) -> None:
        listener.listen()
        connection, _ = listener.accept()
        # Who gave up waiting has hung up.
        with connection, connection.makefile("rb") as lines, suppress(ConnectionError):
            seen = []
            for line in lines:
                seen.append(json.loads(line))
                sent = script(seen)
                for piece in sent:
                    connection.sendall(piece)
                if not sent:
                    return

    def start(script: Script) -> ProjectPaths:
        threads.append(threading.Thread(target=serve, args=(script,)))
        threads[-1].start()
        while not threads[-1].is_alive():
            pass
        return paths

    listener.listen()
    yield start
    for thread in threads:
        thread.join(timeout=20)
    listener.close()


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(ControllerUnavailable) as caught:
        connect(ProjectPaths(tmp_path))
    assert caught.value.hint == "tmuxorch up"


def test_replies_in_pieces_and_out_of_order(controller: Callable[[Script], ProjectPaths]) -> None:
    def script(seen: list[dict[str, Any]]) -> list[bytes]:
        match len(seen):
            case 1:
                return [bytes([byte]) for byte in reply(seen[0], HELLO)]
            case 2:
                return [b'{"jsonrpc":"2.0","method":"changed","params":{"status":1}}\n']
            case _:
                return [reply(seen[2], "second") + reply(seen[1], "first")]

    with connect(controller(script)) as client:
        first, second = client.send("a"), client.send("b")
        while not (client.answered(first) and client.answered(second)):
            client.pump()
        assert (client.taken(first), client.taken(second)) == ("first", "second")
        assert list(client.notes()) == [{"status": 1}]


def test_an_error_comes_back_as_what_it_was(controller: Callable[[Script], ProjectPaths]) -> None:
    def script(seen: list[dict[str, Any]]) -> list[bytes]:
        if len(seen) == 1:
            return [reply(seen[0], HELLO)]
        inner = {"code": "not_found", "message": "no checkpoint 'C9'", "hint": "tmuxorch checkpoints"}
        error = {"code": -32000, "message": "x", "data": inner}
        return [json.dumps({"id": seen[-1]["id"], "error": error}).encode() + b"\n"]

    with connect(controller(script)) as client, pytest.raises(NotFound, match="C9") as caught:
        client.call("show", {"id": "C9"})
    assert caught.value.hint == "tmuxorch checkpoints"


def test_a_controller_that_ends_in_the_middle(controller: Callable[[Script], ProjectPaths]) -> None:
    def script(seen: list[dict[str, Any]]) -> list[bytes]:
        return [reply(seen[0], HELLO)] if len(seen) == 1 else []

    with connect(controller(script)) as client, pytest.raises(ControllerUnavailable, match="ended"):
        client.call("status")


def test_a_controller_of_another_api(controller: Callable[[Script], ProjectPaths]) -> None:
    def script(seen: list[dict[str, Any]]) -> list[bytes]:
        inner = {"code": "refused", "message": "this controller speaks API 2", "hint": ""}
        return [
            json.dumps({"id": 1, "error": {"code": -32000, "message": "", "data": inner}}).encode() + b"\n"
        ]

    with pytest.raises(OtherVersion, match="API 2"):
        connect(controller(script))


def test_a_controller_that_does_not_answer(
    controller: Callable[[Script], ProjectPaths], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tmuxorch.cli.client.GREETING_TIME", 0.05)
    with pytest.raises(ControllerUnavailable, match="does not answer"):
        connect(controller(lambda seen: [b" "]))


def test_a_stale_socket_is_no_controller(tmp_path: Path) -> None:
    paths = ProjectPaths(tmp_path)
    paths.ensure()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(paths.bind_socket()))
    listener.close()
    with pytest.raises(ControllerUnavailable):
        dial(paths)


def test_which_version_is_older(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_older("0.0.9")
    assert not is_older("0.1.0")
    assert not is_older("0.10.0")
    assert is_older("")
    monkeypatch.setattr("tmuxorch.cli.client.__version__", "0.10.0")
    assert is_older("0.9.0")

"""App Servers that run already: reached on a socket or a port, by whoever has the token; and who holds a thread."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codex.foreign import TOKEN, Foreign
from tests.codex.live import Bench, Client, Server, connected
from tests.codex.tinymodel import say
from tmuxorch.codex import appserver, results
from tmuxorch.codex.jsonrpc import RequestError
from tmuxorch.controller.appserver import AppServerLink, CallRefused
from tmuxorch.controller.dialing import AccessDenied, LinkLost, token_of
from tmuxorch.controller.writers import REFUSAL, Writer, blamed, explanation, safe_command, writers
from tmuxorch.errors import UsageError


async def link(address: str, token: str = "") -> AppServerLink:
    return await AppServerLink.connect(
        address,
        token=token,
        on_frame=lambda _: None,
        on_notification=lambda _: None,
        on_request=lambda _: None,
    )


@pytest.fixture(scope="module")
def web(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """A server on a port that wants a token."""
    with Foreign(tmp_path_factory.mktemp("w"), bench.environment, web=True, token=TOKEN) as server:
        yield server


async def test_a_port_lets_in_who_shows_the_token(web: Foreign, bench: Bench) -> None:
    connection = await link(web.endpoint, TOKEN)
    assert connection.home == str(bench.home)
    await connection.call(appserver.THREAD_START, appserver.thread_start(str(bench.repo)))
    await connection.close()


@pytest.mark.parametrize(("token", "said"), [("", "wants a token"), ("wrong-1", "does not take the token")])
async def test_and_nobody_else(web: Foreign, token: str, said: str) -> None:
    with pytest.raises(AccessDenied) as caught:
        await link(web.endpoint, token)
    assert f"the App Server at {web.endpoint} {said}" in caught.value.message
    assert "wrong-1" not in repr(caught.value)
    assert caught.value.__cause__ is None


async def test_whether_it_is_ready_is_told_without_a_token(web: Foreign) -> None:
    ready = web.endpoint.replace("ws", "http", 1) + "/readyz"
    with await asyncio.to_thread(urllib.request.urlopen, ready) as answer:
        assert answer.status == 200


async def test_a_socket_wants_no_token_whatever_its_server_is_told(bench: Bench, tmp_path: Path) -> None:
    with Foreign(tmp_path, bench.environment, token=TOKEN) as server:
        await (await link(server.endpoint)).close()


async def test_the_tools_of_a_thread_are_chosen_by_whoever_starts_it(bench: Bench, tmp_path: Path) -> None:
    with Foreign(tmp_path, bench.environment) as server:
        client = await connected(tmp_path / "foreign.sock")
        assert server.alive
        tools = []
        for config in (None, appserver.TOOLS):
            start = appserver.thread_start(str(bench.repo), config=config)
            started = await client.link.call(appserver.THREAD_START, start)
            client.thread = results.thread_of(started).id
            await client.ended(await client.turn(say("hello"), client_id=f"tools {config is None}"))
            tools.append({tool.get("name") for tool in bench.model.requests[-1]["tools"]})
        await client.link.close()
    assert {"update_plan", "request_permissions"} <= tools[1] - tools[0]


async def test_a_process_started_anew_does_not_have_the_thread_loaded(own: Bench) -> None:
    async def status(client: Client, thread: str) -> str:
        read = await client.link.call(appserver.THREAD_READ, appserver.thread_read(thread))
        return results.thread_of(read).status

    with Server(own) as server:
        first = await connected(own.socket)
        await first.start_thread(own)
        await first.ended(await first.turn(say("hello")))
        await first.link.close()
        second = await connected(own.socket)
        assert await status(second, first.thread) == "idle", "though nobody was connected"
        server.kill()
        await second.link.close()
    with Server(own):
        third = await connected(own.socket)
        assert await status(third, first.thread) == "notLoaded"
        await third.link.close()


async def test_a_socket_is_reached_by_its_endpoint_too(server: Server, bench: Bench) -> None:
    await (await connected(bench.socket)).link.close()
    connection = await link(f"unix://{bench.socket}")
    assert connection.version >= (0, 163, 0)
    await connection.close()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("unix:///nowhere/app.sock", "no App Server answers at unix:///nowhere/app.sock: No such file or directory"),
        ("ws://127.0.0.1:1", "no App Server answers at ws://127.0.0.1:1: Connection refused"),
        ("ws://host.invalid:1", r"no App Server answers at ws://host\.invalid:1: .+"),
    ],
)  # fmt: skip
async def test_nobody_there_is_told_with_the_address(address: str, reason: str) -> None:
    with pytest.raises(LinkLost, match=f"^{reason}$"):
        await link(address)


async def test_something_else_that_listens_is_told_so() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as other:
        address = f"ws://127.0.0.1:{other.sockets[0].getsockname()[1]}"
        with pytest.raises(LinkLost, match=f"what listens at {address} is no App Server"):
            await link(address, TOKEN)
        secure = address.replace("ws", "wss", 1)
        with pytest.raises(LinkLost, match=f"no App Server answers at {secure}: .*SSL"):
            await link(secure, TOKEN)


def test_a_refusal_in_a_servers_words_is_harmless() -> None:
    error = CallRefused("m", RequestError(id=1, code=1, message="\x1b[2J\n" + "x" * 10_000))
    assert error.message.startswith("Codex refused m: \\x1b[2J\\nxxx")
    assert len(error.message) < 3000


def test_a_token_comes_from_its_variable() -> None:
    assert token_of("", {}) == ""
    assert token_of("T", {"T": f"{TOKEN}\n"}) == TOKEN
    with pytest.raises(UsageError, match=r"the environment variable T, .* is not set"):
        token_of("T", {"T": " "})
    for bad in ("two words", "line\nbreak", "é"):
        with pytest.raises(UsageError, match="what T holds cannot be a token") as caught:
            token_of("T", {"T": bad})
        assert bad not in str(caught.value)


async def test_who_holds_a_thread_is_found(codex: Client, server: Server, bench: Bench, own: Bench) -> None:
    await codex.ended(await codex.turn(say("hello")))
    own.environment = bench.environment
    with Server(own):
        other = await connected(own.socket)
        with pytest.raises(CallRefused, match=REFUSAL):
            await other.resume(codex.thread)
        await other.link.close()
    (writer,) = writers(Path(codex.link.home), codex.thread)
    assert writer.pid == server.process.pid
    assert "codex app-server --listen unix://" in writer.command
    told = explanation("backend", codex.thread, [writer], lambda pid: f"app-of-{pid}")
    assert f"process {writer.pid} in window app-of-{writer.pid}: " in told
    assert told.endswith(f"type kill {writer.pid}. Then type: tmuxorch child restart backend")


async def test_a_thread_that_nobody_holds_and_one_that_is_none(codex: Client, bench: Bench) -> None:
    assert writers(bench.home, "0-0") == []
    assert writers(bench.home, "../../config") == []
    assert writers(bench.home / "none", codex.thread) == []
    told = explanation("backend", codex.thread, [], lambda pid: "")
    assert "a process that cannot be seen" in told
    assert told.endswith("End that process. Then type: tmuxorch child restart backend")


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["codex", "resume", "x"], "codex resume x"),
        (
            ["codex", "-c", f"a.http_headers.Authorization={TOKEN}"],
            "codex -c a.http_headers.Authorization•••",
        ),
        (["x", "--api-key", TOKEN, "on"], "x --api-key ••• on"),
        (["x", f"--token={TOKEN}"], "x --token•••"),
        (["x", "\x1b[31m\u202e\n"], "x \\x1b[31m\\u202e\\n"),
    ],
)
def test_a_command_line_is_harmless_when_it_is_shown(argv: list[str], shown: str) -> None:
    assert safe_command(argv) == shown
    assert len(safe_command(["x" * 1000])) == 160


async def test_a_worker_is_told_who_holds_its_thread(codex: Client, server: Server, bench: Bench) -> None:
    refusal = f"Error: thread {codex.thread} {REFUSAL} (code -32600)"
    told = blamed(refusal, bench.home, lambda pid: "app-a")
    assert told.startswith(f"thread {codex.thread} {REFUSAL}: process {server.process.pid} in window app-a: ")
    unseen = blamed(f"thread 0-0 {REFUSAL}", bench.home, lambda pid: "")
    assert unseen.startswith(f"thread 0-0 {REFUSAL}: a process that cannot be seen")
    assert blamed("exit status 1", bench.home, lambda pid: "") == "exit status 1"


def test_a_writer_whose_command_line_is_hidden() -> None:
    told = explanation("b", "t", [Writer(pid=7, command="")], lambda pid: "")
    assert re.search(r"process 7: \(unknown\)$", told, re.M)

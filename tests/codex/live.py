"""The real Codex for these tests: a home of its own, an App Server, and a client that remembers what it
got."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tests.codex.tinymodel import Step, TinyModel, tell
from tests.waiting import STEP, auntil
from tmuxorch.codex import approvals, appserver, binary, execargs, results
from tmuxorch.codex.card import Answer
from tmuxorch.codex.jsonrpc import ServerRequest
from tmuxorch.codex.notifications import ServerEvent, TurnCompleted
from tmuxorch.controller.appserver import AppServerLink
from tmuxorch.controller.dialing import LinkLost

T = TypeVar("T")

NO_SNAPSHOT = "features.shell_snapshot = false\n"
"""Says that no login shell is started with each thread, for how it is set up."""

CONFIG = f"""\
model = "gpt-5.5"
model_provider = "tiny"
check_for_update_on_startup = false
features.plugins = false
{NO_SNAPSHOT}[analytics]
enabled = false
[model_providers.tiny]
name = "tiny"
base_url = "{{url}}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
supports_websockets = false
[mcp_servers.lab]
command = "{{python}}"
args = ["{{mcp}}"]
"""


class Bench:
    """A Codex home below `directory` whose model is `model`, and a git repo without a commit."""

    def __init__(self, directory: Path, model: TinyModel) -> None:
        self.model = model
        self.binary = binary.find()
        self.home = directory / "codex"
        self.repo = directory / "repo"
        self.socket = directory / "app.sock"
        self.environment = os.environ | {"CODEX_HOME": str(self.home), "HOME": str(self.home)}
        self.home.mkdir(mode=0o700)
        self.config = self.home / "config.toml"
        mcp = Path(__file__).with_name("tinymcp.py")
        self.config.write_text(CONFIG.format(url=model.url, python=sys.executable, mcp=mcp))
        subprocess.run(["git", "init", "-q", str(self.repo)], check=True)

    def run(self, argv: list[str], prompt: str = "") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            argv, input=prompt.encode(), cwd=self.repo, env=self.environment, capture_output=True, timeout=60
        )


class Server:
    """A real App Server on the bench's socket, ended with the `with` block."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def __enter__(self) -> Server:
        self._log = (self.bench.home / "server.log").open("ab")
        self.process = subprocess.Popen(
            execargs.app_server(self.bench.binary, self.bench.socket),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            cwd=self.bench.repo,
            env=self.bench.environment,
            start_new_session=True,
        )
        return self

    def __exit__(self, *exc: object) -> None:
        for _ in range(2):  # the first makes it wait for running turns, the second end
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.send_signal(signal.SIGTERM)
                self.process.wait(0.5)
                break
        self.kill()

    def kill(self) -> None:
        """As by `kill -9`, the commands that it runs included."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()


class Client:
    """A link that remembers every frame, event and request, and one thread that it talks to."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.events: list[ServerEvent] = []
        self.requests: list[ServerRequest] = []
        self.thread = self.cwd = ""
        self.link: AppServerLink
        self._turns = 0

    async def connect(self, socket: Path) -> Client:
        self.link = await AppServerLink.connect(
            str(socket),
            on_frame=self.frames.append,
            on_notification=self.events.append,
            on_request=self.requests.append,
        )
        return self

    async def start_thread(self, bench: Bench) -> None:
        result = await self.link.call(appserver.THREAD_START, appserver.thread_start(str(bench.repo)))
        thread = results.thread_of(result)
        self.thread, self.cwd = thread.id, thread.cwd

    async def resume(self, thread: str) -> results.Thread:
        result = await self.link.call(appserver.THREAD_RESUME, appserver.thread_resume(thread))
        resumed = results.thread_of(result)
        self.thread, self.cwd = thread, resumed.cwd
        return resumed

    async def turn(self, *steps: Step, writes: bool = False, **more: Any) -> results.Turn:
        """Starts a turn in which the model does `steps`; its client id is T1, T2…"""
        self._turns += 1
        params: dict[str, Any] = {
            "client_id": f"T{self._turns}",
            "cwd": self.cwd,
            "sandbox": appserver.workspace_write() if writes else appserver.read_only(),
            "approval": "on-request",
        } | more
        params = appserver.turn_start(self.thread, tell(*steps), **params)
        return results.turn_of(await self.link.call(appserver.TURN_START, params))

    async def turns(self) -> tuple[results.Turn, ...]:
        result = await self.link.call(appserver.TURNS_LIST, appserver.turns_list(self.thread, full=True))
        return results.turns_of(result)

    async def seen(self, kind: type[T], fits: Callable[[T], bool] = lambda _: True) -> T:
        """The first event of this kind that fits, waiting for it."""

        def found() -> list[T]:
            return [event for event in self.events if isinstance(event, kind) and fits(event)]

        return (await auntil(found, what=f"{kind.__name__}; frames: {self.frames[-3:]}"))[0]

    async def ended(self, turn: results.Turn) -> TurnCompleted:
        return await self.seen(TurnCompleted, lambda event: event.turn == turn.id)

    async def request(self, number: int = 1) -> ServerRequest:
        """The `number`-th request that this client was sent, waiting for it."""
        await auntil(lambda: len(self.requests) >= number, what=f"a request; frames: {self.frames[-3:]}")
        return self.requests[number - 1]

    async def answer(self, request: ServerRequest, choice: str = "", text: str = "", **values: str) -> None:
        answer = Answer(choice=choice, text=text, values=values)
        await self.link.respond(request.id, approvals.reply(request.method, request.params, answer))

    def params(self, request: ServerRequest) -> dict[str, Any]:
        params: dict[str, Any] = msgspec.json.decode(request.params)
        return params


async def connected(socket: Path) -> Client:
    """A client of the server on `socket`, waiting for the server to come up."""
    await auntil(socket.exists, what="the server's socket")
    async with asyncio.timeout(20):
        while True:  # after a kill -9 the old socket is still there while the next server starts
            with contextlib.suppress(LinkLost):
                return await Client().connect(socket)
            await asyncio.sleep(STEP)


@contextlib.asynccontextmanager
async def client(bench: Bench) -> AsyncIterator[Client]:
    """A client of the running server with a new thread."""
    made = await connected(bench.socket)
    await made.start_thread(bench)
    yield made
    await made.link.close()

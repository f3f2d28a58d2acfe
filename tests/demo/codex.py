"""The real Codex in a private home, driven as a script would: `exec --json`, and the App Server on stdio."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import codex_cli_bin  # type: ignore[import-untyped]

from tmuxorch.demo import codex_home, scenario
from tmuxorch.demo.model import ModelServer

CODEX = str(codex_cli_bin.bundled_codex_path())
DEADLINE = 60.0


@dataclass(frozen=True)
class Exec:
    """What one `codex exec --json` left behind."""

    code: int
    events: list[dict[str, Any]]

    def items(self, kind: str) -> list[dict[str, Any]]:
        return [e["item"] for e in self.events if e["type"] == "item.completed" and e["item"]["type"] == kind]

    @property
    def message(self) -> str:
        return str(self.items("agent_message")[-1]["text"])

    @property
    def failure(self) -> str:
        return next((e["error"]["message"] for e in self.events if e["type"] == "turn.failed"), "")


@dataclass
class Bench:
    """A scripted model, a Codex home that uses it, and the model's log."""

    server: ModelServer
    env: dict[str, str]
    cwd: Path
    log: list[str]

    def exec_command(self, prompt: str, *options: str, cwd: Path | None = None) -> list[str]:
        where = str(cwd or self.cwd)
        return [CODEX, "exec", "--json", "--skip-git-repo-check", "-C", where, *options, prompt]

    async def exec(self, prompt: str, *options: str, cwd: Path | None = None) -> Exec:
        process = await asyncio.create_subprocess_exec(
            *self.exec_command(prompt, *options, cwd=cwd),
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(DEADLINE):
                out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return Exec(process.returncode or 0, [json.loads(line) for line in out.splitlines()])

    def requests(self, prompt: str) -> int:
        """How often the model was asked about the prompt that begins like this."""
        return sum(f"· {prompt}" in line for line in self.log)


def bench(server: ModelServer, log: list[str], home: Path, cwd: Path) -> Bench:
    """A Codex home under `home` for that server; as few retries as show a difference."""
    environment = codex_home.make(home / "codex", server.base_url, [cwd], request_retries=1, stream_retries=1)
    return Bench(server, {"HOME": str(home), "PATH": os.environ["PATH"], **environment}, cwd, log)


def serving(text: str, log: list[str]) -> ModelServer:
    """A model server of that scenario text, to be entered."""
    return ModelServer(scenario.parse(text, "test.yaml"), log.append)


@dataclass
class AppServer:
    """One `codex app-server` on stdio with one thread."""

    process: asyncio.subprocess.Process
    thread: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    _last_id: int = 0

    async def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        await self.process.stdin.drain()

    async def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        async with asyncio.timeout(DEADLINE):
            line = await self.process.stdout.readline()
        message: dict[str, Any] = json.loads(line)
        self.seen.append(message)
        return message

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        self._last_id += 1
        await self._send({"id": self._last_id, "method": method, "params": params})
        while True:
            message = await self._read()
            if message.get("id") == self._last_id and "method" not in message:
                return message["result"]

    async def until(self, method: str) -> dict[str, Any]:
        while True:
            message = await self._read()
            if message.get("method") == method:
                params: dict[str, Any] = message["params"]
                return params

    async def turn(
        self, prompt: str, reply: Callable[[dict[str, Any]], Any], **options: Any
    ) -> dict[str, Any]:
        """Run one turn to its end, answering each server request with `reply(request)`; the finished turn."""
        text = {"type": "text", "text": prompt}
        await self.call("turn/start", {"threadId": self.thread, "input": [text], **options})
        while True:
            message = await self._read()
            if "id" in message and "method" in message:
                await self._send({"id": message["id"], "result": reply(message)})
            if message.get("method") == "turn/completed":
                turn: dict[str, Any] = message["params"]["turn"]
                return turn

    def messages(self) -> list[str]:
        done = [m["params"]["item"] for m in self.seen if m.get("method") == "item/completed"]
        return [item["text"] for item in done if item["type"] == "agentMessage"]


@asynccontextmanager
async def app_server(bench: Bench, cwd: Path, *options: str) -> AsyncIterator[AppServer]:
    """A started server with a thread in `cwd` that asks before it leaves the sandbox."""
    process = await asyncio.create_subprocess_exec(
        *(CODEX, "app-server", "--listen", "stdio://", *options),
        env=bench.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        limit=1 << 24,
    )
    server = AppServer(process)
    try:
        client = {"name": "test", "title": "test", "version": "0"}
        await server.call("initialize", {"clientInfo": client, "capabilities": {"experimentalApi": True}})
        await server._send({"method": "initialized"})
        started = await server.call(
            "thread/start", {"cwd": str(cwd), "approvalPolicy": "on-request", "sandbox": "workspace-write"}
        )
        server.thread = started["thread"]["id"]
        yield server
    finally:
        assert process.stdin
        process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

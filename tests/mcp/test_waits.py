"""Who waits loses nothing: whichever side is killed meanwhile, each piece of news is told once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import mcp_types as t

from tests import reaping
from tests.e2e.project import Project
from tests.host.hosting import alive
from tests.mcp.client import Client, Json, connected
from tests.mcp.conftest import Make
from tests.waiting import auntil
from tmuxorch.mcp.server import TURN


def begins_worker(project: Project, gate: str) -> str:
    """A worker that ends when that file is there."""
    path = project.directory / gate
    task = f"sh: until test -e {path}; do sleep 0.02; done"
    worker: str = project.call("exec", task=task, label=gate, cd=str(project.directory))["id"]
    return worker


def opens(project: Project, gate: str) -> None:
    (project.directory / gate).touch()


async def told(client: Client, **given: object) -> list[int]:
    """The numbers of the news that the next wait tells."""
    said = await client.call("wait_for_events", **{"timeout_seconds": 60, **given})
    numbers = [one["number"] for one in said["news"]]
    assert said["cursor"] == (numbers[-1] if numbers else said["cursor"])
    return numbers


async def test_nothing_is_lost_whoever_is_killed(make_project: Make) -> None:
    project = make_project()
    cursor = the_client_is_killed(project)
    async with connected(project.directory, project.environ) as client:
        numbers = await told(client, since=cursor)
        numbers += await the_controller_is_killed(project, client)
        assert await told(client, timeout_seconds=0) == []
        assert numbers == list(range(cursor + 1, numbers[-1] + 1))
        assert await told(client, since=cursor) == numbers
        await a_turn_is_interrupted(project, client)
        pid = project.controller_pid()
        project.kill_controller()
        # Once its server has seen that, it does not wait for another controller.
        await auntil(lambda: not alive(pid), what="the end of the controller")
        assert "a person types: tmuxorch up" in await client.refused("status")
    await auntil(lambda: not servers(project), what="the end of the server")


def servers(project: Project) -> list[str]:
    """The MCP servers of the project that run."""
    own = f"{project.directory} mcp"
    return [line for line in reaping.processes_of(Path(os.environ["HOME"])).values() if own in line]


def the_client_is_killed(project: Project) -> int:
    """In the midst of a wait, as its server sees it: nobody is at the other end of the pipes. Then something happens.
    Up to where it had heard."""
    worker = begins_worker(project, "one")
    with subprocess.Popen(
        [sys.executable, "-m", "tmuxorch", "-C", str(project.directory), "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=project.environ,
        text=True,
    ) as server:
        assert server.stdin
        assert server.stdout
        for sent in (
            {"id": 0, "method": "initialize", "params": CLIENT},
            {"method": "notifications/initialized"},
            asks(1, "status"),
            asks(2, "wait_for_events", timeout_seconds=280),
            asks(3, "status"),
        ):
            server.stdin.write(json.dumps({"jsonrpc": "2.0", **sent}) + "\n")
            server.stdin.flush()
        answers = dict[int, Json]()
        while not {1, 3} <= answers.keys():
            answer = json.loads(server.stdout.readline())
            answers[answer["id"]] = answer["result"]
        assert answers.keys() == {0, 1, 3}, "it waits"
        cursor: int = answers[1]["structuredContent"]["cursor"]
        server.stdout.close()
        server.stdin.close()
    assert not servers(project)
    opens(project, "one")
    project.call("wait", ids=[worker], any=False, timeout=None)
    return cursor


CLIENT = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "lab", "version": "1"},
}


def asks(number: int, tool: str, **given: object) -> dict[str, object]:
    """A call of a tool."""
    return {"id": number, "method": "tools/call", "params": {"name": tool, "arguments": given}}


async def the_controller_is_killed(project: Project, client: Client) -> list[int]:
    """In the midst of a wait. The worker ends while there is none, and then another one runs."""
    worker = begins_worker(project, "two")
    waiting = asyncio.create_task(told(client, about=[worker]))
    await client.call("status")
    project.kill_controller()
    opens(project, "two")
    exited = project.paths.worker(worker) / "exit.json"
    await auntil(exited.exists, what="the end of the worker")
    await asyncio.to_thread(project.run, "up")
    return await waiting


async def a_turn_is_interrupted(project: Project, client: Client) -> None:
    """Codex tells nobody, and its next turn hears what the one before may not have heard."""

    async def heard(turn: str) -> list[int]:
        meta = cast(t.RequestParamsMeta, {TURN: {"turn_id": turn}})
        said = await client.session.call_tool("wait_for_events", {"timeout_seconds": 0}, meta=meta)
        assert said.structured_content
        return [one["number"] for one in said.structured_content["news"]]

    opens(project, "three")
    worker = begins_worker(project, "three")
    await asyncio.to_thread(project.call, "wait", ids=[worker], any=False, timeout=None)
    first = await heard("a")
    assert len(first) == 1
    assert await heard("b") == first
    assert await heard("b") == []

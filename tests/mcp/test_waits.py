"""Who waits loses nothing: whichever side is killed meanwhile, each piece of news is told once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import cast

import mcp_types as t

from tests import reaping
from tests.e2e.project import Project
from tests.mcp.client import Client, connected
from tests.mcp.conftest import Make
from tests.waiting import auntil, until
from tmuxorch.mcp.server import TURN


def begins_worker(project: Project, gate: str) -> str:
    """A worker that ends when that file is there."""
    path = project.directory / gate
    task = f"sh: until test -e {path}; do sleep 0.02; done"
    return project.run("exec", task, "--label", gate).strip()


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
        project.kill_controller()
        assert "a person types: tmuxorch up" in await client.refused("status")
    assert not servers(project)


def servers(project: Project) -> list[str]:
    """The MCP servers of the project that run."""
    own = f"{project.directory} mcp"
    return [line for line in reaping.processes_of(Path(os.environ["HOME"])).values() if own in line]


def the_client_is_killed(project: Project) -> int:
    """In the midst of a wait; then something happens. Up to where it had heard."""
    worker = begins_worker(project, "one")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.mcp.waiter", str(project.directory)],
        stdout=subprocess.PIPE,
        env=project.environ,
        text=True,
    ) as waiter:
        assert waiter.stdout
        cursor = int(waiter.stdout.readline())
        waiter.send_signal(signal.SIGKILL)
    until(lambda: not servers(project), what="the end of its server")
    opens(project, "one")
    project.run("wait", worker)
    return cursor


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
    await asyncio.to_thread(project.run, "wait", begins_worker(project, "three"))
    first = await heard("a")
    assert len(first) == 1
    assert await heard("b") == first
    assert await heard("b") == []

"""The loop when something cannot be recorded: whoever waits is told, and nothing that is not durable counts."""

from __future__ import annotations

import asyncio
import errno
import os

import pytest

from tmuxorch.controller.engine import Engine
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import Bug, Refused


class Disk:
    """A record of events that can be full."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.full = False

    def append(self, event: bytes, at: float) -> None:
        self.events.append(event)

    def commit(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _agent(path: str) -> msg.AddAgent:
    return msg.AddAgent(name="a", path=path)


async def test_everybody_who_waits_is_told_that_the_journal_is_full() -> None:
    disk = Disk()
    engine = Engine(m.State(), disk, msg.Settings, lambda: 0.0)
    async with asyncio.timeout(10):
        running = asyncio.create_task(engine.run())
        await engine.submit(_agent("/a"))
        known = engine.state
        waiting = asyncio.create_task(engine.until(lambda state: state.runs))
        await asyncio.sleep(0)
        disk.full = True
        for told in (engine.submit(_agent("/b")), waiting, running, engine.submit(_agent("/c"))):
            with pytest.raises(Refused, match="the journal cannot be written: No space left on device"):
                await told
    assert engine.state is known


async def test_what_cannot_be_written_down_is_refused_by_itself() -> None:
    disk = Disk()
    engine = Engine(m.State(), disk, msg.Settings, lambda: 0.0)
    async with asyncio.timeout(10):
        running = asyncio.create_task(engine.run())
        told = await asyncio.gather(
            *(engine.submit(_agent(path)) for path in ("/a", "/\udcff", "/c")), return_exceptions=True
        )
        running.cancel()
    assert [type(one) for one in told] == [m.State, Bug, m.State]
    assert engine.state.agents["a"].path == "/c"
    assert not [event for event in disk.events if b"udcff" in event]

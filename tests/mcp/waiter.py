"""A client that waits for events, to be killed meanwhile. It prints up to which number it has heard."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.mcp.client import connected


async def main() -> None:
    async with connected(Path(sys.argv[1]), os.environ) as client:
        cursor = (await client.call("status"))["cursor"]
        waiting = asyncio.create_task(client.call("wait_for_events", timeout_seconds=280))
        await client.call("status")
        print(cursor, flush=True)
        print(await waiting, flush=True)


asyncio.run(main())

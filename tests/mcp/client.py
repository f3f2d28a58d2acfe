"""A client as the SDK has it, with a real `tmuxorch mcp` process at the other end."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import mcp_types as t
from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client

Json = dict[str, Any]


class Client:
    """`call` gives what a tool gives, checked against the schema that is listed; `refused` the words of an error."""

    def __init__(self, session: ClientSession, tools: Mapping[str, t.Tool]) -> None:
        self.session = session
        self.tools = tools
        self._takes = {name: checker(tool.input_schema) for name, tool in tools.items()}
        self._gives = {name: checker(tool.output_schema or {}) for name, tool in tools.items()}
        self.called: set[str] = set()

    async def call(self, tool: str, **given: Any) -> Json:
        """The result of a call that has to succeed."""
        self._takes[tool](given)
        result = await self.session.call_tool(tool, given)
        (content,) = result.content
        assert isinstance(content, t.TextContent)
        assert not result.is_error, content.text
        said: Json = result.structured_content
        self._gives[tool](said)
        assert json.loads(content.text) == said
        assert len(content.text) < 41_000
        self.called.add(tool)
        return said

    async def refused(self, tool: str, **given: Any) -> str:
        """What is said about a call that has to fail."""
        result = await self.session.call_tool(tool, given)
        (content,) = result.content
        assert isinstance(content, t.TextContent)
        assert result.is_error, content.text
        return content.text

    async def until(self, condition: Callable[[Json], object], tool: str = "status") -> Json:
        """Waits for events until that holds for what a tool gives."""
        while not condition(said := await self.call(tool)):
            assert not (await self.call("wait_for_events", timeout_seconds=60))["timed_out"], said
        return said


def checker(schema: Json) -> Callable[[Any], None]:
    """Raises what is wrong with a value by that schema, which is looked at only once itself."""
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    check: Callable[[Any], None] = kind(schema).validate
    return check


@asynccontextmanager
async def connected(
    directory: Path | None, environ: Mapping[str, str], **given: Any
) -> AsyncIterator[Client]:
    """A client of the project in that directory; None: of the one of `cwd`."""
    where = ["-C", str(directory)] if directory else []
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "tmuxorch", *where, "mcp"], env=dict(environ), **given
    )
    about = t.Implementation(name="lab", version="1")
    async with stdio_client(command) as streams, ClientSession(*streams, client_info=about) as session:
        await session.initialize()
        listed = await session.list_tools()
        yield Client(session, {tool.name: tool for tool in listed.tools})

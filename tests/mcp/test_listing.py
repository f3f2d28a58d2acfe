"""What is listed: schemas, marks, and that nothing offers to decide for a human."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import mcp_types as t
import pytest
from mcp.shared.memory import create_client_server_memory_streams
from mcp.shared.message import SessionMessage

from tmuxorch.mcp import listing, server
from tmuxorch.mcp.call import Session

DOCS = Path(__file__).parents[2] / "docs" / "mcp.md"

TOOLS = {tool["name"]: tool for tool in listing.tools()}


def is_described(schema: dict[str, Any]) -> bool:
    """Whether every argument says what it is for, and every object that names its properties is closed."""
    for name, part in schema.get("properties", {}).items():
        assert part.get("description"), name
        assert is_described(part)
    if schema.get("properties"):
        assert schema["additionalProperties"] is False
    parts = [schema.get("items"), *schema.get("anyOf", ())]
    return all(is_described(one) for one in parts if isinstance(one, dict))


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_a_tool_is_described_and_marked(tool: dict[str, Any]) -> None:
    for schema in (tool["inputSchema"], tool["outputSchema"]):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert (schema["type"], schema["additionalProperties"]) == ("object", False)
        assert "$ref" not in json.dumps(schema)
    assert is_described(tool["inputSchema"])
    assert 60 < len(tool["description"]) < 320
    marks = tool["annotations"]
    assert marks["openWorldHint"] is False
    assert marks["readOnlyHint"] == bool(re.match("status|get_|list_|read_|wait_", tool["name"]))
    assert marks["destructiveHint"] == (tool["name"] in ("interrupt_child", "stop_worker"))


def test_no_tool_decides_for_a_human() -> None:
    """None is named so, and where one speaks of a decision it says whose that is."""
    words = r"approv\w*|accept\w*|declin\w*|decid\w*|answer\w*|permit\w*|allow\w*|confirm\w*"
    for name, tool in TOOLS.items():
        assert not re.search(words, name)
        for sentence in re.split(r"(?<=[.:;]) ", f"{tool['title']}. {tool['description']}"):
            if re.search(words, sentence):
                assert re.search(r"\bhumans?\b|\bchild|\bturn\b", sentence), sentence
    given = json.dumps([tool["inputSchema"] for tool in TOOLS.values()])
    assert "really_full" not in given
    assert not re.search(r'"(yes|auto|force|approve\w*|digest)": \{', given)


def test_the_page_has_the_tools() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (\w+)", DOCS.read_text(), re.M)
    kinds = {(True, False): "looks", (False, False): "acts", (False, True): "ends"}
    assert rows == [
        (
            name,
            tool["title"],
            kinds[tool["annotations"]["readOnlyHint"], tool["annotations"]["destructiveHint"]],
        )
        for name, tool in TOOLS.items()
    ]


@pytest.mark.parametrize("protocol", listing.PROTOCOLS)
async def test_the_door_says_what_the_sdk_would_say(protocol: str) -> None:
    hello = {"protocolVersion": protocol, "capabilities": {}, "clientInfo": {"name": "lab", "version": "1"}}
    asked: list[dict[str, Any]] = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": "two", "method": "tools/list"},
    ]
    made, said = server.build(Session(None)), []
    async with (
        create_client_server_memory_streams() as ((heard, tell), (read, write)),
        anyio.create_task_group() as group,
    ):
        group.start_soon(made.run, read, write, made.create_initialization_options())
        for one in asked:
            await tell.send(SessionMessage(t.jsonrpc_message_adapter.validate_python(one)))
            if "id" in one:
                reply = await heard.receive()
                assert isinstance(reply, SessionMessage)
                said.append(json.loads(reply.message.model_dump_json(by_alias=True, exclude_unset=True)))
        group.cancel_scope.cancel()
    assert [one["result"] for one in said] == [listing.greeting(protocol), {"tools": listing.tools()}]

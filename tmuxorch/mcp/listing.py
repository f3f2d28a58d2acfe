"""What a client is told at first, as JSON: who we are, and which tools there are. It needs no SDK."""

from __future__ import annotations

from typing import Any

from tmuxorch import __version__
from tmuxorch.mcp import schema
from tmuxorch.mcp.harmless import LEFT_OUT
from tmuxorch.mcp.tools import TOOLS, Kind, Tool

NAME = "tmuxorch"

INSTRUCTIONS = (
    "tmuxorch runs Codex agents in tmux: children, one for each repo, and workers for single tasks. With it you lead "
    "work over several repos: call `status` first (after a compaction too) and do what its `your_move` says. Then: "
    "start_run, get_briefs, propose_plan, start_items, run_worker, run_pattern, ask_human, report_run; "
    "wait_for_events waits, so never poll. Only humans accept plans and answer checkpoints."
)
"""All that a Codex model sees before it searches for tools."""

PROTOCOLS = ("2025-06-18", "2025-11-25")
"""Versions of MCP in which the two answers here are what the SDK would say."""


def greeting(protocol: str) -> dict[str, Any]:
    """The answer to `initialize`."""
    return {
        "protocolVersion": protocol,
        "capabilities": {
            "prompts": {"listChanged": False},
            "resources": {"subscribe": False, "listChanged": False},
            "tools": {"listChanged": False},
        },
        "serverInfo": {"name": NAME, "title": NAME, "version": __version__},
        "instructions": INSTRUCTIONS,
    }


def tools() -> list[dict[str, Any]]:
    """The tools, as `tools/list` has them."""
    return [_tool(one) for one in TOOLS.values()]


def _tool(of: Tool) -> dict[str, Any]:
    looks = of.kind is Kind.LOOKS
    return {
        "name": of.name,
        "title": of.title,
        "description": of.about,
        "inputSchema": schema.of(of.takes),
        "outputSchema": _with_left_out(schema.of(of.gives)),
        "annotations": {
            "title": of.title,
            "readOnlyHint": looks,
            "destructiveHint": of.kind is Kind.ENDS,
            "idempotentHint": looks,
            "openWorldHint": False,
        },
    }


def _with_left_out(given: schema.Schema) -> schema.Schema:
    return {**given, "properties": {**given["properties"], LEFT_OUT: {"type": "string"}}}

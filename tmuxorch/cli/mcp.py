"""`tmuxorch mcp`."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

from tmuxorch.cli.app import App, command
from tmuxorch.errors import ToolMissing, UsageError


@command("mcp")
@click.pass_obj
def mcp(app: App) -> None:
    """Serve MCP on stdin and stdout, so that Codex or any other MCP client can lead the work.

    No person types this: `tmuxorch skill install` enters it in Codex's configuration, docs/lead.md shows other clients.
    """
    if sys.stdin.isatty():
        raise UsageError(
            "this speaks MCP with a program, and stdin is a terminal: a client starts it (docs/lead.md shows how)",
            hint="tmuxorch skill install",
        )
    if find_spec("mcp_types") is None:
        raise ToolMissing("the MCP SDK is missing (mcp 2.3 or newer)", hint="pip install 'tmuxorch[mcp]'")
    _serve(app)


def _serve(app: App) -> None:
    import asyncio

    from tmuxorch.mcp.door import serve

    asyncio.run(serve(app.directory))

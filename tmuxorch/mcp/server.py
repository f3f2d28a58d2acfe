"""The MCP server: the SDK on one side, the tables of tools, resources and prompts on the other.

Only the door imports this module, because the SDK is slow to import.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import mcp_types as t
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from tmuxorch import __version__
from tmuxorch.errors import TmuxorchError
from tmuxorch.mcp import hints, listing, prompts, resources
from tmuxorch.mcp.call import Session
from tmuxorch.mcp.door import Door
from tmuxorch.mcp.invoke import Failed, invoke

Context = ServerRequestContext[Any, Any]
Ask = t.PaginatedRequestParams | None

MARKDOWN = "text/markdown"

NOT_FOUND = -32002
"""MCP's code for a resource that is not there."""

TURN = "x-codex-turn-metadata"
"""Where Codex says which turn calls."""


async def serve(directory: Path | None, door: Door) -> None:
    """Serves the client at the door until it hangs up."""
    session = Session(directory)
    server = build(session)
    async with stdio_server(cast(Any, door), cast(Any, door)) as (read, write):
        try:
            await server.run(read, write, server.create_initialization_options())
        finally:
            await session.link.close()


def build(session: Session) -> Server[Any]:
    """The server for one client."""

    async def list_tools(context: Context, params: Ask) -> t.ListToolsResult:
        return t.ListToolsResult.model_validate({"tools": listing.tools()})

    async def call_tool(context: Context, params: t.CallToolRequestParams) -> t.CallToolResult:
        _introduce(session, context)
        said = await invoke(session, params.name, params.arguments or {}, _turn(context))
        if isinstance(said, Failed):
            return t.CallToolResult(content=[t.TextContent(text=said.words)], is_error=True)
        words = json.dumps(said, ensure_ascii=False)
        return t.CallToolResult(content=[t.TextContent(text=words)], structured_content=said)

    async def list_resources(context: Context, params: Ask) -> t.ListResourcesResult:
        _introduce(session, context)
        found = await resources.listed(session)
        return t.ListResourcesResult(
            resources=[
                t.Resource(uri=one.uri, name=one.name, description=one.about, mime_type=MARKDOWN)
                for one in found
            ]
        )

    async def list_templates(context: Context, params: Ask) -> t.ListResourceTemplatesResult:
        return t.ListResourceTemplatesResult(
            resource_templates=[
                t.ResourceTemplate(
                    uri_template=one.uri, name=one.name, description=one.about, mime_type=MARKDOWN
                )
                for one in resources.TEMPLATES
            ]
        )

    async def read_resource(context: Context, params: t.ReadResourceRequestParams) -> t.ReadResourceResult:
        _introduce(session, context)
        try:
            said = await resources.read(session, params.uri)
        except TmuxorchError as error:
            raise _refusal(error, NOT_FOUND) from None
        return t.ReadResourceResult(
            contents=[t.TextResourceContents(uri=params.uri, text=said, mime_type=MARKDOWN)]
        )

    async def list_prompts(context: Context, params: Ask) -> t.ListPromptsResult:
        _introduce(session, context)
        return t.ListPromptsResult(prompts=[_prompt(one) for one in await prompts.listed(session)])

    async def get_prompt(context: Context, params: t.GetPromptRequestParams) -> t.GetPromptResult:
        _introduce(session, context)
        try:
            said = await prompts.text_of(session, params.name, params.arguments or {})
        except TmuxorchError as error:
            raise _refusal(error, t.INVALID_PARAMS) from None
        return t.GetPromptResult(messages=[t.PromptMessage(role="user", content=t.TextContent(text=said))])

    return Server(
        listing.NAME,
        version=__version__,
        title=listing.NAME,
        instructions=listing.INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )


def _prompt(of: prompts.Prompt) -> t.Prompt:
    arguments = [
        t.PromptArgument(name=one.name, description=one.about, required=one.required) for one in of.arguments
    ]
    return t.Prompt(name=of.name, title=of.title, description=of.about, arguments=arguments)


def _refusal(error: TmuxorchError, code: int) -> MCPError:
    hint = hints.for_agent(error.hint)
    return MCPError(code=code, message=f"{error.message}\nnext: {hint}" if hint else error.message)


def _introduce(session: Session, context: Context) -> None:
    """Tells the link for which program it speaks."""
    if (client := context.session.client_params) is not None:
        session.link.lead = client.client_info.name or session.link.lead


def _turn(context: Context) -> str:
    """Codex's id of the turn that calls; empty for other clients."""
    said: Any = (context.meta or {}).get(TURN)
    turn = said.get("turn_id") if isinstance(said, dict) else None
    return turn if isinstance(turn, str) else ""

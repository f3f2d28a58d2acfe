"""The tool `get_result`."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from tmuxorch.core import text
from tmuxorch.mcp import shapes
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.harmless import part
from tmuxorch.mcp.tools.tool import Kind, tool


class WhichResult(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker or run of a pattern."""

    id: Annotated[str, Meta(description="A worker (W1) or a run of a pattern (P1).")]
    offset: Annotated[int, Meta(ge=0, description="From which character on; as next_offset says.")] = 0


@tool(
    Kind.LOOKS,
    "What a worker said, or what a pattern came to",
    "The result of a worker or of a run of a pattern that has ended. Long ones come in parts: ask again with "
    "next_offset.",
    WhichResult,
    shapes.Result,
    "the file `path` has the whole",
)
async def get_result(call: Call, args: WhichResult) -> object:
    said = await call.look("result", id=args.id)
    of: dict[str, Any] = said.get("worker") or said["pattern"]
    message = text.block(said["message"])
    call.session.read.add(args.id)
    rest = {
        "id": args.id,
        "state": of["state"],
        "outcome": of["outcome"],
        "reason": of["reason"],
        "offset": args.offset,
        "characters": len(message),
        "changed": of.get("changed", ()),
        "violations": of.get("violations", ()),
        "branch": of.get("branch"),
        "merge": of.get("merge", ()),
        "path": said["path"],
    }
    it_says, following = part(message, args.offset, rest)
    return rest | {"it_says": it_says, "next_offset": following}

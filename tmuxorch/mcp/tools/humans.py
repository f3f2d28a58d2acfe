"""Tools about what only a human can decide: asking for it, and reading what was decided."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, to_builtins

from tmuxorch.mcp import shapes
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.tools.tool import Kind, tool


class Id(Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint."""

    id: Annotated[str, Meta(description="The checkpoint: C1, C2, …")]


@tool(
    Kind.LOOKS,
    "A checkpoint, and the human's answer",
    "One checkpoint whole: what a human was asked, and what they answered. Nobody but a human answers one.",
    Id,
    shapes.Checkpoint,
    "a human sees the whole in the inbox",
)
async def get_checkpoint(call: Call, args: Id) -> object:
    return await call.look("show", id=args.id)


class Offered(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer that is offered."""

    key: Annotated[str, Meta(description="A short word by which it is named.")]
    label: Annotated[str, Meta(description="What it means.")] = ""


class Asked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a human is asked."""

    title: Annotated[str, Meta(description="What it is about, in a line.")]
    do: Annotated[
        str, Meta(description="The exact steps that a human has to take, or what they have to decide.")
    ]
    expect: Annotated[str, Meta(description="Exactly what is expected back.")]
    body: Annotated[str, Meta(description="The whole matter: what they have to know to decide.")] = ""
    choices: Annotated[
        tuple[Offered, ...], Meta(description="The answers that are offered; none: an answer in words.")
    ] = ()
    blocks: Annotated[
        tuple[str, ...],
        Meta(
            description="Ids of items that do not begin before there is an answer, nor what depends on them."
        ),
    ] = ()


@tool(
    Kind.ACTS,
    "Ask a human something",
    "Opens a checkpoint for what only a human can do or decide, and returns at once: what they say comes later, as "
    "news (wait_for_events) and in get_checkpoint. Ask in one checkpoint what belongs together.",
    Asked,
    shapes.Checkpoint,
)
async def ask_human(call: Call, args: Asked) -> object:
    return await call.act("ask_human", **to_builtins(args))

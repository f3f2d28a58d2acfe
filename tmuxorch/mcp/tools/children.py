"""Tools for the children: asking one, adding to what it works on, ending that."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from tmuxorch.mcp import shapes
from tmuxorch.mcp.call import Call
from tmuxorch.mcp.tools.tool import Kind, tool

WHOLE = "ask it for the rest, or for less"

Name = Annotated[str, Meta(description="The name of a child, as status gives it.")]


class WhichTurn(Struct, frozen=True, forbid_unknown_fields=True):
    """A turn."""

    id: Annotated[str, Meta(description="The turn, as ask_child names it: T1, T2, …")]
    wait_seconds: Annotated[
        float, Meta(ge=0, le=280, description="How long to wait for its end; 0: not at all.")
    ] = 0


@tool(
    Kind.LOOKS,
    "How far a turn of a child is, and its answer",
    "What came of ask_child: whether the turn is over, and the child's last message.",
    WhichTurn,
    shapes.Turn,
    WHOLE,
)
async def get_turn(call: Call, args: WhichTurn) -> object:
    return _turn(await call.wait("turn", args.wait_seconds, id=args.id))


def _turn(said: dict[str, Any]) -> dict[str, Any]:
    """A turn, as tools give it."""
    return {**said, "it_says": said.get("message", "")}


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """A question for a child."""

    child: Name
    prompt: Annotated[str, Meta(description="What it is asked; it knows nothing of what you know.")]
    wait_seconds: Annotated[
        float, Meta(ge=0, le=280, description="How long to wait for its answer; 0: the turn is only begun.")
    ] = 0


@tool(
    Kind.ACTS,
    "Ask a child about its repo",
    "Gives a child a turn in which it reads its repo and answers; it edits nothing. Returns the turn, whose answer "
    "get_turn gives; its end is news too.",
    Asked,
    shapes.Turn,
    WHOLE,
)
async def ask_child(call: Call, args: Asked) -> object:
    begun = await call.act("ask", name=args.child, prompt=args.prompt, wait=False)
    return _turn(await call.wait("turn", args.wait_seconds, id=begun["turn"]))


class Steered(Struct, frozen=True, forbid_unknown_fields=True):
    """Words for a child at work."""

    child: Name
    text: Annotated[str, Meta(description="What it has to know or do otherwise.")]


class Begun(Struct, frozen=True, kw_only=True):
    """The turn that it was done to."""

    turn: str


@tool(
    Kind.ACTS,
    "Add to what a child works on",
    "Tells a child something in the midst of its turn. It goes on with that in mind.",
    Steered,
    Begun,
)
async def steer_child(call: Call, args: Steered) -> object:
    return await call.act("steer", name=args.child, text=args.text)


class Interrupted(Struct, frozen=True, forbid_unknown_fields=True):
    """A child at work."""

    child: Name


@tool(
    Kind.ENDS,
    "End what a child works on",
    "Interrupts the turn of a child. An item that it worked on becomes a matter for a human.",
    Interrupted,
    Begun,
)
async def interrupt_child(call: Call, args: Interrupted) -> object:
    return await call.act("interrupt", name=args.child)

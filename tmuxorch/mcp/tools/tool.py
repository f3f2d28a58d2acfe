"""What a tool is, and the table that tools enter themselves in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

from msgspec import Struct

from tmuxorch.mcp.call import Call

Run = Callable[[Call, Any], Awaitable[object]]


class Kind(Enum):
    """What a tool does to the world: only looks; acts, and destroys nothing; ends what is under way."""

    LOOKS = "looks"
    ACTS = "acts"
    ENDS = "ends"


class Tool(Struct, frozen=True, kw_only=True):
    """One tool. `about` is what a model reads before it calls it, `takes` and `gives` are the shapes of its arguments
    and of its result, `whole` says where that is to be had if it has to be cut."""

    name: str
    title: str
    about: str
    kind: Kind
    takes: type[Struct]
    gives: type[Struct]
    run: Run
    whole: str = ""


TOOLS: dict[str, Tool] = {}
"""By name, in the order in which they are listed."""


def tool(
    kind: Kind, title: str, about: str, takes: type[Struct], gives: type[Struct], whole: str = ""
) -> Callable[[Run], Run]:
    """Enters the decorated function in the table, under its own name."""

    def enter(run: Run) -> Run:
        name = run.__name__
        TOOLS[name] = Tool(
            name=name, title=title, about=about, kind=kind, takes=takes, gives=gives, run=run, whole=whole
        )
        return run

    return enter


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No arguments."""

"""One call of a tool, whatever it is called with: a value that its schema allows, or an error that says what to do."""

from __future__ import annotations

import logging
from typing import Any

from msgspec import Struct, ValidationError, convert, to_builtins

from tmuxorch.core import text
from tmuxorch.errors import TmuxorchError
from tmuxorch.mcp import hints
from tmuxorch.mcp.call import Call, Session
from tmuxorch.mcp.harmless import LIMIT, clean, fitting, size
from tmuxorch.mcp.tools import TOOLS, Kind, Tool

log = logging.getLogger(__name__)

UNKNOWN = "Object contains unknown field"


class Failed(Struct, frozen=True):
    """What went wrong and what to do, for a model to read."""

    words: str


async def invoke(
    session: Session, name: str, arguments: dict[str, Any], turn: str
) -> dict[str, Any] | Failed:
    """What the tool gives, harmless and not too long."""
    session.heard.calls(turn)
    tool = TOOLS.get(name)
    if tool is None:
        return _failed(f"there is no tool {name!r}", f"one of: {', '.join(TOOLS)}")
    try:
        asked = convert(arguments, tool.takes)
    except ValidationError as error:
        return _failed(f"{name}: {error}", _mend(str(error), tool))
    try:
        given = await tool.run(Call(session, turn), asked)
        value = to_builtins(convert(given, tool.gives, from_attributes=True))
    except TmuxorchError as error:
        return _failed(hints.in_text(error.message), hints.for_agent(error.hint))
    except Exception as error:
        log.exception("%s failed", name)
        return _failed(f"a mistake in tmuxorch: {type(error).__name__}: {error}", "tell a person")
    shown = fitting(clean(value), tool.whole)
    if size(shown) > LIMIT:
        done = "" if tool.kind is Kind.LOOKS else "it was done, but "
        return _failed(
            f"{name}: {done}what it gives is too long to be shown", tool.whole or "status says more"
        )
    return shown


def _failed(message: str, hint: str) -> Failed:
    said = text.block(message) + (f"\nnext: {text.line(hint)}" if hint else "")
    return Failed(text.clip(said, LIMIT))


def _mend(problem: str, tool: Tool) -> str:
    fields = ", ".join(tool.takes.__struct_fields__) or "none"
    if problem.startswith(UNKNOWN):
        return f"leave it out; {tool.name} takes: {fields}"
    return f"mend that and call {tool.name} again; it takes: {fields}"

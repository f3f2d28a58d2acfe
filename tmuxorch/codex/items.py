"""Thread items: what Codex records in a thread (a message, a command, a file change…), as far as we use them.

Members and item types that we do not know are tolerated; status words stay text, since newer servers add
some. Measured on 0.163 and 0.169.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any, TypeVar, assert_never

import msgspec
from msgspec import Raw, Struct


class _Item(Struct, frozen=True, kw_only=True, rename="camel"):
    id: str = ""


class UserMessage(_Item, frozen=True, kw_only=True):
    """What was said to the agent. `client_id` is the `clientUserMessageId` that the request carried, if
    any."""

    client_id: str | None = None
    text: str = ""


class AgentMessage(_Item, frozen=True, kw_only=True):
    """What the agent said. The last completed one of a turn is its final message."""

    text: str = ""


class Reasoning(_Item, frozen=True, kw_only=True):
    """Summaries of the agent's thinking."""

    summary: tuple[str, ...] = ()


class CommandExecution(_Item, frozen=True, kw_only=True):
    """A command. Status: inProgress, completed, failed or declined; output and exit code once it has
    ended."""

    command: str = ""
    cwd: str = ""
    status: str = ""
    aggregated_output: str | None = None
    exit_code: int | None = None
    duration_ms: int | None = None


class FileUpdate(Struct, frozen=True, kw_only=True):
    """One file of a change. `diff` is a unified diff without file headers; for `add` and `delete` the
    bare content."""

    path: str
    kind: str  # add, delete or update
    diff: str = ""
    moved_to: str | None = None


class FileChange(_Item, frozen=True, kw_only=True):
    """An edit by apply_patch. Status: inProgress, completed, failed or declined."""

    changes: tuple[FileUpdate, ...] = ()
    status: str = ""


class McpToolCall(_Item, frozen=True, kw_only=True):
    """A call of an MCP server's tool."""

    server: str = ""
    tool: str = ""
    status: str = ""
    error: str = ""


class OtherItem(_Item, frozen=True, kw_only=True):
    """An item of a type that we do not use."""

    type: str


ThreadItem = UserMessage | AgentMessage | Reasoning | CommandExecution | FileChange | McpToolCall | OtherItem


class _Type(Struct, frozen=True):
    type: str = ""
    id: str = ""


class _Content(Struct, frozen=True):
    text: str = ""


class _UserMessage(_Item, frozen=True, kw_only=True):
    client_id: str | None = None
    content: tuple[_Content, ...] = ()


class _Kind(Struct, frozen=True):
    type: str = ""
    move_path: str | None = None


class _Update(Struct, frozen=True):
    path: str
    kind: _Kind = _Kind()
    diff: str = ""


class _FileChange(_Item, frozen=True, kw_only=True):
    changes: tuple[_Update, ...] = ()
    status: str = ""


class _Message(Struct, frozen=True):
    message: str = ""


class _McpToolCall(_Item, frozen=True, kw_only=True):
    server: str = ""
    tool: str = ""
    status: str = ""
    error: _Message | None = None


def _user_message(raw: _UserMessage) -> UserMessage:
    return UserMessage(id=raw.id, client_id=raw.client_id, text="\n".join(part.text for part in raw.content))


def _file_change(raw: _FileChange) -> FileChange:
    changes = tuple(
        FileUpdate(path=seen.path, kind=seen.kind.type, diff=seen.diff, moved_to=seen.kind.move_path)
        for seen in raw.changes
    )
    return FileChange(id=raw.id, changes=changes, status=raw.status)


def _mcp_tool_call(raw: _McpToolCall) -> McpToolCall:
    error = raw.error.message if raw.error else ""
    return McpToolCall(id=raw.id, server=raw.server, tool=raw.tool, status=raw.status, error=error)


T = TypeVar("T")


def _reader(wire: type[T], made: Callable[[T], ThreadItem]) -> Callable[[Raw], ThreadItem]:
    decoder = msgspec.json.Decoder(wire)
    return lambda raw: made(decoder.decode(raw))


def _same(item: Any) -> Any:
    return item


_READERS: dict[str, Callable[[Raw], ThreadItem]] = {
    "userMessage": _reader(_UserMessage, _user_message),
    "agentMessage": _reader(AgentMessage, _same),
    "reasoning": _reader(Reasoning, _same),
    "commandExecution": _reader(CommandExecution, _same),
    "fileChange": _reader(_FileChange, _file_change),
    "mcpToolCall": _reader(_McpToolCall, _mcp_tool_call),
}

_type = msgspec.json.Decoder(_Type)


def thread_item(raw: Raw) -> ThreadItem:
    """The item in a JSON object. What is not understood, by type or by shape, is an `OtherItem`; never
    raises."""
    try:
        seen = _type.decode(raw)
    except msgspec.DecodeError:
        return OtherItem(type="")
    other = OtherItem(id=seen.id, type=seen.type)
    if (reader := _READERS.get(seen.type)) is None:
        return other
    try:
        return reader(raw)
    except msgspec.DecodeError:
        return other


def last_message(items: tuple[ThreadItem, ...]) -> str:
    """The final message of a turn: the text of its last agent message, or empty."""
    return next((item.text for item in reversed(items) if isinstance(item, AgentMessage)), "")


def describe(item: ThreadItem) -> str:
    """What the agent does or did, on one line (not shortened; control characters as they came)."""
    match item:
        case CommandExecution(command=command, exit_code=code):
            return f"$ {_one_line(bare_command(command))}" + (f" (exit {code})" if code else "")
        case FileChange(changes=changes):
            return "edits " + ", ".join(_one_line(change.path) for change in changes)
        case McpToolCall(server=server, tool=tool):
            return f"calls {_one_line(server)}.{_one_line(tool)}"
        case AgentMessage(text=text):
            return f"says: {_one_line(text)}"
        case Reasoning(summary=summary):
            return f"thinks: {_one_line(summary[-1])}" if summary else "thinks"
        case UserMessage(text=text):
            return f"is told: {_one_line(text)}"
        case OtherItem(type=type_):
            return _one_line(type_)
        case _:
            assert_never(item)


def bare_command(command: str) -> str:
    """The script in `/bin/bash -lc '…'`, which is how Codex wraps a command; any other command as it is."""
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    wrapped = len(words) == 3 and words[0].endswith("sh") and words[1] in ("-lc", "-c")
    return words[2] if wrapped else command


def _one_line(text: str) -> str:
    return " ".join(text.split())

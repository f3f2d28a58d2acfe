"""The lines that `codex exec --json` writes to stdout, and what they add up to.

Items are the thread items of `items`, in other clothes; ids restart with each process. Measured on 0.163
and 0.169.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Raw, Struct

from tmuxorch.codex import items
from tmuxorch.codex.items import ThreadItem
from tmuxorch.codex.notifications import PlanStep, Usage


class TodoList(Struct, frozen=True, kw_only=True):
    """The agent's list of steps, each pending or completed."""

    steps: tuple[PlanStep, ...] = ()


class Warned(Struct, frozen=True, kw_only=True):
    """A warning of Codex itself; not fatal."""

    message: str


ExecItem = ThreadItem | TodoList | Warned


class ThreadStarted(Struct, frozen=True, kw_only=True):
    thread: str


class TurnStarted(Struct, frozen=True):
    pass


class ItemChanged(Struct, frozen=True, kw_only=True):
    """A command still running when the turn ends never gets its `completed`."""

    stage: Literal["started", "updated", "completed"]
    item: ExecItem


class Trouble(Struct, frozen=True, kw_only=True):
    """An `error` event: a retry, or the reason of the TurnFailed that follows. Not terminal itself."""

    message: str


class TurnCompleted(Struct, frozen=True, kw_only=True):
    """The good end. `usage` counts the thread's whole life, also turns before a resume."""

    usage: Usage


class TurnFailed(Struct, frozen=True, kw_only=True):
    message: str


class Unknown(Struct, frozen=True, kw_only=True):
    """An event of a type or shape that we do not know."""

    type: str


class Junk(Struct, frozen=True, kw_only=True):
    """A line that is no event."""

    line: bytes


ExecEvent = ThreadStarted | TurnStarted | ItemChanged | Trouble | TurnCompleted | TurnFailed | Unknown | Junk


class _Usage(Struct, frozen=True):
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0


class _Message(Struct, frozen=True):
    message: str = ""


class _Todo(Struct, frozen=True):
    text: str = ""
    completed: bool = False


class _Change(Struct, frozen=True):
    path: str = ""
    kind: str = ""


class _Item(Struct, frozen=True):
    """The members of all item types together; each type has some of them."""

    type: str
    id: str = ""
    text: str = ""
    message: str = ""
    command: str = ""
    aggregated_output: str = ""
    exit_code: int | None = None
    status: str = ""
    changes: tuple[_Change, ...] = ()
    items: tuple[_Todo, ...] = ()
    server: str = ""
    tool: str = ""
    error: _Message | None = None


class _Event(Struct, frozen=True):
    type: str
    thread_id: str = ""
    message: str = ""
    item: Raw = Raw(b"null")
    usage: _Usage = _Usage()
    error: _Message = _Message()


_event = msgspec.json.Decoder(_Event)
_item = msgspec.json.Decoder(_Item)


def parse_line(line: bytes) -> ExecEvent:
    """The event in one line, with or without its line end. Never raises."""
    try:
        seen = _event.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Junk(line=line)
    match seen.type:
        case "thread.started":
            return ThreadStarted(thread=seen.thread_id)
        case "turn.started":
            return TurnStarted()
        case "item.started" | "item.updated" | "item.completed":
            stage: Literal["started", "updated", "completed"] = seen.type.removeprefix("item.")  # type: ignore[assignment]
            return ItemChanged(stage=stage, item=_exec_item(seen.item))
        case "error":
            return Trouble(message=seen.message)
        case "turn.completed":
            used = seen.usage
            return TurnCompleted(
                usage=Usage(
                    input=used.input_tokens,
                    cached=used.cached_input_tokens,
                    output=used.output_tokens,
                    reasoning=used.reasoning_output_tokens,
                )
            )
        case "turn.failed":
            return TurnFailed(message=seen.error.message)
        case other:
            return Unknown(type=other)


def _exec_item(raw: Raw) -> ExecItem:
    try:
        seen = _item.decode(raw)
    except msgspec.DecodeError:
        return items.OtherItem(type="")
    status = "inProgress" if seen.status == "in_progress" else seen.status
    match seen.type:
        case "agent_message":
            return items.AgentMessage(id=seen.id, text=seen.text)
        case "reasoning":
            return items.Reasoning(id=seen.id, summary=(seen.text,))
        case "command_execution":
            return items.CommandExecution(
                id=seen.id,
                command=seen.command,
                status=status,
                aggregated_output=seen.aggregated_output,
                exit_code=seen.exit_code,
            )
        case "file_change":
            changes = tuple(items.FileUpdate(path=change.path, kind=change.kind) for change in seen.changes)
            return items.FileChange(id=seen.id, changes=changes, status=status)
        case "mcp_tool_call":
            error = seen.error.message if seen.error else ""
            return items.McpToolCall(
                id=seen.id, server=seen.server, tool=seen.tool, status=status, error=error
            )
        case "todo_list":
            return TodoList(
                steps=tuple(
                    PlanStep(todo.text, "completed" if todo.completed else "pending") for todo in seen.items
                )
            )
        case "error":
            return Warned(message=seen.message)
        case other:
            return items.OtherItem(id=seen.id, type=other)


def overrules(line: bytes) -> bool:
    """Whether a line is Codex's warning that an administrator's requirements.toml put another sandbox in the place of
    the one that was asked for (0.163, seen by hand)."""
    event = parse_line(line)
    return (
        isinstance(event, ItemChanged)
        and isinstance(event.item, Warned)
        and event.item.message.startswith(
            "Configured value for `permission_profile` is disallowed by requirements"
        )
    )


class ExecSummary(Struct, frozen=True, kw_only=True):
    """What a worker's events add up to so far. `outcome` is empty while no terminal event has come."""

    thread: str = ""
    outcome: Literal["", "completed", "failed"] = ""
    error: str = ""
    message: str = ""
    usage: Usage = Usage()
    activity: str = ""
    events: int = 0
    junk: int = 0

    def after(self, event: ExecEvent) -> ExecSummary:
        """The summary with one event more."""
        if isinstance(event, Junk):
            return _with(self, junk=self.junk + 1)
        counted = _with(self, events=self.events + 1)
        match event:
            case ThreadStarted(thread=thread):
                return _with(counted, thread=thread)
            case ItemChanged(stage="completed", item=items.AgentMessage(text=text) as item):
                return _with(counted, message=text, activity=items.describe(item))
            case ItemChanged(item=item):
                return _with(counted, activity=_describe(item))
            case Trouble(message=message):
                return _with(counted, activity=message)
            case TurnCompleted(usage=usage):
                return _with(counted, outcome="completed", error="", usage=usage)
            case TurnFailed(message=message):
                return _with(counted, outcome="failed", error=message)
            case TurnStarted() | Unknown():
                return counted


_with = msgspec.structs.replace


def _describe(item: ExecItem) -> str:
    match item:
        case TodoList(steps=steps):
            done = sum(step.status == "completed" for step in steps)
            return f"has done {done} of {len(steps)} steps"
        case Warned(message=message):
            return f"warns: {message}"
        case _:
            return items.describe(item)

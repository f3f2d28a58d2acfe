"""The events of `codex exec --json` as rows (codex 0.163 and 0.169: no times, no turn ids, no deltas)."""

from __future__ import annotations

from tmuxorch.host import pieces
from tmuxorch.host.fields import Json, inner, number, objects, parse, text
from tmuxorch.host.paint import Row, folded

USAGE = ("input_tokens", "cached_input_tokens", "output_tokens")  # of the whole thread
NOT_TERMINAL = "Reconnecting..."


class ExecEvents:
    """Remembers what a later event refers to: when commands and the turn began, the plan, the last error."""

    def __init__(self, cwd: str = "") -> None:
        self._cwd = cwd
        self._begun: dict[str, float | None] = {}  # of running commands, by item id
        self._drawn_last = ""  # item id of the command whose line was drawn last
        self._turn: float | None = None
        self._plan: pieces.Steps = []
        self._error = ""

    def rows(self, line: bytes, now: float | None) -> list[Row]:
        """One line of the file. `now`: when it came (seconds), None if it is old, and then nothing is timed."""
        event = parse(line)
        if event is None:
            return folded(line.decode("utf-8", "replace"), 1, 1, "dim", "")
        match text(event, "type"):
            case "thread.started":
                return [Row(f"thread {text(event, 'thread_id')}", "dim")]
            case "turn.started":
                self._turn, self._plan = now, []
                return []
            case "turn.completed":
                spent = pieces.tokens(pieces.spent(inner(event, "usage"), USAGE))
                return [pieces.ended("turn done", "green", _since(self._turn, now), spent)]
            case "turn.failed":
                return self._failed(text(inner(event, "error"), "message"), now)
            case "error":
                self._error = text(event, "message")
                return pieces.problem(self._error, "dim" if self._error.startswith(NOT_TERMINAL) else "red")
            case "item.started":
                return self._started(inner(event, "item"), now)
            case "item.updated":
                return self._planned(inner(event, "item"))
            case "item.completed":
                return self._completed(inner(event, "item"), now)
        return []

    def _failed(self, message: str, now: float | None) -> list[Row]:
        """The same message usually came as an error just before."""
        again = [] if message == self._error else pieces.problem(message)
        return [*again, pieces.ended("turn failed", "red", _since(self._turn, now), "")]

    def _started(self, item: Json, now: float | None) -> list[Row]:
        if text(item, "type") != "command_execution":
            return self._planned(item)
        self._begun[text(item, "id")] = now
        self._drawn_last = text(item, "id")
        return pieces.command(text(item, "command"))

    def _planned(self, item: Json) -> list[Row]:
        if text(item, "type") != "todo_list":
            return []
        steps = [
            (pieces.DONE if step.get("completed") is True else pieces.OPEN, text(step, "text"))
            for step in objects(item, "items")
        ]
        before, self._plan = self._plan, steps
        return pieces.plan(steps, before)

    def _completed(self, item: Json, now: float | None) -> list[Row]:
        match text(item, "type"):
            case "agent_message":
                return pieces.message(text(item, "text"))
            case "reasoning":
                return pieces.thought(text(item, "text"))
            case "command_execution":
                return self._ran(item, now)
            case "file_change":
                return [
                    pieces.change(text(change, "kind"), text(change, "path"), "", self._cwd)
                    for change in objects(item, "changes")
                ]
            case "todo_list":
                return self._planned(item)
            case "mcp_tool_call":
                return pieces.tool(item, f"{text(item, 'server')}/{text(item, 'tool')}")
            case "web_search":
                return pieces.tool(item, f"web search {text(item, 'query')}")
            case "error":
                return pieces.problem(text(item, "message"), "yellow")
            case other:
                return pieces.tool(item, f"{other} {text(item, 'tool')}".strip())

    def _ran(self, item: Json, now: float | None) -> list[Row]:
        key = text(item, "id")
        again = [] if key == self._drawn_last else pieces.command(text(item, "command"), "dim")
        seconds = _since(self._begun.pop(key, None), now)
        self._drawn_last = ""
        output = text(item, "aggregated_output")
        return again + pieces.result(number(item, "exit_code"), text(item, "status"), seconds, output)


def _since(begun: float | None, now: float | None) -> float | None:
    return None if begun is None or now is None else now - begun

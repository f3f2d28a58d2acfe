"""The events of `codex exec --json` as rows (codex 0.163 and 0.169: no times, no turn ids, no deltas)."""

from __future__ import annotations

from tmuxorch.host import pieces
from tmuxorch.host.drawing import Drawing
from tmuxorch.host.fields import Json, inner, number, objects, parse, text
from tmuxorch.host.paint import Row, folded

USAGE = ("input_tokens", "cached_input_tokens", "output_tokens")  # of the whole thread
NOT_TERMINAL = "Reconnecting..."


class ExecEvents:
    """What one process tells."""

    def __init__(self, cwd: str = "") -> None:
        self._drawing = Drawing(cwd)
        self.pulse = self._drawing.pulse

    def rows(self, line: bytes, now: float | None) -> list[Row]:
        """One line of the file. `now`: when it came (seconds), None if it is old, and then nothing is timed."""
        event = parse(line)
        if event is None:
            return folded(line.decode("utf-8", "replace"), 1, 1, "dim", "")
        rows = self._event(event, now)
        self._drawing.beats(now)
        return rows

    def _event(self, event: Json, now: float | None) -> list[Row]:
        match text(event, "type"):
            case "thread.started":
                return [Row(f"thread {text(event, 'thread_id')}", "dim")]
            case "turn.started":
                self._drawing.turn_begins(now)
            case "turn.completed":
                spent = pieces.spent(inner(event, "usage"), USAGE)
                return self._drawing.turn_ends("done", now, None, spent, "")
            case "turn.failed":
                message = text(inner(event, "error"), "message")
                return self._drawing.turn_ends("failed", now, None, (0, 0, 0), message)
            case "error":
                message = text(event, "message")
                return self._drawing.fails(message, message.startswith(NOT_TERMINAL))
            case "item.started":
                return self._started(inner(event, "item"), now)
            case "item.updated":
                return self._planned(inner(event, "item"))
            case "item.completed":
                return self._completed(inner(event, "item"), now)
        return []

    def _started(self, item: Json, now: float | None) -> list[Row]:
        match text(item, "type"):
            case "command_execution":
                return self._drawing.runs(text(item, "id"), text(item, "command"), now)
            case "agent_message" | "reasoning" | "file_change" | "error":
                return []
            case "todo_list":
                return self._planned(item)
        return self._drawing.calls(text(item, "id"), _call(item), now)

    def _planned(self, item: Json) -> list[Row]:
        """Of the steps that are open none is told to be the one at hand: it is the first."""
        if text(item, "type") != "todo_list":
            return []
        steps = []
        at_hand = pieces.CURRENT
        for step in objects(item, "items"):
            done = step.get("completed") is True
            steps.append((pieces.DONE if done else at_hand, text(step, "text")))
            at_hand = at_hand if done else pieces.OPEN
        return self._drawing.plans(steps)

    def _completed(self, item: Json, now: float | None) -> list[Row]:
        key, status = text(item, "id"), text(item, "status")
        match text(item, "type"):
            case "agent_message":
                return self._drawing.says(pieces.message(text(item, "text")))
            case "reasoning":
                return self._drawing.says(pieces.thought(text(item, "text")))
            case "command_execution":
                how = number(item, "exit_code"), status, None, text(item, "aggregated_output")
                return self._drawing.ran(key, text(item, "command"), now, how)
            case "file_change":
                files = [
                    (text(change, "kind"), text(change, "path"), "", "")
                    for change in objects(item, "changes")
                ]
                return self._drawing.changes(files, status)
            case "todo_list":
                return self._planned(item)
            case "error":
                return self._drawing.says(pieces.problem(text(item, "message"), "yellow"))
        error = text(inner(item, "error"), "message")
        return self._drawing.called(key, _call(item), now, (status, None, error))


def _call(item: Json) -> list[Row]:
    match text(item, "type"):
        case "mcp_tool_call":
            return pieces.call(f"{text(item, 'server')}/{text(item, 'tool')}", item.get("arguments"))
        case "web_search":
            return pieces.search(text(item, "query"))
        case "collab_tool_call":
            return pieces.delegated(text(item, "tool"), text(item, "prompt"))
        case kind:
            return pieces.other(kind, item)

"""What an App Server sent, one frame a line, as rows (codex 0.163 and 0.169; others are ignored)."""

from __future__ import annotations

import json

from tmuxorch.host import pieces
from tmuxorch.host.drawing import Drawing
from tmuxorch.host.fields import Json, inner, number, objects, parse, text, texts
from tmuxorch.host.paint import Row, folded

USAGE = ("inputTokens", "cachedInputTokens", "outputTokens")
WHERE = "see the checkpoints window"
WAITS = {
    "item/commandExecution/requestApproval": "approval of a command",
    "item/fileChange/requestApproval": "approval of a file change",
    "item/permissions/requestApproval": "more permissions",
    "item/tool/requestUserInput": "an answer",
    "mcpServer/elicitation/request": "an answer to an MCP server",
}
STEPS = {"completed": pieces.DONE, "inProgress": pieces.CURRENT}
ENDS = {"failed": "failed", "interrupted": "interrupted"}


class Frames:
    """What one agent's thread tells; of its sub-agents' threads, which are told of too, a line here and there."""

    def __init__(self, cwd: str = "") -> None:
        self._drawing = Drawing(cwd)
        self.pulse = self._drawing.pulse
        self._thread = ""
        self._command = ""  # item of the command that was drawn last
        self._changes: dict[str, list[Row]] = {}  # by item id, of file changes not yet made
        self._total: pieces.Tokens = (0, 0, 0)  # of the thread: all that Codex counts
        self._before: pieces.Tokens = (0, 0, 0)  # the same when the turn began
        self._waiting: set[str] = set()

    def rows(self, line: bytes, now: float | None) -> list[Row]:
        """One line of the file. `now`: when it came (seconds), None if it is old. Durations are Codex's own."""
        frame = parse(line)
        if frame is None:
            return []
        method, params = text(frame, "method"), inner(frame, "params")
        if not method:  # what a request of ours gave
            self._thread = text(inner(inner(frame, "result"), "thread"), "id") or self._thread
            return []
        if method in WAITS:
            rows = self._requested(method, params, frame.get("id"))
        elif self._is_of_a_helper(method, params):
            rows = _of_a_helper(method, inner(params, "item"))
        else:
            rows = self._told(method, params, now)
        self._drawing.beats(now, "still waiting" if self._waiting else "")
        return rows

    def _is_of_a_helper(self, method: str, params: Json) -> bool:
        thread = inner(params, "thread")
        if (
            method == "thread/started"
            and not text(thread, "parentThreadId")
            and thread.get("ephemeral") is not True
        ):
            self._thread = text(thread, "id")
        told = text(params, "threadId") or text(thread, "id")
        return bool(told and self._thread) and told != self._thread

    def _told(self, method: str, params: Json, now: float | None) -> list[Row]:
        match method:
            case "thread/started":
                self._drawing.cwd = text(inner(params, "thread"), "cwd") or self._drawing.cwd
                return [Row(f"thread {text(inner(params, 'thread'), 'id')}", "dim")]
            case "turn/started":
                self._drawing.turn_begins(now)
            case "turn/completed":
                return self._turn_ended(inner(params, "turn"), now)
            case "item/started":
                return self._started(inner(params, "item"), now)
            case "item/completed":
                return self._completed(inner(params, "item"), now)
            case "turn/plan/updated":
                return self._drawing.plans(
                    [
                        (STEPS.get(text(step, "status"), pieces.OPEN), text(step, "step"))
                        for step in objects(params, "plan")
                    ]
                )
            case "thread/tokenUsage/updated":
                self._total = pieces.spent(inner(inner(params, "tokenUsage"), "total"), USAGE)
            case "error":
                message = text(inner(params, "error"), "message")
                return self._drawing.fails(message, params.get("willRetry") is True)
            case "configWarning" | "warning" | "deprecationNotice":
                return pieces.problem(text(params, "summary") or text(params, "message"), "dim")
            case "serverRequest/resolved":
                return self._resolved(params.get("requestId"))
        return []

    def _turn_ended(self, turn: Json, now: float | None) -> list[Row]:
        into, cached, out = (now - then for now, then in zip(self._total, self._before, strict=True))
        self._before = self._total
        how, error = ENDS.get(text(turn, "status"), "done"), text(inner(turn, "error"), "message")
        return self._drawing.turn_ends(how, now, _seconds(turn), (into, cached, out), error)

    def _started(self, item: Json, now: float | None) -> list[Row]:
        key = text(item, "id")
        match text(item, "type"):
            case "commandExecution":
                self._command = key
                return self._drawing.runs(key, text(item, "command"), now)
            case "fileChange":
                self._changes[key] = self._drawing.would_change(_files(item))
            case "mcpToolCall" | "webSearch" | "collabAgentToolCall" | "dynamicToolCall":
                return self._drawing.calls(key, _call(item), now)
        return []

    def _completed(self, item: Json, now: float | None) -> list[Row]:
        key, status = text(item, "id"), text(item, "status")
        match text(item, "type"):
            case "userMessage":
                said = "\n".join(text(part, "text") for part in objects(item, "content"))
                return self._drawing.says(pieces.prompt(said))
            case "agentMessage" | "plan":
                return self._drawing.says(pieces.message(text(item, "text")))
            case "reasoning":
                said = "\n".join(texts(item, "summary") + texts(item, "content"))
                return self._drawing.says(pieces.thought(said))
            case "commandExecution":
                output = text(item, "aggregatedOutput")
                how = number(item, "exitCode"), status, _seconds(item), output
                return self._drawing.ran(key, text(item, "command"), now, how)
            case "fileChange":
                self._changes.pop(key, None)
                return self._drawing.changes(_files(item), status)
        error = text(inner(item, "error"), "message")
        return self._drawing.called(key, _call(item), now, (status, _seconds(item), error))

    def _requested(self, method: str, params: Json, request: object) -> list[Row]:
        """Something waits for a human; below it what it is about, unless that is right above."""
        self._waiting.add(json.dumps(request))
        rows = [Row(f"waiting: {WAITS[method]} — {WHERE}", "waits", "? ")]
        for part in (text(params, "reason"), text(params, "message")):
            rows += folded(part, 6, 2, "yellow", pieces.INDENT)
        rows += [
            Row(text(question, "question"), "yellow", pieces.INDENT)
            for question in objects(params, "questions")
        ]
        if text(params, "command") and text(params, "itemId") != self._command:
            rows += pieces.command(text(params, "command"), "yellow")
        return rows + self._changes.get(text(params, "itemId"), [])

    def _resolved(self, request: object) -> list[Row]:
        key = json.dumps(request)
        if key not in self._waiting:
            return []
        self._waiting.discard(key)
        return [Row("no longer waiting", "green", "? ")]


def _of_a_helper(method: str, item: Json) -> list[Row]:
    match method, text(item, "type"):
        case "item/started", "commandExecution":
            return pieces.helper(f"$ {pieces.unwrap_shell(text(item, 'command'))}")
        case "item/completed", "agentMessage":
            return pieces.helper(text(item, "text"))
        case "item/completed", "fileChange":
            return [row for file in _files(item) for row in pieces.helper(f"changed {file[1]}")]
    return []


def _files(item: Json) -> list[tuple[str, str, str, str]]:
    """Kind, path, new path and diff of each."""
    return [
        (
            text(inner(change, "kind"), "type"),
            text(change, "path"),
            text(inner(change, "kind"), "move_path"),
            text(change, "diff"),
        )
        for change in objects(item, "changes")
    ]


def _seconds(item: Json) -> float | None:
    took = number(item, "durationMs")
    return None if took is None else took / 1000


def _call(item: Json) -> list[Row]:
    match text(item, "type"):
        case "mcpToolCall":
            return pieces.call(f"{text(item, 'server')}/{text(item, 'tool')}", item.get("arguments"))
        case "webSearch":
            return pieces.search(text(item, "query"))
        case "collabAgentToolCall":
            return pieces.delegated(text(item, "tool"), text(item, "prompt"))
        case kind:
            return pieces.other(kind, item)

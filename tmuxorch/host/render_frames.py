"""What an App Server sent, one `{"method", "params"}` a line, as rows (codex 0.163 and 0.169; others are ignored)."""

from __future__ import annotations

import json

from tmuxorch.host import pieces
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


class Frames:
    """Remembers what a later frame refers to: changes by item, the plan, tokens, requests that wait."""

    def __init__(self, cwd: str = "") -> None:
        self._cwd = cwd
        self._drawn_last = ""  # item id of the command whose line was drawn last
        self._changes: dict[str, list[Row]] = {}  # by item id, of file changes not yet made
        self._plan: pieces.Steps = []
        self._total: pieces.Tokens = (0, 0, 0)  # of the thread: all that Codex counts
        self._before: pieces.Tokens = (0, 0, 0)  # the same when the turn began
        self._error = ""
        self._waiting: set[str] = set()

    def rows(self, line: bytes, now: float | None) -> list[Row]:
        """One line of the file. Durations come from the frames, so `now` does not matter."""
        frame = parse(line)
        if frame is None:
            return []
        method, params = text(frame, "method"), inner(frame, "params")
        if method in WAITS:
            return self._requested(method, params, frame.get("id"))
        match method:
            case "thread/started":
                self._cwd = text(inner(params, "thread"), "cwd") or self._cwd
                return [Row(f"thread {text(inner(params, 'thread'), 'id')}", "dim")]
            case "turn/started":
                self._plan, self._error = [], ""
                return []
            case "turn/completed":
                return self._turn_ended(inner(params, "turn"))
            case "item/started":
                return self._started(inner(params, "item"))
            case "item/completed":
                return self._completed(inner(params, "item"))
            case "turn/plan/updated":
                return self._planned(objects(params, "plan"))
            case "thread/tokenUsage/updated":
                self._total = pieces.spent(inner(inner(params, "tokenUsage"), "total"), USAGE)
                return []
            case "error":
                return self._failed(inner(params, "error"), params.get("willRetry") is True)
            case "configWarning" | "warning" | "deprecationNotice":
                return pieces.problem(text(params, "summary") or text(params, "message"), "dim")
            case "serverRequest/resolved":
                return self._resolved(params.get("requestId"))
        return []

    def _turn_ended(self, turn: Json) -> list[Row]:
        message = text(inner(turn, "error"), "message")
        problem = [] if message == self._error else pieces.problem(message)
        took = number(turn, "durationMs")
        seconds = None if took is None else took / 1000
        into, cached, out = (now - then for now, then in zip(self._total, self._before, strict=True))
        self._before, spent = self._total, pieces.tokens((into, cached, out))
        match text(turn, "status"):
            case "failed":
                return [*problem, pieces.ended("turn failed", "red", seconds, spent)]
            case "interrupted":
                return [*problem, pieces.ended("turn interrupted", "yellow", seconds, spent)]
        return [*problem, pieces.ended("turn done", "green", seconds, spent)]

    def _started(self, item: Json) -> list[Row]:
        match text(item, "type"):
            case "commandExecution":
                self._drawn_last = text(item, "id")
                return pieces.command(text(item, "command"))
            case "fileChange":
                self._changes[text(item, "id")] = self._changed(item)
        return []

    def _changed(self, item: Json) -> list[Row]:
        return [
            pieces.change(
                text(inner(change, "kind"), "type"), text(change, "path"), text(change, "diff"), self._cwd
            )
            for change in objects(item, "changes")
        ]

    def _completed(self, item: Json) -> list[Row]:
        match text(item, "type"):
            case "userMessage":
                return pieces.prompt("\n".join(text(part, "text") for part in objects(item, "content")))
            case "agentMessage" | "plan":
                return pieces.message(text(item, "text"))
            case "reasoning":
                return pieces.thought("\n".join(texts(item, "summary") + texts(item, "content")))
            case "commandExecution":
                return self._ran(item)
            case "fileChange":
                self._changes.pop(text(item, "id"), None)
                status = text(item, "status")
                failed = [Row(status, "yellow", pieces.INDENT)] if status in ("declined", "failed") else []
                return self._changed(item) + failed
            case "mcpToolCall":
                return pieces.tool(item, f"{text(item, 'server')}/{text(item, 'tool')}")
            case "webSearch":
                return pieces.tool(item, f"web search {text(item, 'query')}")
            case other:
                return pieces.tool(item, f"{other} {text(item, 'tool')}".strip())

    def _ran(self, item: Json) -> list[Row]:
        again = [] if text(item, "id") == self._drawn_last else pieces.command(text(item, "command"), "dim")
        self._drawn_last = ""
        took = number(item, "durationMs")
        seconds = None if took is None else took / 1000
        output = text(item, "aggregatedOutput")
        return again + pieces.result(number(item, "exitCode"), text(item, "status"), seconds, output)

    def _planned(self, plan: list[Json]) -> list[Row]:
        steps = [(STEPS.get(text(step, "status"), pieces.OPEN), text(step, "step")) for step in plan]
        before, self._plan = self._plan, steps
        return pieces.plan(steps, before)

    def _failed(self, error: Json, retries: bool) -> list[Row]:
        message = text(error, "message")
        if not retries:
            self._error = message
        return pieces.problem(message, "dim" if retries else "red")

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
        if text(params, "command") and text(params, "itemId") != self._drawn_last:
            rows += pieces.command(text(params, "command"), "yellow")
        return rows + self._changes.get(text(params, "itemId"), [])

    def _resolved(self, request: object) -> list[Row]:
        key = json.dumps(request)
        if key not in self._waiting:
            return []
        self._waiting.discard(key)
        return [Row("no longer waiting", "green", "? ")]

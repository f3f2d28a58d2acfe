"""Outputs of a scenario as events of the OpenAI Responses API, each with the silence that goes before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, TypeAlias, assert_never

from tmuxorch.demo import scenario as s
from tmuxorch.demo.conversation import Conversation
from tmuxorch.demo.faults import stream_fault

Timed: TypeAlias = tuple[float, dict[str, Any]]


def events(outputs: tuple[s.AnyOutput, ...], talk: Conversation, pace: float) -> Iterator[Timed]:
    """(seconds to wait, event) in order; without `response.completed` if a failure is among the outputs."""
    mark = hashlib.sha256(f"{talk.thread} {talk.size}".encode()).hexdigest()[:16]
    usage: s.Usage | None = None
    pause = 0.0
    written = 0
    for index, output in enumerate(outputs):
        if isinstance(output, s.Pause):
            pause += output.seconds
            continue
        if isinstance(output, s.Usage):
            usage = output
            continue
        if isinstance(output, s.Fail):
            last = stream_fault(output.kind, output.seconds)
            if last:
                yield pause, last
            return
        for wait, event in _item_events(output, index, f"{mark}{index}", pace):
            yield pause + wait, event
            pause = 0.0
            written += len(json.dumps(event)) if event["type"] == "response.output_item.done" else 0
    counted = usage or s.Usage(input=talk.characters // 4, output=written // 4)
    yield pause, {"type": "response.completed", "response": {"id": f"resp_{mark}", "usage": _usage(counted)}}


def _item_events(
    output: s.Message | s.Json | s.Reasoning | s.AnyCall, index: int, mark: str, pace: float
) -> Iterator[Timed]:
    match output:
        case s.Message(text=text, delay=delay):
            yield from _message(text, index, f"msg_{mark}", pace if delay is None else delay)
        case s.Json(value=value):
            yield from _message(json.dumps(value, ensure_ascii=False, indent=2), index, f"msg_{mark}", 0.0)
        case s.Reasoning(text=text, delay=delay):
            yield from _reasoning(text, index, f"rs_{mark}", pace if delay is None else delay)
        case s.Command() | s.Patch() | s.Plan() | s.Question() | s.Permissions() | s.Mcp():
            yield 0.0, _done(index, _call(output) | {"id": f"fc_{mark}", "call_id": f"call_{mark}"})
        case _:
            assert_never(output)


def _message(text: str, index: int, item_id: str, delay: float) -> Iterator[Timed]:
    item = {"type": "message", "id": item_id, "role": "assistant"}
    yield 0.0, {"type": "response.output_item.added", "output_index": index, "item": item | {"content": []}}
    place = {"item_id": item_id, "output_index": index, "content_index": 0}
    for piece in _pieces(text, delay):
        yield delay, {"type": "response.output_text.delta", **place, "delta": piece}
    yield 0.0, _done(index, item | {"content": [{"type": "output_text", "text": text}]})


def _reasoning(text: str, index: int, item_id: str, delay: float) -> Iterator[Timed]:
    item = {"type": "reasoning", "id": item_id, "content": None, "encrypted_content": None}
    place = {"item_id": item_id, "output_index": index, "summary_index": 0}
    yield 0.0, {"type": "response.output_item.added", "output_index": index, "item": item | {"summary": []}}
    yield 0.0, {"type": "response.reasoning_summary_part.added", **place}
    for piece in _pieces(text, delay):
        yield delay, {"type": "response.reasoning_summary_text.delta", **place, "delta": piece}
    yield 0.0, _done(index, item | {"summary": [{"type": "summary_text", "text": text}]})


def _pieces(text: str, delay: float) -> list[str]:
    return [word + " " for word in text.split(" ")[:-1]] + text.split(" ")[-1:] if delay else [text]


def _done(index: int, item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def _call(call: s.AnyCall) -> dict[str, Any]:
    match call:
        case s.Patch(patch=patch):
            return {"type": "custom_tool_call", "name": "apply_patch", "input": patch}
        case s.Command():
            arguments: dict[str, Any] = {"cmd": call.cmd, "yield_time_ms": call.yield_ms}
            if call.escalate:
                arguments |= {"sandbox_permissions": "require_escalated", "justification": call.justification}
            return _function("exec_command", arguments)
        case s.Plan():
            steps = [{"step": step.step, "status": step.status} for step in call.steps]
            return _function("update_plan", {"explanation": call.explanation, "plan": steps})
        case s.Question():
            options = [{"label": option.label, "description": option.description} for option in call.options]
            question: dict[str, Any] = {
                "id": call.id,
                "header": call.header,
                "question": call.question,
                "options": options,
            }
            if call.secret:
                question["isSecret"] = True
            return _function("request_user_input", {"questions": [question]})
        case s.Permissions():
            paths = {
                access: listed for access, listed in (("read", call.read), ("write", call.write)) if listed
            }
            wanted: dict[str, Any] = {"file_system": paths} if paths else {}
            if call.network:
                wanted["network"] = {"enabled": True}
            return _function("request_permissions", {"reason": call.reason, "permissions": wanted})
        case s.Mcp():
            return _function(call.tool, call.arguments) | {"namespace": f"mcp__{call.server}"}
        case _:
            assert_never(call)


def _function(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function_call", "name": name, "arguments": json.dumps(arguments)}


def _usage(usage: s.Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    }

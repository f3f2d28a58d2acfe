"""A model for the tests of this directory: an HTTP server of the Responses API that does what the prompt
tells it.

A test writes what the model shall do into the prompt with `tell(step, step, …)`; the server answers the
first request with the first step and one step more for each tool output that has come back. It keeps no
state, so any number of threads may use it at once.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = list[dict[str, Any]]

MARK = "SCRIPT "


def tell(*steps: Step, text: str = "") -> str:
    """A prompt that makes the model do `steps`, one per request."""
    return f"{text}\n{MARK}{json.dumps(steps)}"


def say(text: str) -> Step:
    return [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}]


def call(name: str, **arguments: Any) -> Step:
    return [{"type": "function_call", "name": name, "arguments": json.dumps(arguments)}]


def shell(cmd: str, **more: Any) -> Step:
    return call("exec_command", cmd=cmd, **more)


def escalate(cmd: str, why: str) -> Step:
    return shell(cmd, sandbox_permissions="require_escalated", justification=why)


def patch(text: str) -> Step:
    body = f"*** Begin Patch\n{text}*** End Patch"
    return [{"type": "custom_tool_call", "name": "apply_patch", "input": body}]


def mcp(server: str, tool: str, **arguments: Any) -> Step:
    return [{**call(tool, **arguments)[0], "namespace": f"mcp__{server}"}]


def fail(status: int, headers: dict[str, str] | None = None, /, **error: Any) -> Step:
    return [{"fail": status, "error": error, "headers": headers or {}}]


def break_off(code: str, message: str) -> Step:
    """The stream begins, and ends with an error."""
    return [{"break_off": {"code": code, "message": message}}]


def hold(gate: str) -> Step:
    """Answer nothing until the test calls `TinyModel.open(gate)`."""
    return [{"hold": gate}, *say(f"after {gate}")]


def _text_of(item: dict[str, Any]) -> str:
    if item.get("type", "message") != "message" or item.get("role") != "user":
        return ""
    content = item["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _step(items: list[dict[str, Any]]) -> Step:
    """The step that the history asks for: as many steps on as outputs have come since the script."""
    for at in range(len(items) - 1, -1, -1):
        _, mark, script = _text_of(items[at]).partition(MARK)
        if mark:
            steps: list[Step] = json.JSONDecoder().raw_decode(script)[0]
            done = sum(1 for item in items[at:] if item.get("type", "").endswith("_output"))
            return steps[done] if done < len(steps) else say("done")
    return say("no script")


class TinyModel:
    """`with TinyModel() as model:` serves at `model.url`; `model.requests` holds the bodies that came in."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self._gates: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                model.requests.append(body)
                model._answer(self, _step(body["input"]), len(model.requests))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> TinyModel:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        for gate in list(self._gates.values()):
            gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def open(self, gate: str) -> None:
        self._gate(gate).set()

    def _gate(self, gate: str) -> threading.Event:
        with self._lock:
            return self._gates.setdefault(gate, threading.Event())

    def _answer(self, http: BaseHTTPRequestHandler, step: Step, number: int) -> None:
        first = step[0]
        if "fail" in first:
            body = json.dumps({"error": first["error"]}).encode()
            http.send_response(first["fail"])
            http.send_header("content-type", "application/json")
            http.send_header("content-length", str(len(body)))
            for name, value in first["headers"].items():
                http.send_header(name, value)
            http.end_headers()
            http.wfile.write(body)
            return
        http.send_response(200)
        http.send_header("content-type", "text/event-stream")
        http.end_headers()
        if "break_off" in first:
            failed = {"id": f"resp_{number}", "status": "failed", "error": first["break_off"]}
            self._event(http, {"type": "response.failed", "response": failed})
            return
        if "hold" in first:
            self._event(http, {"type": "response.created", "response": {"id": f"resp_{number}"}})
            self._gate(first["hold"]).wait()
        for at, item in enumerate(item for item in step if "hold" not in item):
            ids = {"id": f"it_{number}_{at}", "call_id": f"call_{number}_{at}"}
            self._event(http, {"type": "response.output_item.done", "item": ids | item})
        usage = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120} | {
            "input_tokens_details": {"cached_tokens": 40},
            "output_tokens_details": {"reasoning_tokens": 5},
        }
        self._event(
            http, {"type": "response.completed", "response": {"id": f"resp_{number}", "usage": usage}}
        )

    def _event(self, http: BaseHTTPRequestHandler, event: dict[str, Any]) -> None:
        try:
            http.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            http.wfile.flush()
        except OSError:
            http.close_connection = True

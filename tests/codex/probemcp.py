"""An MCP server on stdio for the tests that writes down what it gets: `probemcp.py LOG`.

Its first line there is how it was started, the others are the messages. `endless` never answers.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

ANNOTATIONS: dict[str, dict[str, bool] | None] = {
    "looks": {"readOnlyHint": True},
    "adds": {"readOnlyHint": False, "destructiveHint": False, "openWorldHint": False},
    "bare": None,
    "wrecks": {"readOnlyHint": True, "destructiveHint": True},
    "writes": {"readOnlyHint": False, "destructiveHint": False},
    "endless": {"readOnlyHint": True},
    "told": {"readOnlyHint": True},
    "wrong": {"readOnlyHint": True},
    "long": {"readOnlyHint": True},
}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": said}], **more}


RESULTS = {
    "told": text("in words", structuredContent={"told": 1}),
    "wrong": text("this is wrong", isError=True),
    "long": text("".join(f"{number:>9}\n" for number in range(10_000))),
}


def main() -> None:
    with open(sys.argv[1], "a", buffering=1) as log:

        def note(what: Any) -> None:
            log.write(json.dumps(what) + "\n")

        note({"pid": os.getpid(), "parent": os.getppid(), "cwd": os.getcwd(), "env": dict(os.environ)})
        for line in sys.stdin:
            message = json.loads(line)
            note(message)
            if answer := _answer(message):
                print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer}), flush=True)


def _answer(message: dict[str, Any]) -> dict[str, Any] | None:
    match message.get("method"):
        case "initialize":
            version = message["params"]["protocolVersion"]
            info = {"name": "probe", "version": "1"}
            return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
        case "tools/list":
            return {"tools": [_tool(name, told) for name, told in ANNOTATIONS.items()]}
        case "tools/call":
            name = message["params"]["name"]
            return None if name == "endless" else RESULTS.get(name, text(f"did {name}"))
        case _:
            return None


def _tool(name: str, annotations: dict[str, bool] | None) -> dict[str, Any]:
    tool = {"name": name, "inputSchema": {"type": "object"}}
    return tool if annotations is None else tool | {"annotations": annotations}


if __name__ == "__main__":
    main()

"""An MCP server on stdio for the tests: `form` and `login` ask their caller to fill in a form, `write` does nothing."""

from __future__ import annotations

import json
import sys
from typing import Any

FORM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Name", "minLength": 2},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "ok": {"type": "boolean"},
        "colour": {"type": "string", "enum": ["red", "blue"]},
    },
    "required": ["name"],
}
LOGIN = {
    "type": "object",
    "properties": {
        "user": {"type": "string"},
        "password": {"type": "string", "title": "Password"},
    },
    "required": ["user", "password"],
}
FORMS = {"form": FORM, "login": LOGIN}
TOOLS = [
    *(
        {
            "name": name,
            "inputSchema": {"type": "object", "properties": {}},
            "annotations": {"readOnlyHint": True},
        }
        for name in FORMS
    ),
    {"name": "write", "description": "Writes.", "inputSchema": {"type": "object", "properties": {}}},
]


def send(**message: Any) -> None:
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def text(said: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": said}]}


def main() -> None:
    forms: dict[int, Any] = {}  # our request: the call that waits for it
    for line in sys.stdin:
        message = json.loads(line)
        number = message.get("id")
        match message.get("method"), number:
            case "initialize", _:
                version = message["params"]["protocolVersion"]
                info = {"name": "lab", "version": "1"}
                send(
                    id=number,
                    result={"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info},
                )
            case "tools/list", _:
                send(id=number, result={"tools": TOOLS})
            case "tools/call", _ if message["params"]["name"] in FORMS:
                forms[len(forms) + 1000] = number
                params = {"message": "Who are you?", "requestedSchema": FORMS[message["params"]["name"]]}
                send(id=len(forms) + 999, method="elicitation/create", params=params)
            case "tools/call", _:
                send(id=number, result=text("wrote"))
            case None, int() if number in forms:
                send(id=forms[number], result=text(json.dumps(message["result"])))
            case str(), int() | str():
                send(id=number, result={})


if __name__ == "__main__":
    main()

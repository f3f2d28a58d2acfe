"""What an agent can write that acts on terminals, on tmux, on shells and on markup."""

from __future__ import annotations

import shlex
from pathlib import Path

import msgspec

from tests.e2e.project import Json
from tmuxorch.demo import scenario

SHAPES = "\u202eesrever\u202c \u2066x\u2069 👩‍👩‍👧‍👦 👍🏽 漢字 e\u0301\u0301 \u200b\ufeff"
ESCAPES = (
    *("\x1b]52;c;ZXZpbA==\x07", "\x1b]0;owned\x07", "\x1b]9;owned\x07", "\x1b]777;notify;owned;owned\x07"),
    *(
        "\x1bP+q544e\x1b\\",
        "\x1bPtmux;\x1b\x1b]0;owned\x07\x1b\\",
        "\x9b31m",
        "\x9d0;owned\x9c",
        "\x1bkowned\x1b\\",
    ),
    *("\x1b[201~", "\x1b[2J", "\x1b[H", "\x1b[31m", "\0", "\r", "\b\b"),
)


def line(file: Path) -> str:
    """All of it in one line; commands in it would make `file`."""
    touch = f"touch {file}"
    runs = f"#({touch}) #{{E:#({touch})}} #[fg=red]#{{pane_id}} $({touch}) `{touch}` %H:%M ; kill-server"
    return f"E[red]v[/red]il {SHAPES} {''.join(ESCAPES)} {runs} \\ \" ' }} ``` | end"


def script(text: str) -> scenario.Scenario:
    """Says it in every place where an agent can say something."""
    far = "L" * 10_000
    plain: Json = {"contract": "", "requests": [], "verification": [], "scope": []}
    human = {
        "do": f"{text}\n{far}",
        "expect": f"Which?\n- {text}: {text}\n- fixed",
        "kind": "decision",
        "secret": False,
    }
    items = [
        plain
        | {"id": "1", "title": f"asks {text}", "owner": "app", "depends": [], "scope": ["."], "human": None}
        | {"instructions": f"{text}\n{far}", "verification": ["true"], "risk": text},
        plain
        | {"id": "2", "title": f"choose {text}", "owner": "orchestrator", "depends": [], "human": human}
        | {"instructions": text, "risk": text},
    ]
    said = [text, far]
    plan = {"objective": text, "success_criteria": said, "items": items, "contracts": [], "parallel": said}
    plan |= {"human_checkpoints": said, "risks": said}
    typed = text.replace("\0", "")
    printed = "".join(f"\\{byte:03o}" for byte in text.encode())
    patch = f"*** Begin Patch\n*** Add File: .git/new\n+{text}\n+{far}\n*** End Patch"
    option = {"label": text, "description": text}
    rules: list[Json] = [
        {"match": r"^# tmuxorch: plan[\s\S]*?lab: evil", "steps": [[{"do": "json", "value": plan}]]},
        {
            "match": r"is yours: asks",
            "steps": [
                [
                    {"do": "reasoning", "text": text},
                    {"do": "plan", "steps": [{"step": text, "status": "in_progress"}], "explanation": text},
                    {"do": "command", "cmd": f"printf '{printed}\\n{far}\\n'"},
                ],
                [
                    {
                        "do": "command",
                        "cmd": f"echo {shlex.quote(typed)}",
                        "escalate": True,
                        "justification": text,
                    }
                ],
                [{"do": "patch", "patch": patch}],
                [
                    {
                        "do": "question",
                        "id": "q",
                        "header": text,
                        "question": f"Which? {text}",
                        "options": [option],
                    }
                ],
                [{"do": "message", "text": f"{text}\n\n{far}"}],
            ],
        },
        {"match": r"TASK: fail", "steps": [[{"do": "message", "text": text}, {"do": "fail", "kind": "cut"}]]},
        {"match": r"TASK: talk", "steps": [[{"do": "message", "text": f"{text}\n{far}"}]]},
        {"match": r"^# tmuxorch: report", "steps": [[{"do": "message", "text": f"{text}\n{far}"}]]},
        {"match": r"^# tmuxorch: discover", "steps": [[{"do": "message", "text": text}]]},
    ]
    return msgspec.convert({"rules": rules}, scenario.Scenario)

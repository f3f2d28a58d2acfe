"""Next steps for an agent: what a person would type becomes the tool that does it."""

from __future__ import annotations

import re

OURS = re.compile(r"\btmuxorch +(?P<words>.+)$")

TOOLS = {
    "status": "status",
    "ls": "status",
    "logs": "get_result",
    "child ls": "status",
    "checkpoints": "status",
    "overview": "status",
    "next": "wait_for_events",
    "runs": "status",
    "runs-md": "tmuxorch://runs.md",
    "journal": "read_journal",
    "show": "get_checkpoint",
    "wait": "wait_for",
    "result": "get_result",
    "plan show": "get_plan",
    "plan validate": "get_plan",
    "plan": "get_plan",
    "run": "start_run",
    "exec": "run_worker",
    "rerun": "rerun_worker",
    "resume": "resume_worker",
    "stop": "stop_worker",
    "pattern ls": "list_patterns",
    "pattern show": "list_patterns",
    "pattern run": "run_pattern",
    "ask": "ask_child",
    "steer": "steer_child",
    "interrupt": "interrupt_child",
    "report": "tmuxorch://reports/{run}",
}
"""By the words of a command, the tool or resource that does the same. What is not here is for a person to type."""

IDENTIFIED = {"get_checkpoint", "get_result", "rerun_worker", "resume_worker", "stop_worker"}
"""Tools that are told an id, as the command of the same meaning is."""

REALLY = "--yes-really-full"
"""What only a person says."""

ID = re.compile(r"^[WPCRT][0-9]+$")


def for_agent(hint: str) -> str:
    """A hint as an agent can follow it; one that names no command of ours stays as it is."""
    found = OURS.search(hint.strip())
    if found is None:
        return hint
    if REALLY in hint:
        return "scope edit, or ask_human to set workers.allow_full"
    words = found["words"].split()
    tool = TOOLS.get(" ".join(words[:2])) or TOOLS.get(words[0])
    if tool is None or words[1:2] == ["--help"]:
        return tool or f"a person types: {hint}"
    ids = [word for word in words[1:] if ID.match(word)]
    if tool == "wait_for" and ids:
        named = ", ".join(f'"{one}"' for one in ids)
        return f"wait_for(ids=[{named}])"
    return f'{tool}(id="{ids[0]}")' if ids and tool in IDENTIFIED else tool


_RESULT = re.compile(r"\btmuxorch (?:result|show|wait) [WPC][0-9]+\b")


def in_text(words: str) -> str:
    """A text of ours with the commands in it that have a tool as such."""
    return _RESULT.sub(lambda found: for_agent(found[0]), words)

"""What Codex's configuration says of our MCP server."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path
from typing import Any

from tmuxorch.errors import ToolMissing

TABLE = "mcp_servers"
NAME = "tmuxorch"

TOOL_TIMEOUT = 600
"""Seconds: what waits for events may take this long."""

STARTUP_TIMEOUT = 20
"""Seconds: a machine may be busy."""

ENV_VARS = ("CODEX_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "LC_ALL", "LC_CTYPE")
"""Codex hands on HOME, PATH and little more. Where our files are depends on these; nothing secret is among them."""

APPROVALS = "tools"
"""The key of the entry in which Codex notes what a person said of single tools: "always allow" for example."""

Entry = dict[str, Any]


def entry(command: str | Path, project: str | Path | None) -> Entry:
    """The table `mcp_servers.tmuxorch`: `command` (an absolute path) serves the project in the directory `project`, or
    with None the one of the directory that a thread works in."""
    return {
        "command": str(command),
        "args": ["mcp"] if project is None else ["-C", str(project), "mcp"],
        "env_vars": list(ENV_VARS),
        "startup_timeout_sec": STARTUP_TIMEOUT,
        "tool_timeout_sec": TOOL_TIMEOUT,
    }


def is_entry(value: object) -> bool:
    """Whether `entry` gives this for some command and some project, whatever tools were allowed since."""
    match value:
        case {"command": str(command), "args": ["mcp"]}:
            return bare(value) == entry(command, None)
        case {"command": str(command), "args": ["-C", str(project), "mcp"]}:
            return bare(value) == entry(command, project)
        case _:
            return False


def bare(value: object) -> object:
    """An entry without what was said of single tools; anything else as it is."""
    if not isinstance(value, dict):
        return value
    return {key: one for key, one in value.items() if key != APPROVALS}


def program() -> Path:
    """The absolute path of our program: that of this installation, else that of PATH. Raises ToolMissing."""
    own = Path(sysconfig.get_path("scripts"), NAME)
    if os.access(own, os.X_OK):
        return own
    if found := shutil.which(NAME):
        return Path(found).absolute()
    raise ToolMissing(
        f"{own} is not there, and {NAME} is not on PATH: Codex would not find it", hint="pip install tmuxorch"
    )

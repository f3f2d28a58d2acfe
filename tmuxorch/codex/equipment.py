"""What a thread has besides turns: a name, policies, skills, MCP servers. Requests of the App Server and options.

As measured on 0.163. What `thread_start` and `thread_resume` override (`config`) counts when the thread is loaded; for
one that is loaded already it is ignored in silence. The names have dots: a nested `mcp_servers` would replace all that
the server's command line says of others.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from tmuxorch.codex.appserver import Params
from tmuxorch.codex.results import decoded

NAME_SET = "thread/name/set"
SETTINGS_UPDATE = "thread/settings/update"
SKILLS_LIST = "skills/list"
SKILL_ROOTS = "skills/extraRoots/set"
CONFIG_READ = "config/read"


def name_set(thread: str, name: str) -> Params:
    """Names a thread, as people see it. One that never had a turn is stored by that, and can be resumed."""
    return {"threadId": thread, "name": name}


def settings_update(thread: str, *, sandbox: Params, approval: str) -> Params:
    """What turns may do that do not say it themselves, as those of somebody at Codex's own TUI; until one says it."""
    return {
        "threadId": thread,
        "sandboxPolicy": sandbox,
        "approvalPolicy": approval,
        "approvalsReviewer": "user",
    }


def skills_list(cwd: str) -> Params:
    """The skills for a thread in `cwd`, as they are on the disk now."""
    return {"cwds": [cwd], "forceReload": True}


def skill_roots(directories: Iterable[str | Path]) -> Params:
    """More directories of skills, or such as are one themselves: for all threads of the server while it lives, instead
    of those that were given before."""
    return {"extraRoots": [str(one) for one in directories]}


def config_read(cwd: str) -> Params:
    """The configuration for a thread in `cwd`."""
    return {"cwd": cwd, "includeLayers": False}


def mcp_server(
    name: str, argv: Sequence[str], env_vars: Iterable[str], timeout: float, startup: float
) -> Params:
    """An MCP server for a thread, which is not loaded without it. Of Codex's environment it gets what every MCP server
    gets and the variables `env_vars`; a call may take `timeout` seconds, its start `startup`.

    What the user's configuration says of one of that name counts only where this says nothing.
    """
    return {
        f"mcp_servers.{name}": {
            "command": argv[0],
            "args": list(argv[1:]),
            "env_vars": sorted(env_vars),
            "enabled": True,
            "required": True,
            "startup_timeout_sec": startup,
            "tool_timeout_sec": timeout,
        }
    }


def without_mcp_server(name: str) -> Params:
    """Switches an MCP server of the configuration off for a thread. Codex refuses that where there is none."""
    return {f"mcp_servers.{name}.enabled": False}


def switched_off(name: str, configs: Iterable[str]) -> list[str]:
    """Options that switch the MCP server `name` off, if one of these config.toml has it; none if none has, because they
    would be all that is said of it.

    Codex refuses a server without a way to it, and one with two. So these say again which kind it is, and hold also
    where Codex does not read the file that has it, because it is a project's that is not trusted. What cannot be read
    as TOML has nothing (Codex itself will refuse it in words of its own).
    """
    for config in configs:
        try:
            servers = tomllib.loads(config).get("mcp_servers", {})
        except tomllib.TOMLDecodeError:
            continue
        entry = servers.get(name) if isinstance(servers, dict) else None
        if isinstance(entry, dict):
            way = 'url = "http://localhost"' if "url" in entry else 'command = "true"'
            return ["-c", f"mcp_servers.{name}={{ {way}, enabled = false }}"]
    return []


class Skill(Struct, frozen=True):
    """A skill that Codex finds; `path` is its SKILL.md."""

    name: str
    path: str


class _Skills(Struct, frozen=True):
    skills: tuple[Skill, ...] = ()


class _SkillsResult(Struct, frozen=True):
    data: tuple[_Skills, ...] = ()


class _Config(Struct, frozen=True):
    mcp_servers: dict[str, dict[str, Any]] | None = None


class _ConfigResult(Struct, frozen=True):
    config: _Config


_skills = msgspec.json.Decoder(_SkillsResult)
_config = msgspec.json.Decoder(_ConfigResult)


def skills_of(result: Raw) -> tuple[Skill, ...]:
    """Of skills/list."""
    return tuple(skill for found in decoded(_skills, result).data for skill in found.skills)


def mcp_servers_of(result: Raw) -> dict[str, dict[str, Any]]:
    """Of config/read: the MCP servers by name, with what the configuration says of them."""
    return decoded(_config, result).config.mcp_servers or {}

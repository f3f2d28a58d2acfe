"""What the lead's Codex has while people talk to it: our MCP server, the skill, and what it may do without asking.

Codex's own TUI comes to the lead's App Server by a link that is there only while its thread is as it should be: a TUI
that waits for a server to come back would load the thread without our tools, and then it has none while it is loaded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from pathlib import Path

from msgspec import Raw, Struct

from tmuxorch import environment
from tmuxorch.codex import appserver, equipment
from tmuxorch.core import model as m
from tmuxorch.skill.entry import ENV_VARS, NAME, STARTUP_TIMEOUT, TOOL_TIMEOUT
from tmuxorch.skill.files import OWN
from tmuxorch.store.paths import ProjectPaths

Call = Callable[[str, appserver.Params], Awaitable[Raw]]
"""One request to an App Server."""


class Outfit(Struct, frozen=True, kw_only=True):
    """`argv` is our MCP server; `sandbox` and `approval` are those of people's turns."""

    argv: tuple[str, ...]
    sandbox: appserver.Params
    approval: str


VARIABLES = (*ENV_VARS, "PYTHONPATH")
"""What our MCP server gets of the environment that all our programs have: where files of ours are, no secrets."""


def of(lead: m.Lead, project: Path) -> Outfit | None:
    """That of the lead as it is open now, None while it is not."""
    if not lead.open:
        return None
    sandbox, approval = policy(lead)
    argv = (*environment.program("tmuxorch"), "-C", str(project), "mcp")
    return Outfit(argv=argv, sandbox=sandbox, approval=approval)


def policy(lead: m.Lead) -> tuple[appserver.Params, str]:
    """Sandbox and approvals of all turns of an open lead. It reads, and asks for more; full, it does what it wants."""
    return (appserver.everything(), "never") if lead.full else (appserver.read_only(), "on-request")


async def bring_skill(call: Call, cwd: str) -> None:
    """The lead's Codex finds the skill where it is installed, else ours. Of two with one name it would take neither."""
    found = equipment.skills_of(await call(equipment.SKILLS_LIST, equipment.skills_list(cwd)))
    own = str(OWN / "SKILL.md")
    installed = any(one.name == NAME and one.path != own for one in found)
    await call(equipment.SKILL_ROOTS, equipment.skill_roots([] if installed else [OWN]))


async def our_tools(call: Call, cwd: str, argv: Sequence[str]) -> appserver.Params:
    """What gives our MCP server (`argv`) to a thread in `cwd`. It takes the place of one of its name in the user's
    configuration. Where that has a URL, which nothing can take out of it, it is switched off and ours has another name.
    """
    servers = equipment.mcp_servers_of(await call(equipment.CONFIG_READ, equipment.config_read(cwd)))
    name, off = NAME, appserver.Params()
    if servers.get(NAME, {}).get("url"):
        name = next(one for one in (f"{NAME}{number}" for number in count(2)) if one not in servers)
        off = equipment.without_mcp_server(NAME)
    return off | equipment.mcp_server(name, argv, VARIABLES, TOOL_TIMEOUT, STARTUP_TIMEOUT)


async def without_our_tools(call: Call, cwd: str) -> appserver.Params:
    """What keeps our MCP server from a thread in `cwd` whose user has it in Codex's configuration."""
    servers = equipment.mcp_servers_of(await call(equipment.CONFIG_READ, equipment.config_read(cwd)))
    return equipment.without_mcp_server(NAME) if NAME in servers else {}


def open_door(paths: ProjectPaths, agent: str) -> None:
    """Lets Codex's own TUI in."""
    with contextlib.suppress(FileExistsError):
        paths.tui_socket(agent).symlink_to(paths.app_socket(agent).name)


def close_door(paths: ProjectPaths, agent: str) -> None:
    """Keeps it out until the next server has the thread loaded; one that is in stays."""
    paths.tui_socket(agent).unlink(missing_ok=True)

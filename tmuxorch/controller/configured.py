"""What follows from the configuration: what decisions depend on, the environment of agents, tokens, the tmux server."""

from __future__ import annotations

import os

from tmuxorch import environment
from tmuxorch.controller.dialing import token_of
from tmuxorch.core import messages as msg
from tmuxorch.store.config import Config
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.tmux.server import Address


def settings(config: Config) -> msg.Settings:
    """What decisions depend on."""
    limits = config.limits
    return msg.Settings(
        turns=limits.turns,
        exec_workers=limits.exec_workers,
        attempts=limits.attempts,
        plan_repairs=limits.plan_repairs,
        tests={child.name: child.tests for child in config.children},
        read_timeout=config.timeouts.read,
        retries=limits.retries,
        backoff=config.timeouts.retry,
        stall=config.timeouts.stall,
        hook=bool(config.workers.hook),
        isolation=config.isolation,
        commit=config.commit,
        dirty=config.gates.dirty,
        references=frozenset(c.name for c in config.children if c.access == "reference"),
    )


def token(config: Config, agent: str) -> dict[str, str]:
    """What an agent's server wants to be shown, by its environment variable; nothing if it wants none.

    Raises UsageError."""
    child = config.child(agent)
    if child is None or not child.token_env:
        return {}
    return {child.token_env: token_of(child.token_env, os.environ)}


def agent_environment(paths: ProjectPaths, config: Config) -> dict[str, str]:
    """What programs in windows get: the environment of whoever typed `up`, and the configured CODEX_HOME; not the
    tokens, which are nobody's but ours."""
    tokens = {child.token_env for child in config.children}
    env = {name: value for name, value in environment.handed_on(os.environ).items() if name not in tokens}
    if config.codex.home:
        env["CODEX_HOME"] = str((paths.project / os.path.expanduser(config.codex.home)).resolve())
    return env


def address(config: Config) -> Address:
    """Which tmux server the session is on."""
    return Address(socket_name=config.tmux.socket_name or None)

"""What every handler works with, and the table that handlers enter themselves in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import model as m
from tmuxorch.errors import Refused
from tmuxorch.ledger import public_checkpoints

P = TypeVar("P", bound=Struct)


class May(Enum):
    """Who may call a method. What only looks, everybody; what has work done, whoever leads, and people; what decides
    for people, people.
    """

    ANYBODY = "anybody"
    LEADS = "leads"
    PEOPLE = "people"


Handler = Callable[[App, Caller, Any], Awaitable[object]]

METHODS: dict[str, tuple[type[Struct], May, Handler]] = {}
"""Method → the shape of its parameters, who may call it, and its handler."""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


def method(name: str, shape: type[P], may: May) -> Callable[[Handler], Handler]:
    """Enters a handler in the table."""

    def enter(handler: Handler) -> Handler:
        METHODS[name] = (shape, may, handler)
        return handler

    return enter


def only_people(caller: Caller, what: str) -> None:
    """Raises Refused when the caller is an agent: what only a human may decide, no agent of ours can."""
    if caller.agent:
        raise Refused(f"{caller.agent} is an agent and cannot {what}: that is for a human")


def check(caller: Caller, name: str, may: May) -> None:
    """Raises Refused when the caller may not call that method."""
    if may is May.PEOPLE:
        only_people(caller, f"call {name}")
    elif may is May.LEADS and caller.agent and not caller.leads:
        raise Refused(
            f"{caller.agent} does not lead the work and cannot call {name}: it does the task that it was given",
            hint="say in your answer what should be done",
        )


def leader(caller: Caller) -> str:
    """The agent that leads and asks; empty for a person."""
    return caller.agent if caller.leads else ""


def before_the_gate(app: App, caller: Caller, directory: str, *, edits: bool) -> None:
    """Raises Refused when an agent wants something edited in a repo of a run whose plan no human has accepted yet."""
    run = app.engine.state.active_run
    if not caller.agent or not edits or run is None or run.phase not in _BEFORE:
        return
    for child in run.children:
        repo = Path(app.engine.state.agents[child].path)
        if Path(directory).is_relative_to(repo) or repo.is_relative_to(directory):
            raise Refused(
                f"{run.id} is in its phase {run.phase}: nothing is edited in {child} before a human accepts its plan",
                hint="wait for the plan's gate, or use a read-only scope",
            )


_BEFORE = (m.Phase.CONNECT, m.Phase.UNDERSTAND, m.Phase.PLAN, m.Phase.GATE)


async def needs_windows(app: App) -> None:
    """Raises Refused when tmux is gone and no session of ours can be found: nothing could be started."""
    if not await app.desk.attach():
        raise Refused("tmux is gone, and what is started needs a window", hint="tmuxorch up")


def shown(app: App, checkpoint: m.Checkpoint) -> object:
    """The full public object of a checkpoint."""
    return public_checkpoints.checkpoint_shown(app.engine.state.checkpoints[checkpoint.id])

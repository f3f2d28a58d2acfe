"""The public objects without a controller: from the journal and the files, as of the last recorded event.

Each function stands in for the controller's method of the same name, and takes its parameters.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from tmuxorch.cli.output import Json
from tmuxorch.controller import history, outcomes
from tmuxorch.core import model as m
from tmuxorch.core.plan_rules import problems
from tmuxorch.errors import NotFound, PlanError, Refused
from tmuxorch.ledger import plan_md, public
from tmuxorch.store.config import load
from tmuxorch.store.paths import ProjectPaths


def status(paths: ProjectPaths) -> Json:
    """The status object; its controller is null."""
    state = history.load(paths)
    about = public.Project(
        dir=str(paths.project),
        session=state.tmux.name if state.tmux else "",
        socket=state.tmux.socket if state.tmux else "",
        codex="",
        tmux="",
        controller=None,
    )
    return _plain(public.status(state, about, time.time()))


def tmux_socket(paths: ProjectPaths) -> str:
    """The socket of the tmux server that last had the project's session; empty before the first `up`."""
    tmux = history.load(paths).tmux
    return tmux.socket if tmux else ""


def runs(paths: ProjectPaths) -> Sequence[Json]:
    """All runs, oldest first."""
    state = history.load(paths)
    return [_plain(public.run(state, run)) for run in state.runs.values()]


def checkpoints(paths: ProjectPaths, all: bool) -> Sequence[Json]:
    """The open checkpoints, or all."""
    every = history.load(paths).checkpoints.values()
    return [_plain(public.checkpoint(one)) for one in every if all or one.is_open]


def show(paths: ProjectPaths, id: str) -> Json:
    """One checkpoint, whole. Raises NotFound."""
    found = history.load(paths).checkpoints.get(id)
    if found is None:
        raise NotFound(f"no checkpoint {id!r}", hint="tmuxorch checkpoints --all")
    return _plain(public.checkpoint_shown(found))


def result(paths: ProjectPaths, id: str) -> Json:
    """A worker's last message. Raises NotFound, or Refused if it has not ended as far as is known."""
    state = history.load(paths)
    found = state.workers.get(id)
    if found is None:
        raise NotFound(f"no worker {id!r}", hint="tmuxorch ls")
    if not isinstance(found.life, m.Exited):
        raise Refused(f"{id} had not ended when the controller did", hint="tmuxorch up")
    directory = paths.worker(id)
    return {
        "worker": _plain(public.worker(state, found)),
        "message": outcomes.last_message(directory),
        "path": str(directory / "last_message.md"),
    }


def plan(paths: ProjectPaths) -> Json:
    """plan.md as it is, and what keeps it from being a valid plan. Raises NotFound."""
    try:
        markdown = paths.plan.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise NotFound("there is no plan.md yet", hint='tmuxorch run "…"') from None
    names = frozenset(child.name for child in load(paths.config).children)
    try:
        wrong = problems(plan_md.parse(markdown), names)
    except PlanError as error:
        wrong = error.message.splitlines()
    return {"path": str(paths.plan), "markdown": markdown, "problems": wrong}


def _plain(value: object) -> Json:
    built: Json = msgspec.to_builtins(value)
    return built

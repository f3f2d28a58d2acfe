"""The public objects without a controller: from the journal and the files, as of the last recorded event.

Each function stands in for the controller's method of the same name, and takes its parameters. What reads Markdown and
YAML is imported where it is needed: a shell that completes a name waits for this module.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from tmuxorch.cli.output import Json
from tmuxorch.controller import history
from tmuxorch.core import model as m
from tmuxorch.errors import NotFound, PlanError, Refused
from tmuxorch.ledger import public, public_checkpoints
from tmuxorch.store.paths import ProjectPaths

if TYPE_CHECKING:
    from tmuxorch.store.templates import Templates


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
    return [_plain(public_checkpoints.checkpoint(one)) for one in every if all or one.is_open]


def show(paths: ProjectPaths, id: str) -> Json:
    """One checkpoint, whole. Raises NotFound."""
    found = history.load(paths).checkpoints.get(id)
    if found is None:
        raise NotFound(f"no checkpoint {id!r}", hint="tmuxorch checkpoints --all")
    return _plain(public_checkpoints.checkpoint_shown(found))


def result(paths: ProjectPaths, id: str) -> Json:
    """A worker's last message, or the result of a pattern. Raises NotFound, or Refused if it has not ended as far as is
    known."""
    state = history.load(paths)
    worker, run = state.workers.get(id), state.patterns.get(id)
    if worker is None and run is None:
        raise NotFound(f"no worker or pattern run {id!r}", hint="tmuxorch ls")
    if not (run.end if run else worker and isinstance(worker.life, m.Exited)):
        raise Refused(f"{id} had not ended when the controller did", hint="tmuxorch up")
    from tmuxorch.controller import outcomes

    return _plain(outcomes.result(paths, state, id))


def prompt(paths: ProjectPaths, /, **asked: Any) -> Json:
    """What a worker would be told."""
    from tmuxorch.controller import orders

    return {"prompt": orders.built(_templates(paths), msgspec.convert(asked, orders.Prompt))}


def patterns(paths: ProjectPaths) -> Sequence[Json]:
    """The patterns there are."""
    return [_plain(one) for one in _templates(paths).patterns()]


def pattern(paths: ProjectPaths, name: str) -> Json:
    """One pattern, whole. Raises UsageError."""
    return _plain(_templates(paths).pattern(name))


def _templates(paths: ProjectPaths) -> Templates:
    from tmuxorch.store.templates import Templates

    return Templates(paths.project, os.environ)


def plan(paths: ProjectPaths) -> Json:
    """plan.md as it is, and what keeps it from being a valid plan. Raises NotFound."""
    try:
        markdown = paths.plan.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        raise NotFound("there is no plan.md yet", hint='tmuxorch run "what is to be done"') from None
    return {"path": str(paths.plan), "markdown": markdown, "problems": _problems(paths, markdown)}


def edit_plan(paths: ProjectPaths, before: str, after: str) -> Json:
    """Writes an edit of plan.md; the next controller puts it in force. Raises PlanError, ChangedMeanwhile."""
    from tmuxorch.core.plan_changes import difference
    from tmuxorch.ledger import plan_md
    from tmuxorch.store.atomic import PROJECT, digest, write_atomic

    if wrong := _problems(paths, after):
        raise PlanError("\n".join(wrong), hint="tmuxorch plan edit")
    write_atomic(paths.plan, after.encode(), PROJECT, digest(before.encode()))
    try:
        changes = difference(plan_md.parse(before), plan_md.parse(after))
    except PlanError:
        changes = []
    return {"path": str(paths.plan), "valid": True, "changes": changes}


def _problems(paths: ProjectPaths, markdown: str) -> list[str]:
    from tmuxorch.core.plan_rules import problems
    from tmuxorch.ledger import plan_md
    from tmuxorch.store.config import load

    run = history.load(paths).active_run
    children = load(paths.config).children
    names = run.children if run else tuple(child.name for child in children)
    references = frozenset(child.name for child in children if child.access == "reference")
    try:
        found = plan_md.parse(markdown)
    except PlanError as error:
        return error.message.splitlines()
    return problems(found, frozenset(names), references, run.asked_for if run else ())


def _plain(value: object) -> Json:
    built: Json = msgspec.to_builtins(value)
    return built

"""Methods that start workers: `exec`, `prompt` (what one would be told), `rerun`, `resume`."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tmuxorch.codex import schemas, workerprompt
from tmuxorch.controller import orders
from tmuxorch.controller.api.context import May, before_the_gate, leader, method, needs_windows
from tmuxorch.controller.api.workers import find, shown
from tmuxorch.controller.app import App
from tmuxorch.controller.scoping import in_its_tree, label, lease, place_to_work, repo_of
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.evolve.tables import next_id
from tmuxorch.core.pattern import Answer
from tmuxorch.errors import Refused, UsageError

NO_PATTERN = {"pattern": "", "step": "", "about": ""}
"""Of a worker that is asked for by itself."""

TASK = 2000
"""Characters of a task that are kept with its worker."""

WINDOW = 20.0
"""Seconds in which a worker that need not queue has its window."""


class Exec(orders.Prompt, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `exec` takes. `cd` is absolute, `timeout` in seconds. Scope full
    wants `really_full`, unless the configuration allows it.
    """

    cd: str
    label: str = ""
    model: str = ""
    timeout: float | None = None
    worktree: bool = False
    really_full: bool = False


class Rerun(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker to run again, with more said."""

    id: str
    context: str = ""


class Resume(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker whose thread goes on with `text`."""

    id: str
    text: str


@method("prompt", orders.Prompt, May.ANYBODY)
async def prompt(app: App, caller: Caller, params: orders.Prompt) -> object:
    """What a worker would be told; none is started."""
    return {"prompt": orders.built(app.templates, params)}


@method("exec", Exec, May.LEADS)
async def execute(app: App, caller: Caller, params: Exec) -> object:
    """Starts a worker; returns when its window exists, or when it queues for a place or a lease."""
    directory = place_to_work(params.cd)
    before_the_gate(app, caller, directory, edits=params.scope != "read-only")
    _let(app, caller, params.scope, said=params.really_full)
    if params.scope == "read-only" and params.worktree:
        raise UsageError(
            "--worktree is for workers that edit", hint="tmuxorch exec --scope edit --worktree …"
        )
    words = orders.built(app.templates, params)
    if params.schema is not None and (wrong := schemas.check_strict(params.schema)):
        raise UsageError("the schema is not in OpenAI's strict form: " + "; ".join(wrong))
    role = app.templates.role(params.role)
    spec = m.WorkerSpec(
        label=label(params.label or (role.name if role.name != "free" else "worker")),
        role=role.name,
        task=_in_short(params.task),
        cwd=directory,
        scope=params.scope,
        paths=params.paths,
        model=params.model or app.config.codex.model,
        schema=orders.SCHEMA if params.schema is not None else "",
        timeout=params.timeout or 0.0,
        lease=lease(directory, params.scope, params.paths),
        worktree=params.worktree,
        scratch=role.scratch,
        by=leader(caller),
    )
    if params.worktree:
        await repo_of(directory)
    return await _start(app, spec, words, params.schema)


@method("rerun", Rerun, May.LEADS)
async def rerun(app: App, caller: Caller, params: Rerun) -> object:
    """A new worker with the same prompt and more context, which names the old one as its parent. One that had a
    worktree gets a new one."""
    old = find(app, params.id)
    if old.spec.resume:
        raise Refused(f"{old.id} resumed a thread", hint=f"tmuxorch resume {old.id} …")
    words, schema = orders.read(app.paths, old)
    if params.context:
        words = orders.fitting(f"{words}\n\nADDED CONTEXT: {params.context}")
    before_the_gate(app, caller, place_to_work(old.spec.cwd), edits=old.spec.edits)
    _let(app, caller, old.spec.scope, said=True)
    place = None if old.spec.worktree else old.spec.place
    fresh = replace(
        old.spec, parent=old.id, place=place, lease=_lease(old.spec), by=leader(caller), **NO_PATTERN
    )
    return await _start(app, fresh, words, schema)


@method("resume", Resume, May.LEADS)
async def resume(app: App, caller: Caller, params: Resume) -> object:
    """A new worker on the old one's thread, in the same place with the same sandbox and lease."""
    old = find(app, params.id)
    if not isinstance(old.life, m.Exited):
        raise Refused(f"{old.id} still runs", hint=f"tmuxorch wait {old.id}")
    if not old.thread:
        raise Refused(f"{old.id} never had a thread", hint=f"tmuxorch rerun {old.id}")
    if not params.text.strip():
        raise UsageError("resume wants a text to go on with")
    if not os.path.isdir(old.cwd):
        raise Refused(f"{old.cwd} is gone, where {old.id} worked", hint=f"tmuxorch rerun {old.id}")
    before_the_gate(app, caller, old.cwd, edits=old.spec.edits)
    _let(app, caller, old.spec.scope, said=True)
    words = orders.fitting(f"{workerprompt.MARK}\nTASK: {params.text}")
    spec = replace(
        old.spec,
        parent=old.id,
        resume=old.thread,
        task=_in_short(params.text),
        schema="",
        answer=Answer.TEXT,
        by=leader(caller),
        place=old.place,
        lease=old.spec.lease if old.place else _lease(old.spec),
        **NO_PATTERN,
    )
    return await _start(app, spec, words, None)


def _let(app: App, caller: Caller, scope: str, *, said: bool) -> None:
    """Raises Refused for a worker without a sandbox, unless a person has `said` that there be one, or the configuration
    does: an agent does not say so for a human, nor has one that a human started do something else."""
    if scope == "full" and not (app.config.workers.allow_full or (said and not caller.agent)):
        raise Refused(
            "scope full takes every sandbox away, and workers.allow_full of the configuration is not set",
            hint="say it: tmuxorch exec --scope full --yes-really-full …",
        )


def _in_short(task: str) -> str:
    """A task as the state keeps it, and everybody who looks is sent it; its worker is told the whole."""
    return text.clip(text.block(task), TASK)


def _lease(spec: m.WorkerSpec) -> tuple[str, ...]:
    """The lease of another worker like one that there was. That of old may have had none, from before there were any,
    or links in its paths may lead elsewhere by now."""
    return lease(spec.cwd, spec.scope, spec.paths)


async def _start(app: App, spec: m.WorkerSpec, words: str, schema: dict[str, Any] | None) -> object:
    """The prompt is on disk before the journal says that the worker is wanted."""
    await needs_windows(app)
    async with app.numbering:
        worker = next_id(app.engine.state, "W")
        await asyncio.to_thread(orders.write, app.paths, worker, words, schema)
        if spec.worktree and spec.place is None:
            spec = in_its_tree(app.paths, worker, spec, await repo_of(spec.cwd))
        await app.engine.submit(msg.QueueWorker(id=worker, spec=spec))

    def placed(state: m.State) -> bool:
        life = state.workers[worker].life
        return worker in state.windows or isinstance(life, m.Queued | m.Exited)

    await app.engine.until(placed, WINDOW, f"the window of {worker}")
    return shown(app, worker)

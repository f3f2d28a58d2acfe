"""Methods about workers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field, json
from msgspec.structs import replace

from tmuxorch.codex import schemas, workerprompt
from tmuxorch.controller import outcomes
from tmuxorch.controller.api.context import Caller, Nothing, method, needs_windows
from tmuxorch.controller.app import App
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.evolve.tables import next_id
from tmuxorch.errors import NotFound, Refused, UsageError
from tmuxorch.ledger import public
from tmuxorch.store.atomic import write_atomic
from tmuxorch.store.paths import private_directory

WINDOW = 20.0
"""Seconds in which a worker that need not queue has its window."""

STOPPED = 30.0
"""Seconds in which nothing of a stopped worker is alive."""

LABEL = 24
"""Characters of a worker's label."""


class Exec(Struct, frozen=True, forbid_unknown_fields=True):
    """What `exec` takes. `cd` is absolute; `schema` is a JSON Schema in strict form; `timeout` in seconds."""

    task: str
    cd: str
    label: str = ""
    role: str = "free"
    scope: Literal["read-only", "edit", "full"] = "read-only"
    paths: tuple[str, ...] = ()
    lens: str = ""
    context: dict[str, str] = field(default_factory=dict)
    schema: dict[str, Any] | None = None
    model: str = ""
    timeout: float | None = None


class Which(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker."""

    id: str


class Wait(Struct, frozen=True, forbid_unknown_fields=True):
    """Workers to wait for: all, or any one."""

    ids: tuple[str, ...]
    any: bool = False
    timeout: float | None = None


class Rerun(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker to run again, with more said."""

    id: str
    context: str = ""


class Resume(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker whose thread goes on with `text`."""

    id: str
    text: str


def find(app: App, worker: str) -> m.Worker:
    """The worker of that id. Raises NotFound."""
    found = app.engine.state.workers.get(worker)
    if found is None:
        raise NotFound(f"no worker {worker!r}", hint="tmuxorch ls")
    return found


def shown(app: App, worker: str) -> object:
    """The public object of a worker."""
    return public.worker(app.engine.state, find(app, worker))


@method("exec", Exec)
async def execute(app: App, caller: Caller, params: Exec) -> object:
    """Starts a worker; returns when its window exists, or when it queues for a place."""
    if not os.path.isabs(params.cd) or not Path(params.cd).is_dir():
        raise UsageError(f"--cd: there is no directory {params.cd}")
    if params.scope == "full" and not app.config.workers.allow_full:
        raise Refused(
            "scope full takes every sandbox away, and the configuration does not allow it",
            hint="workers: {allow_full: true} in orchestrator.config.yaml",
        )
    prompt = workerprompt.build(
        params.role, params.task, params.scope, params.lens, params.context, params.paths
    )
    if params.schema is not None and (wrong := schemas.check_strict(params.schema)):
        raise UsageError("the schema is not in OpenAI's strict form: " + "; ".join(wrong))
    role_label = params.role if params.role != "free" else "worker"
    spec = m.WorkerSpec(
        label=_label(params.label or role_label),
        role=params.role,
        task=text.block(params.task),
        cwd=os.path.realpath(params.cd),
        scope=params.scope,
        paths=params.paths,
        model=params.model or app.config.codex.model,
        schema="schema.json" if params.schema is not None else "",
        timeout=params.timeout or 0.0,
    )
    return await _start(app, spec, prompt, params.schema)


@method("rerun", Rerun)
async def rerun(app: App, caller: Caller, params: Rerun) -> object:
    """A new worker with the same prompt and more context, which names the old one as its parent."""
    old = find(app, params.id)
    if old.spec.resume:
        raise Refused(f"{old.id} resumed a thread", hint=f"tmuxorch resume {old.id} …")
    directory = app.paths.worker(old.id)
    prompt = (directory / "prompt.md").read_text(encoding="utf-8")
    if params.context:
        prompt += f"\n\nADDED CONTEXT: {params.context}"
    schema = json.decode((directory / "schema.json").read_bytes()) if old.spec.schema else None
    return await _start(app, replace(old.spec, parent=old.id), prompt, schema)


@method("resume", Resume)
async def resume(app: App, caller: Caller, params: Resume) -> object:
    """A new worker on the old one's thread, with the same sandbox."""
    old = find(app, params.id)
    if not isinstance(old.life, m.Exited):
        raise Refused(f"{old.id} still runs", hint=f"tmuxorch wait {old.id}")
    if not old.thread:
        raise Refused(f"{old.id} never had a thread", hint=f"tmuxorch rerun {old.id}")
    if not params.text.strip():
        raise UsageError("resume wants a text to go on with")
    spec = replace(old.spec, parent=old.id, resume=old.thread, task=text.block(params.text), schema="")
    return await _start(app, spec, f"{workerprompt.MARK}\nTASK: {params.text}", None)


async def _start(app: App, spec: m.WorkerSpec, prompt: str, schema: dict[str, Any] | None) -> object:
    """The prompt is on disk before the journal says that the worker is wanted."""
    await needs_windows(app)
    async with app.numbering:
        worker = next_id(app.engine.state, "W")
        directory = app.paths.worker(worker)
        private_directory(directory)
        write_atomic(directory / "prompt.md", prompt.encode())
        if schema is not None:
            write_atomic(directory / "schema.json", json.encode(schema))
        await app.engine.submit(msg.QueueWorker(id=worker, spec=spec))

    def placed(state: m.State) -> bool:
        life = state.workers[worker].life
        return worker in state.windows or isinstance(life, m.Queued | m.Exited)

    await app.engine.until(placed, WINDOW, f"the window of {worker}")
    return shown(app, worker)


@method("wait", Wait)
async def wait(app: App, caller: Caller, params: Wait) -> object:
    """Waits until all (or any) of the workers have ended."""
    ids = [find(app, worker).id for worker in params.ids]

    def ended(state: m.State) -> bool:
        over = [isinstance(state.workers[worker].life, m.Exited) for worker in ids]
        return any(over) if params.any else all(over)

    await app.engine.until(ended, params.timeout, f"end of {', '.join(ids)}")
    return [shown(app, worker) for worker in ids]


@method("result", Which)
async def result(app: App, caller: Caller, params: Which) -> object:
    """A worker's final message."""
    worker = find(app, params.id)
    if not isinstance(worker.life, m.Exited):
        raise Refused(f"{worker.id} still runs", hint=f"tmuxorch wait {worker.id}")
    directory = app.paths.worker(worker.id)
    path = directory / "last_message.md"
    return {"worker": shown(app, worker.id), "message": outcomes.last_message(directory), "path": str(path)}


@method("stop", Which)
async def stop(app: App, caller: Caller, params: Which) -> object:
    """Ends a worker; returns when nothing of it is alive."""
    worker = find(app, params.id).id
    await app.engine.submit(msg.StopJob(id=worker, by=caller.name))
    await app.engine.until(
        lambda s: isinstance(s.workers[worker].life, m.Exited), STOPPED, f"end of {worker}"
    )
    return shown(app, worker)


@method("prune", Nothing)
async def prune(app: App, caller: Caller, params: Nothing) -> object:
    """Closes the windows of everything that has ended; logs stay."""
    closed = []
    state = app.engine.state
    for job in state.jobs:
        window = state.windows.get(job.id)
        if window and isinstance(job.life, m.Exited):
            await app.desk.close_window(window)
            await app.engine.submit(msg.SawWindow(key=job.id, window=None))
            closed.append(window.id)
    return {"closed": closed}


def _label(given: str) -> str:
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "_-") else "-" for char in given)
    return kept.strip("-")[:LABEL] or "worker"

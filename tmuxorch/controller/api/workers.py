"""Methods about workers."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.controller import digest, outcomes
from tmuxorch.controller.api.context import May, Nothing, method
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import NotFound, Refused
from tmuxorch.ledger import public_workers

STOPPED = 30.0
"""Seconds in which nothing of a stopped worker is alive."""


class Which(Struct, frozen=True, forbid_unknown_fields=True):
    """A worker (W7) or a run of a pattern (P2)."""

    id: str


class Wait(Struct, frozen=True, forbid_unknown_fields=True):
    """Workers and runs of patterns to wait for: all, or any one."""

    ids: tuple[str, ...]
    any: bool = False
    timeout: float | None = None


class After(Struct, frozen=True, forbid_unknown_fields=True):
    """Whatever ends after the worker or run of a pattern `after` did; without, from now on."""

    after: str = ""
    timeout: float | None = None


def find(app: App, worker: str) -> m.Worker:
    """The worker of that id. Raises NotFound."""
    found = app.engine.state.workers.get(worker)
    if found is None:
        raise NotFound(f"no worker {worker!r}", hint="tmuxorch ls")
    return found


def shown(app: App, name: str) -> object:
    """The public object of a worker or of a run of a pattern."""
    state = app.engine.state
    if name in state.patterns:
        return public_workers.pattern(state, state.patterns[name])
    return public_workers.worker(state, find(app, name))


def has_ended(state: m.State, name: str) -> bool:
    """Whether a worker, or a run of a pattern, has ended for good."""
    if name in state.patterns:
        return state.patterns[name].end is not None
    return isinstance(state.workers[name].life, m.Exited)


@method("wait", Wait, May.ANYBODY)
async def wait(app: App, caller: Caller, params: Wait) -> object:
    """Waits until all (or any) of them have ended, whatever tries that takes."""
    for name in params.ids:
        shown(app, name)

    def ended(state: m.State) -> bool:
        over = [has_ended(state, name) for name in params.ids]
        return any(over) if params.any else all(over)

    await app.engine.until(ended, params.timeout, f"end of {', '.join(params.ids)}")
    return [shown(app, name) for name in params.ids]


@method("finished", After, May.ANYBODY)
async def finished(app: App, caller: Caller, params: After) -> object:
    """Waits until something has ended; what has, in that order, and in words for whoever leads the work."""
    since = digest.end_of(app.engine.state, params.after) if params.after else (app.clock(), 0, "")

    def news(state: m.State) -> list[str]:
        return digest.ended_since(state, since)

    names = await app.engine.until(news, params.timeout, "end of a worker or pattern")
    state = app.engine.state
    return {
        "finished": [shown(app, name) for name in names],
        "after": names[-1],
        "text": digest.words(app.paths, state, names),
    }


@method("result", Which, May.ANYBODY)
async def result(app: App, caller: Caller, params: Which) -> object:
    """What a worker said last; of a run of a pattern, the one result of it."""
    state = app.engine.state
    if not has_ended(state, params.id) if params.id in state.patterns else _runs(find(app, params.id)):
        raise Refused(f"{params.id} still runs", hint=f"tmuxorch wait {params.id}")
    return outcomes.result(app.paths, state, params.id)


def _runs(worker: m.Worker) -> bool:
    return not isinstance(worker.life, m.Exited)


@method("stop", Which, May.LEADS)
async def stop(app: App, caller: Caller, params: Which) -> object:
    """Ends a worker, or a run of a pattern with its workers; returns when nothing of it is alive."""
    if params.id in app.engine.state.patterns:
        await app.engine.submit(msg.StopPattern(id=params.id, by=caller.name))
    else:
        await app.engine.submit(msg.StopJob(id=find(app, params.id).id, by=caller.name))
    await app.engine.until(lambda s: has_ended(s, params.id), STOPPED, f"end of {params.id}")
    return shown(app, params.id)


@method("prune", Nothing, May.PEOPLE)
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

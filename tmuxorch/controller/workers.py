"""What is done around a worker's processes: before each try, after it, and when the worker has ended."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, json
from msgspec.structs import replace

from tmuxorch.controller import git, hooks, orders, trees
from tmuxorch.controller.engine import Engine
from tmuxorch.core import leases
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import Refused, TmuxorchError
from tmuxorch.store.atomic import write_atomic
from tmuxorch.store.paths import ProjectPaths, private_directory

log = logging.getLogger(__name__)

PATHS = 1000
"""Changed paths of one try that are told."""

HOOKS = 4
"""Commands for workers that have ended, at once."""


class Before(Struct, frozen=True, kw_only=True):
    """The repo in which a worker may edit, before a try: its top, since when, and how it was."""

    top: str
    at: float
    repo: git.Snapshot


class Workers:
    """`hook` gives the command for workers that have ended, `env` the environment of programs of ours, `clock` epoch
    seconds as the events have them."""

    def __init__(
        self,
        engine: Engine,
        paths: ProjectPaths,
        hook: Callable[[], Sequence[str]],
        env: Callable[[], Mapping[str, str]],
        clock: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._paths = paths
        self._hook = hook
        self._env = env
        self._clock = clock
        self._hooks = asyncio.Semaphore(HOOKS)

    # -- before a try

    async def ready(self, name: str) -> bool:
        """Makes everything that the newest try of a worker needs; False when that cannot be, which is told then, or
        when the worker was stopped meanwhile."""
        worker = self._engine.state.workers[name]
        try:
            if worker.spec.worktree and worker.place is None:
                place = await trees.make(self._paths, worker)
                await self._engine.submit(msg.WorkerHasPlace(id=name, place=place))
                worker = self._engine.state.workers[name]
            if not isinstance(worker.life, m.Starting):
                return False
            if not os.path.isdir(worker.cwd):
                raise Refused(_not_there(worker))
            await asyncio.to_thread(orders.write_try, self._paths, worker)
            await self._remember(worker)
        except TmuxorchError as error:
            reason = f"{error.message} (type: {error.hint})" if error.hint else error.message
            await self._engine.submit(msg.WorkerHasNoPlace(id=name, reason=reason))
            return False
        return True

    async def _remember(self, worker: m.Worker) -> None:
        """How the repo is before the try, kept in a file: the controller may be another one when it ends."""
        file = self._before(worker)
        if not worker.spec.edits or file.exists():
            return
        try:
            top = await git.top(worker.cwd)
            before = Before(top=top, at=self._clock(), repo=await git.snapshot(top))
        except TmuxorchError as error:
            log.info("%s: what it changes is not watched: %s", worker.id, error)
            return
        private_directory(file.parent)
        await asyncio.to_thread(write_atomic, file, json.encode(before))

    def _before(self, worker: m.Worker) -> Path:
        return self._paths.attempt(worker.id, worker.attempt) / "before.json"

    # -- after a try

    async def audited(self, worker: m.Worker, ended: msg.ProcessEnded) -> msg.ProcessEnded:
        """The message with what git saw the try change: its own paths, and those that nobody allowed it. What others
        have a lease for is theirs."""
        directory = self._paths.attempt(worker.id, worker.attempt)
        await asyncio.to_thread(shutil.rmtree, orders.scratch(directory), ignore_errors=True)
        try:
            before = json.decode(self._before(worker).read_bytes(), type=Before)
        except FileNotFoundError:
            return ended
        try:
            now = await git.snapshot(before.top, before.repo)
            touched = await git.compare(before.top, before.repo, now)
        except TmuxorchError as error:
            log.warning("%s: git cannot say what it changed: %s", worker.id, error)
            return ended
        whole = {path: os.path.join(before.top, path) for path in touched}
        mine = tuple(path for path in touched if leases.covers(worker.spec.lease, whole[path]))
        others = self._leases_of_others(worker, before.at)
        wrong = (path for path in touched if path not in mine and not leases.covers(others, whole[path]))
        return replace(ended, changed=mine[:PATHS], violations=tuple(wrong)[:PATHS])

    def _leases_of_others(self, worker: m.Worker, since: float) -> tuple[str, ...]:
        """What anybody else might write since then and be right to."""
        state = self._engine.state
        found = [
            path
            for other in state.workers.values()
            if other.id != worker.id and leases.wrote_since(other, since)
            for path in other.spec.lease
        ]
        run = state.active_run
        places = [place.path for place in run.places.values()] if run else []
        return (*found, *(path for path in places if not leases.overlap((path,), worker.spec.lease)))

    # -- when it has ended

    async def run_hook(self, name: str) -> None:
        """Runs the command for workers that have ended, and tells that; at least once for each."""
        state = self._engine.state
        async with self._hooks:
            argv = self._hook()
            problem = await hooks.run(argv, self._env(), self._paths, state, name) if argv else ""
        if problem:
            log.warning("the hook for %s: %s", name, problem)
        await self._engine.submit(msg.HookDone(id=name, problem=problem))


def _not_there(worker: m.Worker) -> str:
    if worker.place and not worker.spec.resume:
        return f"{worker.spec.cwd} is not in the commit at which its worktree begins"
    return f"its directory is gone: {worker.cwd}"

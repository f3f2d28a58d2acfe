"""The controller put together: what it holds, how it starts, what it does at each change."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from tmuxorch.codex import binary
from tmuxorch.controller import configured, living, outcomes, specs, survey
from tmuxorch.controller.activity import Activity
from tmuxorch.controller.alarm import Alarm
from tmuxorch.controller.desk import Desk
from tmuxorch.controller.dialing import token_of
from tmuxorch.controller.engine import Engine, Record
from tmuxorch.controller.executor import Executor
from tmuxorch.controller.handlers import Handlers
from tmuxorch.controller.hints import Hints
from tmuxorch.controller.notices import Notices, mute_configured, signal_of
from tmuxorch.controller.patterns import Patterns
from tmuxorch.controller.places import Places
from tmuxorch.controller.processes import Processes, Report
from tmuxorch.controller.threads import Threads
from tmuxorch.controller.views import Views
from tmuxorch.controller.waking import Waking
from tmuxorch.controller.watch import Watch
from tmuxorch.controller.who import Who
from tmuxorch.controller.workers import Workers
from tmuxorch.controller.writers import blamed
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.core.reconcile import World, reconcile
from tmuxorch.core.schedule import next_due
from tmuxorch.errors import ConfigError, UsageError
from tmuxorch.ledger import public, words
from tmuxorch.store import config as configuration
from tmuxorch.store.children import check_children
from tmuxorch.store.config import Config
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.templates import Templates


class Closable(Protocol):
    """A client's connection."""

    async def close(self) -> None: ...


class App:
    """Everything that handlers of the API may use. Made once, inside the running loop."""

    def __init__(
        self, paths: ProjectPaths, config: Config, codex: Path, state: m.State, record: Record
    ) -> None:
        self.paths = paths
        self.config = config
        self.clock: Callable[[], float] = time.time
        self.since = self.clock()
        self.numbering = asyncio.Lock()
        """Held while something gets an id of which its caller is told."""
        self.connections: set[Closable] = set()
        self.kit = specs.Kit(
            paths=paths,
            codex=codex,
            codex_home=binary.codex_home(configured.agent_environment(paths, config)),
            check_timeout=config.timeouts.check,
        )
        self.engine = Engine(state, record, self.settings, self.clock)
        self.hints = Hints(paths.state)
        self.processes = Processes(self.hints, self.engine.post)
        watch = Watch(self.engine, paths, self.settings, self.clock)
        self.threads = Threads(self.engine, paths, watch, self.look, self.token, self._window)
        self.desk = Desk(
            configured.address(config),
            paths.project,
            configured.agent_environment(paths, config),
            self.engine.post,
            self.engine.submit,
            self.look,
        )
        self.notices = Notices(
            self.desk.people,
            lambda: self.config.notify,
            configured.agent_environment(paths, config),
            self.clock,
        )
        self.views = Views(self.engine, self.desk, paths, self.clock)
        self.activities = Activity(
            self.hints, paths, self.engine.post, self.clock, lambda: self.config.timeouts.stall
        )
        self.templates = Templates(paths.project, os.environ)
        self.workers = Workers(
            self.engine, paths, lambda: self.config.workers.hook, lambda: self.desk.env, self.clock
        )
        handlers = Handlers(
            self.engine,
            self.desk,
            self.kit,
            self.processes,
            self.threads,
            Places(self.engine, paths, self.settings),
            watch,
            self.workers,
            Patterns(self.engine, paths, self.templates, self.numbering),
            Waking(self.engine, self.desk.people.typed, lambda: self.config.lead.quiet, self.clock),
        )
        self.who = Who(self.hosts, self.threads.servers)
        self.executor = Executor(handlers.handle, self.look)
        self.alarm = Alarm(self.clock, lambda: self.engine.post(msg.Tick()))
        self.versions = ("", "")
        """Of Codex and of tmux."""
        self.ends_session = False
        self._stop = asyncio.Event()
        self._looking = False
        self.engine.listeners += [self._changed, self.views.touch, self.notices.listen]

    # -- configuration

    async def reload(self) -> None:
        """Reads the configuration again, and takes up its children. Raises ConfigError; the old one stays then."""
        config = configuration.load(self.paths.config)
        await asyncio.to_thread(check_children, config, self.paths.project)
        for child in config.children:
            try:
                token_of(child.token_env, os.environ)
            except UsageError as error:
                raise ConfigError(f"child {child.name}: {error.message}", hint=error.hint) from None
        await self.adopt(config)
        await survey.documents(self.engine, config, self.paths.project)

    async def adopt(self, config: Config) -> None:
        """Takes up the children of `config`, whether their repos are there or not: one that is gone must not keep
        the others from being reached."""
        self.config = config
        self.desk.env = configured.agent_environment(self.paths, config)
        self.desk.people.signal = signal_of(config.notify)
        for child in config.children:
            place = str(child.directory(self.paths.project))
            await self.engine.submit(msg.AddAgent(name=child.name, path=place, endpoint=child.address))
        await self.engine.submit(msg.AddAgent(name=LEAD, path=str(self.paths.project)))
        await mute_configured(self.engine, config.notify)

    def settings(self) -> msg.Settings:
        """What decisions depend on."""
        return configured.settings(self.config)

    def config_children(self) -> tuple[str, ...]:
        """Names of the children of the configuration."""
        return tuple(child.name for child in self.config.children)

    # -- what people see

    def identity(self) -> dict[str, object]:
        """Who this controller is."""
        return {"pid": os.getpid(), "since": words.rfc3339(self.since), "project": str(self.paths.project)}

    def status(self) -> object:
        """The public status object."""
        return public.status(self.engine.state, self.about(), self.clock())

    def about(self) -> public.Project:
        """The status object's part about the project."""
        tmux = self.engine.state.tmux
        return public.Project(
            dir=str(self.paths.project),
            session=tmux.name if tmux else "",
            socket=tmux.socket if tmux else "",
            codex=self.versions[0],
            tmux=self.versions[1],
            controller=public.Controller(pid=os.getpid(), since=words.rfc3339(self.since)),
        )

    def activity(self) -> dict[str, str]:
        """What each agent and worker does now, one line each."""
        return {**self.activities.lines(), **self.threads.activity()}

    def heard(self) -> dict[str, float]:
        """When each agent and worker at work told something last, in epoch seconds."""
        state = self.engine.state
        files = {name: self.paths.frames(name) for name, agent in state.agents.items() if agent.ready}
        for worker in state.workers.values():
            if m.is_live(worker.life):
                files[worker.id] = self.paths.attempt(worker.id, worker.attempt) / "events.jsonl"
        return {name: when for name, file in files.items() if (when := _written(file))}

    def hosts(self) -> list[tuple[str, Path]]:
        """Name and host directory of every process of ours that may be alive."""
        return living.hosts(self.kit, self.engine.state)

    # -- the loop's surroundings

    def look(self) -> None:
        """Looks, once in this turn of the loop, at what is due."""
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_soon(self._due)

    def retry(self) -> None:
        """Looks at once also at what pauses after a failure, or was closed by somebody."""
        self.executor.forget_pauses()
        self.desk.dismissed = frozenset()
        self.look()

    def stop(self, *, with_session: bool = False) -> None:
        """Ends the controller; what runs in windows goes on, unless the session is to end too."""
        self.ends_session = with_session
        self._stop.set()

    async def stopped(self) -> None:
        """Returns when somebody wants the controller to end."""
        await self._stop.wait()

    def _changed(self, state: m.State, events: list[e.Event]) -> None:
        if any(isinstance(event, e.AgentWanted) for event in events):
            self.executor.forget_pauses()  # somebody wants it tried at once
        self.alarm.set(next_due(state, self.settings()))
        self.look()

    def token(self, agent: str) -> dict[str, str]:
        """What an agent's server wants to be shown, by its environment variable; nothing if it wants none.

        Raises UsageError."""
        return configured.token(self.config, agent)

    def _report(self, ref: str) -> Report:
        """What reads the outcome of a process from its files."""
        if "#" in ref:
            return _in_thread(outcomes.of_server)
        worker = self.engine.state.workers.get(msg.job_id(ref))
        return partial(self._worker_outcome, worker) if worker else _in_thread(outcomes.of_check)

    async def _worker_outcome(
        self, worker: m.Worker, directory: Path, ended: msg.ProcessEnded
    ) -> msg.ProcessEnded:
        self.activities.finish(worker)
        ended = await asyncio.to_thread(outcomes.of_worker, self.paths, worker, directory, ended)
        ended = replace(ended, reason=blamed(ended.reason, self.kit.codex_home, self._window))
        return await self.workers.audited(worker, ended)

    def _window(self, pid: int) -> str:
        """The name of our window that a process belongs to, empty if it is none of ours."""
        return living.window_of(self.kit, self.engine.state, pid)

    def _due(self) -> None:
        self._looking = False
        state = self.engine.state
        for ref, life in living.lives(state):
            if isinstance(life, m.Running | m.Stopping):
                directory = specs.directory(self.kit, state, ref)
                self.processes.follow(ref, directory, self._report(ref))
        self.activities.follow(state)
        world = World(
            tmux=self.desk.attached,
            links=self.threads.links(),
            views=self.config.windows.views,
            keep_finished=self.config.windows.keep_finished,
            dismissed=self.desk.dismissed,
            wakes=self.config.lead.wake,
        )
        self.executor.begin(reconcile(state, world))


def _in_thread(read: Callable[[Path, msg.ProcessEnded], msg.ProcessEnded]) -> Report:
    async def report(directory: Path, ended: msg.ProcessEnded) -> msg.ProcessEnded:
        return await asyncio.to_thread(read, directory, ended)

    return report


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0

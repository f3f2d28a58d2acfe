"""The connections to all agents' servers: made when due, watched, and gone when they end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from tmuxorch.controller import git
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.frames import FrameLog
from tmuxorch.controller.thread import AgentThread
from tmuxorch.controller.watch import Watch
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.reconcile import Link
from tmuxorch.core.secrets import told
from tmuxorch.errors import Refused, TmuxorchError
from tmuxorch.store.paths import ProjectPaths

log = logging.getLogger(__name__)

LISTENS = 15.0
"""Seconds in which a server that was started must listen."""

BETWEEN = 0.03
"""Seconds between tries while it does not listen yet."""


class Threads:
    """One AgentThread per agent whose server is up. `changed` is called when what `links` says differs."""

    def __init__(
        self, engine: Engine, paths: ProjectPaths, watch: Watch, changed: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._paths = paths
        self._watch = watch
        self._changed = changed
        self._threads: dict[str, AgentThread] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def links(self) -> dict[str, Link]:
        """What `reconcile` sees of them."""
        return {name: thread.link for name, thread in self._threads.items()}

    def activity(self) -> dict[str, str]:
        """What each agent does now, on one line."""
        redacted = self._engine.vault.redacted
        return {name: redacted(thread.activity) for name, thread in self._threads.items() if thread.activity}

    def of(self, agent: str) -> AgentThread:
        """The agent's thread. Raises Refused when it is not connected."""
        if agent not in self._threads:
            raise Refused(f"{agent} is not connected", hint=f"tmuxorch child start {agent}")
        return self._threads[agent]

    async def connect(self, name: str, generation: int) -> None:
        """Connects to the agent's server and tells what its thread holds; its repo is looked at beside."""
        agent = self._engine.state.agents[name]
        deadline = asyncio.get_running_loop().time() + LISTENS
        while True:
            thread = self._new(agent)
            try:
                loaded, repo = await asyncio.gather(thread.load(self._held(agent)), git.look(agent.path))
                break
            except TmuxorchError:
                await thread.close()
                if asyncio.get_running_loop().time() > deadline or not self._runs(name, generation):
                    raise
                await asyncio.sleep(BETWEEN)
        self._threads[name] = thread
        self._keep(self._until_closed(name, thread))
        self._engine.post(msg.SawGit(agent=name, git=repo))
        await self._engine.submit(await self._watch.loaded(loaded))
        thread.release()
        self._changed()

    async def leave(self, name: str) -> None:
        """Ends the agent's connection, if there is one; its server goes on."""
        if thread := self._threads.pop(name, None):
            await thread.close()
        self._changed()

    async def close(self) -> None:
        """Ends all connections; the servers go on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(thread.close() for thread in self._threads.values()), return_exceptions=True)

    def _new(self, agent: m.Agent) -> AgentThread:
        name = agent.name
        return AgentThread(agent, self._paths.app_socket(name), self._frames(name), self._told, self._changed)

    def _frames(self, name: str) -> FrameLog:
        """What the server sends is kept, less secrets. The history of a thread may hold one that nobody here knows any
        more: it is in the results of our own requests, and those are not kept then.
        """
        vault = self._engine.vault
        forgotten = any(one.id not in vault for one in told(self._engine.state, name))
        return FrameLog(self._paths.frames(name), vault.redacted_json, results=not forgotten)

    def _held(self, agent: m.Agent) -> frozenset[int | str]:
        """The requests of this server process that the state holds open."""
        return frozenset(
            checkpoint.origin.request
            for checkpoint in self._engine.state.checkpoints.values()
            if isinstance(checkpoint.origin, m.FromServer)
            and isinstance(checkpoint.state, m.Open | m.Answered)
            and (checkpoint.origin.agent, checkpoint.origin.generation) == (agent.name, agent.generation)
        )

    def _runs(self, name: str, generation: int) -> bool:
        agent = self._engine.state.agents[name]
        return agent.generation == generation and isinstance(agent.server, m.Running)

    def _told(self, message: msg.Message) -> None:
        """Passes on what a thread tells; the end of a turn only after git has told what it left."""
        if isinstance(message, msg.TurnFinished):
            self._keep(self._finish(message))
        else:
            self._engine.post(message)

    async def _finish(self, message: msg.TurnFinished) -> None:
        agent = self._engine.state.agents.get(message.agent)
        if agent:
            self._engine.post(msg.SawGit(agent=agent.name, git=await git.look(agent.path)))
        self._engine.post(await self._watch.finished(message))

    async def _until_closed(self, name: str, thread: AgentThread) -> None:
        reason = await thread.closed()
        log.info("%s: connection closed: %s", name, reason)
        await thread.close()
        if self._threads.get(name) is thread:
            del self._threads[name]
        self._changed()

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

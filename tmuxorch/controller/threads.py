"""The connections to all agents' servers: made when due, watched, and gone when they end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path

from tmuxorch.controller import git, outfit, writers
from tmuxorch.controller.dialing import LinkLost
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.frames import FrameLog
from tmuxorch.controller.thread import AgentThread
from tmuxorch.controller.watch import Watch
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.reconcile import Link
from tmuxorch.core.secrets import told
from tmuxorch.errors import Refused, TimedOut, TmuxorchError
from tmuxorch.host import tree
from tmuxorch.store.paths import ProjectPaths

log = logging.getLogger(__name__)

LISTENS = 15.0
"""Seconds in which a server that was started must listen."""

REFUSES = 2.0
"""Seconds in which a server of ours may refuse, since the one before it may still be ending."""

BETWEEN = 0.03
"""Seconds between tries while it does not listen yet."""

TRIES, TRIES_OF_OURS = 4, 2
"""Tries after which nobody expects any more that a silent server answers in a moment: one that is not ours, and one of
ours, which has `LISTENS` each time."""


class Threads:
    """One AgentThread per agent whose server is up. `changed` is called when what `links` says differs.

    `token` gives what the server of an agent wants to be shown (by its variable), `window` the name of our window
    that a process belongs to.
    """

    def __init__(
        self,
        engine: Engine,
        paths: ProjectPaths,
        watch: Watch,
        changed: Callable[[], None],
        token: Callable[[str], dict[str, str]],
        window: Callable[[int], str],
    ) -> None:
        self._engine = engine
        self._token = token
        self._window = window
        self._failures: dict[str, int] = {}
        self._paths = paths
        self._watch = watch
        self._changed = changed
        self._threads: dict[str, AgentThread] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def links(self) -> dict[str, Link]:
        """What `reconcile` sees of them."""
        return {name: thread.link for name, thread in self._threads.items()}

    def servers(self) -> list[tuple[str, tree.Process]]:
        """Agents and the processes of their servers, of those that are not ours."""
        far = {name: thread.server for name, thread in self._threads.items() if thread.endpoint}
        return [(name, process) for name, process in far.items() if process]

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
        """Connects to the agent's server and tells what its thread holds; its repo is looked at beside.

        Raises TmuxorchError when it cannot; when trying again may not help, that is told too.
        """
        agent = self._engine.state.agents[name]
        try:
            (thread, loaded), repo = await asyncio.gather(self._load(agent), git.look(agent.path))
        except TmuxorchError as error:
            await self._failed(agent, error)
            raise
        self._failures.pop(name, None)
        self._threads[name] = thread
        if agent.is_lead and self._runs(agent):
            outfit.open_door(self._paths, name)
        self._keep(self._until_closed(name, thread))
        self._engine.post(msg.SawGit(agent=name, git=repo))
        await self._engine.submit(await self._watch.loaded(loaded))
        thread.release()
        self._changed()

    async def _load(self, agent: m.Agent) -> tuple[AgentThread, msg.ThreadLoaded]:
        """The agent's thread, loaded. A server of ours, which was just started, has some time to get there."""
        clock = asyncio.get_running_loop().time
        begin = clock()
        while True:
            thread = self._new(agent)
            try:
                return thread, await thread.load(self._held(agent))
            except TmuxorchError as error:
                await thread.close()
                patience = LISTENS if isinstance(error, LinkLost) else REFUSES
                if agent.endpoint or clock() > begin + patience or not self._runs(agent):
                    raise await self._explained(agent, thread, error) from None
                await asyncio.sleep(BETWEEN)

    async def _explained(self, agent: m.Agent, thread: AgentThread, error: TmuxorchError) -> TmuxorchError:
        """What failed; of a thread that another process holds, who does."""
        if writers.REFUSAL not in error.message:
            return error
        found = await asyncio.to_thread(writers.writers, Path(thread.home), thread.thread)
        return Refused(writers.explanation(agent.name, thread.thread, found, self._window))

    async def _failed(self, agent: m.Agent, error: TmuxorchError) -> None:
        """Tells of it, unless it may be over in a moment."""
        count = self._failures[agent.name] = self._failures.get(agent.name, 0) + 1
        if isinstance(error, LinkLost | TimedOut) and count < (TRIES if agent.endpoint else TRIES_OF_OURS):
            return
        reason = f"{error.message}\nnext: {error.hint}" if error.hint else error.message
        await self._engine.submit(
            msg.Unreachable(agent=agent.name, generation=agent.generation, reason=reason)
        )

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
        address = agent.endpoint or str(self._paths.app_socket(name))
        token = next(iter(self._token(name).values()), "") if agent.endpoint else ""
        fitted = outfit.of(self._engine.state.lead, self._paths.project) if agent.is_lead else None
        return AgentThread(agent, address, self._frames(name), self._told, self._changed, token, fitted)

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

    def _runs(self, agent: m.Agent) -> bool:
        """Whether its server has not ended meanwhile."""
        now = self._engine.state.agents.get(agent.name)
        return now is not None and now.generation == agent.generation and isinstance(now.server, m.Running)

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
        if self._threads.get(name, thread) is thread:
            self._threads.pop(name, None)
            self._engine.post(msg.LinkDown(agent=name, generation=thread.generation, reason=reason))
        self._changed()

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

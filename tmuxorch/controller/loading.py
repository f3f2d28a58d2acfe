"""How an agent's thread gets loaded: resumed or started by its server, with what it is to have."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from msgspec import Raw, Struct

from tmuxorch.codex import appserver, equipment, results
from tmuxorch.controller import outfit
from tmuxorch.controller.appserver import CallRefused
from tmuxorch.errors import TmuxorchError

log = logging.getLogger(__name__)

QUICK, SLOW = 10.0, 60.0
"""Seconds that Codex may take for an answer that needs no work, and for loading a thread."""

REPEATED, SETTLE = 20.0, 3.0
"""Seconds in which a loaded thread that waits for a human must have sent the first of its open requests, which is sure
to come, and then the others, of which nobody knows whether they are still open."""

FIRST = 10.0
"""Seconds in which a running turn must have shown its first message; until then nobody can tell whose it is."""


class Call(Protocol):
    """One request to the server. Raises TimedOut, or TmuxorchError with the server's words."""

    async def __call__(self, method: str, params: appserver.Params, timeout: float = QUICK) -> Raw: ...


class Loader(Struct, frozen=True, kw_only=True):
    """Loads the thread of `agent`, which works in `cwd`, by `call`. `foreign` is a server that is not ours, `fitted`
    what the lead has while it is open.
    """

    agent: str
    cwd: str
    foreign: bool
    fitted: outfit.Outfit | None
    call: Call

    async def load(self, thread: str) -> results.Thread:
        """The thread, or a new one where there is none yet. Raises TmuxorchError."""
        config = await self._config()
        loaded = await self._resume(thread, config) if thread else None
        if loaded is None:
            loaded = await self._start(config)
        if self.fitted:
            may = equipment.settings_update(
                loaded.id, sandbox=self.fitted.sandbox, approval=self.fitted.approval
            )
            await self.call(equipment.SETTINGS_UPDATE, may)
        return loaded

    async def still_has(self, thread: str) -> bool:
        """Whether a server that is not ours has the thread loaded; if not, it is another process than the one before.

        (One that has nothing to do unloads it in the end; then nothing is lost by asking it as a new one.)
        """
        try:
            read = await self.call(appserver.THREAD_READ, appserver.thread_read(thread))
        except CallRefused:
            return False
        return results.thread_of(read).status != "notLoaded"

    async def settled(self, loaded: results.Thread) -> tuple[results.Turn, ...]:
        """Its newest turns; asked again while a running one does not show yet who started it."""
        turns = loaded.turns
        deadline = asyncio.get_running_loop().time() + FIRST
        while turns and turns[0].status == "inProgress" and not turns[0].client_ids:
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.05)
            turns = results.turns_of(
                await self.call(appserver.TURNS_LIST, appserver.turns_list(loaded.id, full=True))
            )
        return turns

    async def _config(self) -> appserver.Params | None:
        """What the thread is loaded with: the open lead's tools; what a server that is not ours was not told on its
        command line."""
        if self.fitted:
            await outfit.bring_skill(self.call, self.cwd)
            return await outfit.our_tools(self.call, self.cwd, self.fitted.argv)
        if self.foreign:
            return appserver.TOOLS | await outfit.without_our_tools(self.call, self.cwd)
        return None

    async def _resume(self, thread: str, config: appserver.Params | None) -> results.Thread | None:
        """None when it has no turn yet and so was never stored (then a new one is as good)."""
        try:
            resume = appserver.thread_resume(thread, config=config)
            return results.thread_of(await self.call(appserver.THREAD_RESUME, resume, SLOW))
        except TmuxorchError as error:
            if "no rollout found" in error.message or "not found" in error.message:
                log.info("%s: thread %s was never stored; starting anew", self.agent, thread)
                return None
            raise

    async def _start(self, config: appserver.Params | None) -> results.Thread:
        """A new thread. Of the open lead it is stored at once, since Codex's own TUI comes to no other."""
        start = appserver.thread_start(self.cwd, config=config)
        started = results.thread_of(await self.call(appserver.THREAD_START, start, SLOW))
        if self.fitted:
            await self.call(equipment.NAME_SET, equipment.name_set(started.id, self.agent))
        return started

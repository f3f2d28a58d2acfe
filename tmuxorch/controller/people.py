"""What people see of us without looking at a window of ours, and how they are called: through one tmux client."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterable, Sequence

from tmuxorch.controller.held import Held
from tmuxorch.errors import TmuxorchError
from tmuxorch.host import records
from tmuxorch.tmux import calling, words
from tmuxorch.tmux.calling import Place, Signal
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.status import Shown
from tmuxorch.tmux.windows import Windows

OURS = "tmuxorch-"
"""Begins the names of our sessions, unless the configuration gives another."""


class People:
    """Everybody at a terminal of the tmux server that the desk is attached to; nobody while it is not.

    Windows are named by key; `held` says which are there.
    """

    def __init__(self, held: Held) -> None:
        self.signal = Signal()
        """How people are called."""
        self._held = held
        self._client: ControlClient | None = None
        self._shown: Shown | None = None
        self._wanted: tuple[str, dict[str, str]] | None = None
        self._looked = asyncio.Event()

    def looked(self) -> None:
        """The desk has looked for tmux: who is not found there now is not there."""
        self._looked.set()

    async def arrive(self, client: ControlClient, windows: Windows) -> None:
        """The desk is attached by this client: shows what was to be shown meanwhile."""
        self._client, self._shown = client, Shown(client)
        for row in await windows.list_windows():
            for pane in row.panes:
                if row.key and pane.pid == os.getpid():
                    await self._shown.guard(pane.pane_id)
        if self._wanted:
            await self.show(*self._wanted)

    async def leave(self) -> None:
        """We end: takes back what nobody would correct any more."""
        shown, self._client, self._shown = self._shown, None, None
        if shown:
            with contextlib.suppress(TmuxorchError):
                await shown.clear()

    def lost(self) -> None:
        """The client has ended, and tmux or our session with it. In the latter case other sessions still show us."""
        shown, self._client, self._shown = self._shown, None, None
        if shown:
            asyncio.get_running_loop().run_in_executor(None, _take_back, shown)

    async def show(self, line: str, marks: dict[str, str]) -> None:
        """Shows `line` in the status line and the marks of windows, where people have asked for them; as soon as tmux
        is there, if it is not. Free when nothing is new."""
        self._wanted = line, marks
        if self._shown:
            held = {window.id: mark for key, mark in marks.items() if (window := self._held.of(key))}
            await self._shown.push(line, held)

    async def seen(self, now: float) -> frozenset[str]:
        """The windows that somebody has before their eyes."""
        if self._client is None:
            return frozenset()
        return self._held.keys_of(await calling.in_view(self._client, now))

    async def typed(self, key: str) -> float:
        """When somebody pressed a key last at a terminal that shows that window (whole epoch seconds); 0 if nobody
        looks. Waits until the desk has looked for tmux.
        """
        await self._looked.wait()
        window = self._held.of(key)
        if self._client is None or window is None:
            return 0.0
        shown = await calling.terminals(self._client)
        return max((one.active for one in shown if one.window == window.id), default=0.0)

    async def call(self, line: str, about: Iterable[Sequence[str]] = ()) -> None:
        """Calls people at their terminals. Each of `about` names windows that show the same thing: the first of them
        that can gets the bell."""
        if self._client:
            places = [[self._place(key) for key in keys if self._held.of(key)] for keys in about]
            title = f"tmuxorch {self._client.session.name.removeprefix(OURS)}"
            await calling.call(self._client, self.signal, title, line, places, _draws)

    def _place(self, key: str) -> Place:
        window = self._held.of(key)
        assert window
        return Place(window.id, window.view or window.pane)


def _take_back(shown: Shown) -> None:
    with contextlib.suppress(TmuxorchError):
        shown.clear_without()


def _draws(started: str) -> bool:
    """Whether a program of ours draws in a pane that was started so, and nothing else: not Codex's own TUI."""
    return bool(words.START.match(started)) or records.command()[-1] in started

"""What people see without looking at a window: our text in the status line, and a mark per window.

Both are hidden environment variables of the server, which formats read: no program in a pane gets them, and showing
them costs no process. Window ids are the server's, so a window's mark is the same in every session that shows it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Final

from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.oneshot import feed
from tmuxorch.tmux.quote import chain, line, literal
from tmuxorch.tmux.words import MARK

STATUS: Final = "TMUXORCH_STATUS"
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
GONE: Final = "tmuxorch was killed: tmuxorch up"
GUARD: Final = "pane-died"
GUARD_OPTION: Final = "@tmuxorch-died"
MARKED: Final = re.compile(rf"{MARK}([0-9]+)=(.*)")


class Shown:
    """What one session of ours shows on its server; made anew with each control client, and then told all of it."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client
        self._status: str | None = None
        self._marks: dict[str, str] | None = None
        self._guarded = ""
        self._pushing = asyncio.Lock()

    async def push(self, text: str, marks: Mapping[str, str]) -> None:
        """Makes `text`, shown literally, the value of the format #{TMUXORCH_STATUS}, and each mark (by window id) that
        of its window's; redraws the status lines if anything is new, and sends nothing otherwise.

        The session's own text wins over the server's, so that two projects on one server each show their own; the
        server's is what other sessions show.
        """
        async with self._pushing:
            await self._push(text, marks)

    async def _push(self, text: str, marks: Mapping[str, str]) -> None:
        if self._marks is None:
            self._marks = await self._left_over(marks)
        commands = [*_changes(self._marks, marks)]
        if text != self._status:
            value = literal(CONTROLS.sub(" ", text))
            session = ["-t", self._client.session.session_id]
            commands.append(["set-environment", "-gh", "--", STATUS, value])
            commands.append(["set-environment", "-h", *session, "--", STATUS, value])
        if commands:
            await self._draw(commands)
        self._marks = {window: mark for window, mark in marks.items() if mark}
        self._status = text

    async def guard(self, pane: str) -> None:
        """Has tmux say that we are gone as soon as the program in that pane of ours has died, without being asked.

        A hook of the pane, so nobody else's hooks are touched. Setting an option redraws every client, at the end.
        """
        self._guarded = pane
        session = self._client.session.session_id
        hook = [
            ["set-environment", "-gh", "--", STATUS, GONE],
            ["set-environment", "-h", "-t", session, "--", STATUS, GONE],
            ["set-option", "-p", "-t", pane, GUARD_OPTION, "1"],
        ]
        body = line(chain(*hook)).decode().rstrip()
        await self._client.cmd("set-hook", "-p", "-t", pane, GUARD, body)

    async def clear(self) -> None:
        """Shows nothing of us any more: nobody would correct it."""
        if self._guarded:
            await self._client.batch([["set-hook", "-pu", "-t", self._guarded, GUARD]])
            self._guarded = ""
        if self._status is not None:
            shown = await self._client.batch([["show-environment", "-gh", STATUS]])
            commands = _taken_back(self._client.session, self._status, shown[0].lines, self._marks or {})
            self._status, self._marks = None, {}
            await self._draw(commands)

    def clear_without(self) -> None:
        """As `clear`, where the session has ended and our client with it. Blocks; a server that is gone is no error."""
        session = self._client.session
        if self._status is not None:
            flags = ["-S", session.socket_path]
            which = ["display-message", "-p", "#{pid} #{start_time}"]
            lines, _ = feed(flags, [which, ["show-environment", "-gh", STATUS]])
            if lines[:1] == [f"{session.server_pid} {session.server_start}"]:
                _, *commands = _taken_back(session, self._status, lines, self._marks or {})
                feed(flags, commands)

    async def _left_over(self, marks: Mapping[str, str]) -> dict[str, str]:
        """Marks that a killed controller has left: those of our windows, and of windows that are gone."""
        environment, windows = await self._client.batch(
            [["show-environment", "-gh"], ["list-windows", "-a", "-F", "#{window_id}"]]
        )
        found = (MARKED.fullmatch(line) for line in environment.lines)
        left = {f"@{match[1]}": match[2] for match in found if match}
        alive = set(windows.lines)
        return {one: mark for one, mark in left.items() if one in marks or one not in alive}

    async def _draw(self, commands: Iterable[list[str]]) -> None:
        """Runs the commands and redraws the status lines of all clients.

        refresh-client without -t would redraw the control client alone. One that has detached since is no error.
        """
        *_, clients = await self._client.batch([*commands, ["list-clients", "-F", "#{client_tty}"]])
        await self._client.batch([["refresh-client", "-S", "-t", tty] for tty in clients.lines if tty])


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[list[str]]:
    """The commands from these marks to those; a window without one has no variable."""
    for window, mark in after.items():
        if mark and before.get(window) != mark:
            yield ["set-environment", "-gh", "--", _variable(window), mark]
    for window in before:
        if not after.get(window):
            yield ["set-environment", "-gu", "--", _variable(window)]


def _taken_back(
    session: Session, status: str, shared: Iterable[str], marks: Mapping[str, str]
) -> list[list[str]]:
    """The commands that show nothing of us, the session's first. Another project's text is left to the server."""
    ours = f"{STATUS}={literal(CONTROLS.sub(' ', status))}" in shared
    return [
        ["set-environment", "-h", "-t", session.session_id, "--", STATUS, ""],
        *([["set-environment", "-gu", "--", STATUS]] if ours else []),
        *_changes(marks, {}),
    ]


def _variable(window: str) -> str:
    return f"{MARK}{window[1:]}"

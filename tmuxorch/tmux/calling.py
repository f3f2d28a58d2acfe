"""Calling people at their terminals: who looks at what, the bell, and desktop notifications."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

from msgspec import Struct

from tmuxorch.core import text
from tmuxorch.tmux.control import ControlClient

LENGTH: Final = 200
"""Characters of a notification."""

STALE: Final = 600.0
"""Seconds without a key after which nobody is taken to sit at a terminal."""

BELL: Final = b"\a"
END: Final = "\x1b\\"

CLIENT: Final = (
    "#{client_control_mode} #{version} #{focus-events} #{session_id} #{window_id} #{client_activity} #{client_flags} "
    "#{client_tty} #{client_termname} #{client_termtype}"
)
"""What a terminal calls itself comes last: it may say anything."""

PANE: Final = (
    "#{session_id} #{window_id} #{pane_id} #{pane_dead} #{pane_tty} #{=1000;s/\n/ /:pane_start_command}"
)

Ours = Callable[[str], bool]
"""Whether the program that a pane was started with, as tmux tells its command line, is one of ours that draws."""


class Signal(Struct, frozen=True, kw_only=True):
    """How people are called. `osc` are the notifications that terminals may be sent, 9 and 777; a terminal gets one.
    `everywhere`: also who looks at other sessions of the server.
    """

    bell: bool = True
    osc: tuple[int, ...] = (9, 777)
    everywhere: bool = True


class Place(Struct, frozen=True):
    """A window of ours, and the pane of it in which our own program draws."""

    window: str
    pane: str


class Terminal(Struct, frozen=True, kw_only=True):
    """Somebody's terminal, and what it shows. `active` is when a key was pressed there last (epoch seconds)."""

    session: str
    window: str
    looks: bool
    """Whether it has the focus, as far as tmux knows."""
    active: float
    tty: str
    term: str
    kind: str


async def in_view(client: ControlClient, now: float) -> set[str]:
    """The ids of the windows that somebody has before their eyes."""
    return {one.window for one in await terminals(client) if one.looks and now - one.active < STALE}


async def call(
    client: ControlClient,
    signal: Signal,
    title: str,
    said: str,
    about: Iterable[Sequence[Place]] = (),
    ours: Ours = lambda started: False,
) -> None:
    """Rings, and shows `said` under `title` as a desktop notification, at every terminal once.

    Of each sequence of places in `about`, the first one where nothing but our own program draws gets the bell in its
    window: tmux marks the window, and rings at the terminals of its sessions as the user has set it (`bell-action`,
    `visual-bell`, `monitor-bell`). Other terminals get it directly; over SSH it reaches the one at the other end.
    A terminal that does not take it is left out.
    """
    rung = await _ring(client, about, ours) if signal.bell else set()
    for one in {one.tty: one for one in await terminals(client)}.values():
        if signal.everywhere or one.session == client.session.session_id:
            payload = _osc(_number(one, signal.osc), _plain(title), _plain(said))
            _write(one.tty, payload + (BELL if signal.bell and one.session not in rung else b""))


async def terminals(client: ControlClient) -> list[Terminal]:
    """All terminals at which the server is shown. Control clients are none, also where they have a tty: what is written
    there is a protocol.
    """
    listed = await client.cmd("list-clients", "-F", CLIENT)
    rows = (line.split(" ", 9) for line in listed)
    return [_terminal(row) for row in rows if row[0] != "1" and row[7]]


def _terminal(row: list[str]) -> Terminal:
    _, version, events, session, window, active, flags, tty, term, kind = row
    known = events in ("1", "on") and not version.startswith("3.2")
    words = flags.split(",")
    return Terminal(
        session=session,
        window=window,
        looks="suspended" not in words and ("focused" in words or not known),
        active=float(active or 0),
        tty=tty,
        term=term,
        kind=kind,
    )


async def _ring(client: ControlClient, about: Iterable[Sequence[Place]], ours: Ours) -> set[str]:
    """Rings in windows; the sessions that have one of them."""
    wanted = list(about)
    if not wanted:
        return set()
    rows = [line.split(" ", 5) for line in await client.cmd("list-panes", "-a", "-F", PANE)]
    ttys = {
        Place(window, pane): tty
        for _, window, pane, dead, tty, started in rows
        if dead == "0" and ours(started)
    }
    places = {found for each in wanted if (found := next((one for one in each if one in ttys), None))}
    for place in places:
        _write(ttys[place], BELL)
    windows = {place.window for place in places}
    return {session for session, window, *_ in rows if window in windows}


def _number(terminal: Terminal, wanted: Sequence[int]) -> int:
    """Which notification a terminal gets, 0 for none: rxvt and those made of VTE know 777, most others 9, and who knows
    both would show both.
    """
    if not wanted or terminal.term.startswith(("linux", "dumb")):
        return 0
    knows = 777 if terminal.term.startswith("rxvt") or terminal.kind.startswith("VTE") else 9
    return knows if knows in wanted else wanted[0]


def _osc(number: int, title: str, said: str) -> bytes:
    match number:
        case 9:
            # "9;4;…" and the like are commands of some terminals.
            return f"\x1b]9; {title}: {said}{END}".encode()
        case 777:
            return f"\x1b]777;notify;{title.replace(';', ',')};{said.replace(';', ',')}{END}".encode()
        case _:
            return b""


def _plain(said: str) -> str:
    """`said` without anything that could end or be a sequence."""
    return text.clip(text.line(said), LENGTH)


def _write(tty: str, payload: bytes) -> None:
    with suppress(OSError):
        handle = os.open(tty, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            if payload and os.isatty(handle):
                os.write(handle, payload)
        finally:
            os.close(handle)

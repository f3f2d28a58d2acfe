"""People are called at their terminals: each once, whatever session it shows, and nothing else happens there."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.person import Person, at_terminal
from tests.tmux.specs import sleeper, spec
from tests.tmuxfixture import run_tmux
from tests.waiting import auntil
from tmuxorch.tmux import calling
from tmuxorch.tmux.calling import STALE, Place, Signal, Terminal, call, in_view
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import Window
from tmuxorch.tmux.server import attach_argv
from tmuxorch.tmux.windows import Windows

HOSTILE = "4;1 C3\a waits\x1b]52;c;AAAA\a\x9b2J\x1b\\;x;y\n\udce9" + "z" * 5000

Attach = Callable[[str], Person]


@pytest.fixture
def attach(client: ControlClient) -> Iterator[Attach]:
    """Somebody attaches to the session of that name, with all of it on the screen."""
    begin = attach_argv(client.session)[:-1]
    with ExitStack() as stack:

        def attach(session: str) -> Person:
            person = stack.enter_context(at_terminal([*begin, f"={session}"]))
            person.sees(f" {session} ")
            return person

        yield attach


@pytest.fixture
async def mine(client: ControlClient) -> str:
    """A session of the user's own, on the same server."""
    await client.cmd("new-session", "-d", "-s", "mine", "sleep", "1000")
    return "mine"


async def flags(client: ControlClient) -> list[str]:
    """The names of windows that tmux has marked."""
    listed = await client.cmd("list-windows", "-F", "#{?window_bell_flag,#{window_name},}")
    return [name for name in listed if name]


def place(window: Window) -> Place:
    return Place(window.window_id, window.pane_id)


async def heard(person: Person, text: str) -> bytes:
    """What came with the notification, whose end is the last thing that is written."""
    whole = re.compile(re.escape(text.encode()) + rb"[^\x1b]*\x1b\\")
    await auntil(lambda: whole.search(person.raw), what=f"{text} in {person.raw!r}")
    return person.raw


async def test_every_terminal_of_the_server_is_called_once(
    client: ControlClient, mine: str, attach: Attach
) -> None:
    ann, bob = attach("fleet"), attach(mine)
    elsewhere = f"t{uuid.uuid4().hex[:8]}"
    with at_terminal(
        ["tmux", "-L", elsewhere, "-f", "/dev/null", "new-session", "-s", "other", "cat"]
    ) as eve:
        eve.sees("[other]")
        await call(client, Signal(), "tmuxorch p", "C3 waits")
        for one in (ann, bob):
            raw = await heard(one, "waits")
            assert (raw.count(b"\a"), raw.count(b"\x1b]9; tmuxorch p: C3 waits\x1b\\")) == (1, 1)
            one.forget()
        await call(client, Signal(everywhere=False, bell=False, osc=(777,)), "tmuxorch p", "C4; waits")
        assert b"\x1b]777;notify;tmuxorch p;C4, waits\x1b\\" in await heard(ann, "waits")
        await call(client, Signal(osc=()), "tmuxorch p", "C5")
        await auntil(lambda: b"\a" in ann.raw and b"\a" in bob.raw)
        assert b"C4" not in bob.raw
        assert b"C5" not in ann.raw + bob.raw
        assert b"\a" not in eve.raw
        run_tmux("-L", elsewhere, "kill-server")


@pytest.mark.parametrize("number", [9, 777])
async def test_a_notification_can_do_nothing_else(client: ControlClient, attach: Attach, number: int) -> None:
    ann = attach("fleet")
    await call(client, Signal(bell=False, osc=(number,)), "p;\x1b]0;other\aq", HOSTILE)
    raw = await heard(ann, "zzz")
    ours = raw[raw.index(b"\x1b]") :]
    begin = {9: b"\x1b]9; p;q: 4;1 C3 waits2J;x;y zz", 777: b"\x1b]777;notify;p,q;4,1 C3 waits2J,x,y zz"}[
        number
    ]
    assert ours.startswith(begin)
    assert ours.endswith(b"\x1b\\")
    assert not re.search(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]", ours[2:-2])
    assert len(ours) < 250
    if number == 777:
        assert ours.count(b";") == 3


async def test_the_window_that_it_is_about_gets_the_bell_and_no_terminal_a_second_one(
    client: ControlClient, windows: Windows, mine: str, attach: Attach, tmp_path: Path
) -> None:
    quiet, ours, other = [
        await windows.open(spec(name, tmp_path, "sleep", number))
        for name, number in (("tui", "1001"), ("ours", "1002"), ("other", "1003"))
    ]
    ann, bob = attach("fleet"), attach(mine)
    about = [[place(quiet), place(ours), place(other)]]
    await call(client, Signal(), "p", "C3 waits", about, lambda started: "1001" not in started)
    for one in (ann, bob):
        await heard(one, "waits")
        await auntil(lambda one=one: b"\a" in one.raw)  # type: ignore[misc]
    assert await flags(client) == ["ours"]
    assert (ann.raw.count(b"\a"), bob.raw.count(b"\a")) == (1, 1)
    await client.cmd("next-window", "-a")
    assert await client.cmd("display-message", "-p", "#{window_name}") == ["ours"]

    # With nowhere to ring, the terminals ring all the same; without bells, nothing does.
    for one in (ann, bob):
        one.forget()
    await call(client, Signal(bell=False), "p", "C4", [[place(other)]], lambda started: True)
    await heard(ann, "C4")
    await call(client, Signal(), "p", "C5", [[place(quiet)]], lambda started: False)
    for one in (ann, bob):
        raw = await heard(one, "C5")
        assert raw.count(b"\a") == 1
        assert b"\a" not in raw[: raw.index(b"C4")]
    assert await flags(client) == []


async def test_a_window_is_in_view_of_who_has_the_focus_and_is_there(
    client: ControlClient, windows: Windows, attach: Attach, tmp_path: Path
) -> None:
    front = (await windows.list_windows())[0].window_id
    back = (await windows.open(sleeper("back", tmp_path))).window_id
    await client.cmd("set-option", "-s", "focus-events", "off")
    assert await in_view(client, time.time()) == set()
    ann = attach("fleet")
    assert await in_view(client, time.time()) == {front}
    assert await in_view(client, time.time() + STALE) == set()
    await client.cmd("set-option", "-s", "focus-events", "on")
    ann.types("\x1b[O")
    await _until_view(client, set())
    ann.types("\x1b[I")
    await _until_view(client, {front})
    await windows.select(back)
    assert await in_view(client, time.time()) == {back}
    # Where focus is not asked for, what the terminal said last means nothing.
    ann.types("\x1b[O")
    await _until_view(client, set())
    await client.cmd("set-option", "-s", "focus-events", "off")
    assert await in_view(client, time.time()) == {back}


async def _until_view(client: ControlClient, windows: set[str]) -> None:
    async with asyncio.timeout(20):
        while await in_view(client, time.time()) != windows:
            pass


@pytest.mark.parametrize(
    ("term", "kind", "wanted", "number"),
    [
        ("xterm-256color", "", (9, 777), 9),
        ("foot", "foot(1.13)", (777, 9), 9),
        ("rxvt-unicode-256color", "", (9, 777), 777),
        ("xterm-256color", "VTE(7006)", (9, 777), 777),
        ("xterm-256color", "VTE(7006)", (9,), 9),
        ("xterm-256color", "", (777,), 777),
        ("linux", "", (9, 777), 0),
        ("xterm-256color", "", (), 0),
    ],
)
def test_a_terminal_gets_the_one_notification_that_it_knows(
    term: str, kind: str, wanted: tuple[int, ...], number: int
) -> None:
    terminal = Terminal(
        session="$0", window="@0", looks=True, active=0.0, tty="/dev/pts/0", term=term, kind=kind
    )
    assert calling._number(terminal, wanted) == number

"""The terminal of an interactive command: keys in, whole screens out."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from tmuxorch.cli.keys import Decoder

ESCAPE_TIME = 0.05
"""Seconds after which a lone Escape is the Escape key; terminals send sequences in one piece."""

PASTE_ON, PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"


def is_interactive() -> bool:
    """Whether stdin and stdout are a terminal that can be drawn on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def is_the_window() -> bool:
    """Whether this process is what its tmux window was opened for: the window would be dead without it."""
    server = os.environ.get("TMUX", "").split(",")[1:2]
    return bool(server) and server[0] == str(os.getppid())


class Terminal:
    """The alternate screen, drawn whole; use `opened`."""

    def __init__(self, live: Live, console: Console, wakeup: int) -> None:
        self._live = live
        self._console = console
        self._wakeup = wakeup
        self._decoder = Decoder()

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines, now."""
        width, height = os.get_terminal_size(sys.stdout.fileno())
        return max(width, 20), max(height, 5)

    def draw(self, lines: Sequence[Text]) -> None:
        """Shows these lines, each cut to the width."""
        width, height = self.size
        for line in lines:
            line.no_wrap = True
            line.truncate(width, overflow="ellipsis")
        self._console.size = (width, height)
        shown: RenderableType = Group(*lines[:height])
        self._live.update(shown, refresh=True)

    def wait(self, other: int | None, timeout: float) -> list[str]:
        """Keys that were typed, `resize` when the size changed. Returns without any when `other` is readable or time is
        over."""
        if self._decoder.undecided:
            timeout = min(timeout, ESCAPE_TIME)
        sources = [sys.stdin.fileno(), self._wakeup, *([] if other is None else [other])]
        ready, _, _ = select.select(sources, [], [], timeout)
        if self._wakeup in ready:
            os.read(self._wakeup, 4096)
            return ["resize"]
        if sys.stdin.fileno() in ready:
            data = os.read(sys.stdin.fileno(), 65536)
            if not data:
                raise EOFError
            return self._decoder.feed(data)
        return [] if ready else self._decoder.idle()


@contextlib.contextmanager
def opened() -> Iterator[Terminal]:
    """The terminal for the time of the block; it is given back as it was, however the block ends."""
    environ = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    console = Console(_environ=environ, highlight=False, markup=False, emoji=False)
    with _raw(), _resizes() as wakeup:
        live = Live(
            console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        sys.stdout.write(PASTE_ON)
        try:
            with live:
                yield Terminal(live, console, wakeup)
        finally:
            sys.stdout.write(PASTE_OFF)
            sys.stdout.flush()


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    """Keys one by one and unseen. Ctrl-C is a key like others, Ctrl-S and Ctrl-Z do nothing."""
    fd = sys.stdin.fileno()
    before: list[Any] = termios.tcgetattr(fd)
    raw = [*before]
    raw[0] = before[0] & ~(termios.IXON | termios.ICRNL)
    raw[3] = before[3] & ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    termios.tcsetattr(fd, termios.TCSADRAIN, raw)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _resizes() -> Iterator[int]:
    """A file descriptor that becomes readable when the terminal's size changes."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGWINCH, lambda *_: None)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        os.close(reading)
        os.close(writing)

"""The terminal of our window. Drawing never blocks and never fails: whoever holds a child has more important things
to do, and what is drawn can be drawn again from the files."""

from __future__ import annotations

import contextlib
import os
import select
import termios
from typing import Any

from tmuxorch.host.paint import Ink, Row, paint

AT_ONCE = (
    512  # bytes: a write of so many to a pipe that select calls writable does not block (PIPE_BUF of POSIX)
)
MOST_WAITING = (
    1_000_000  # bytes; of more, which a slow or halted terminal has not taken yet, only the end is kept
)
WIDE = 80  # columns where there is no terminal


class Screen:
    """Draws on standard output."""

    def __init__(self) -> None:
        self._tty = os.isatty(1)
        self._fd: int | None = _own_description() if self._tty else 1
        self._before = _calm() if self._tty else None
        self._waiting = bytearray()
        self.ink = _ink(self._tty)

    @property
    def full_fd(self) -> int | None:
        """The file descriptor to wait for until `flush` can go on; None if nothing waits to be written."""
        return self._fd if self._waiting else None

    def columns(self) -> int:
        if not self._tty:
            return WIDE
        try:
            return os.get_terminal_size(1).columns or WIDE
        except OSError:
            return WIDE

    def draw(self, rows: list[Row]) -> None:
        """Draws the rows, all in one go."""
        drawn = paint(rows, self.ink, self.columns()).encode(
            "utf-8" if self.ink.unicode else "ascii", "replace"
        )
        if self._fd is None:
            return
        self._waiting += drawn
        if len(self._waiting) > MOST_WAITING:
            _keep_the_end(self._waiting)
        self.flush()

    def flush(self) -> None:
        """Writes as much as goes without waiting."""
        try:
            while self._waiting and self._fd is not None and select.select([], [self._fd], [], 0)[1]:
                most = 65536 if self._tty else AT_ONCE
                del self._waiting[: os.write(self._fd, self._waiting[:most])]
        except BlockingIOError:
            pass
        except OSError:  # the window is gone
            self.give_up()

    def settle(self, seconds: float) -> None:
        """Waits until everything is written, or the terminal has taken nothing for so long."""
        while self._waiting and self._fd is not None and select.select([], [self._fd], [], seconds)[1]:
            self.flush()

    def give_up(self) -> None:
        """No more drawing."""
        self._fd = None
        self._waiting.clear()

    def leave(self) -> None:
        """Gives the terminal back as it was."""
        if self._before is not None:
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(1, termios.TCSANOW, self._before)


def _keep_the_end(waiting: bytearray) -> None:
    """Of too much keeps the line that may be half written, and the last half of the rest in whole lines."""
    begun = waiting.find(b"\n") + 1
    end = waiting.find(b"\n", max(begun, len(waiting) - MOST_WAITING // 2)) + 1
    waiting[begun:end] = f"... {end - begun} bytes not shown ...\n".encode()


def _own_description() -> int:
    """The terminal opened once more, because not blocking would otherwise hold for all who share standard output."""
    try:
        return os.open(os.ttyname(1), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return 1


def _calm() -> list[Any] | None:
    """What is typed into the window neither shows nor stops the output; Ctrl-C still interrupts."""
    try:
        before = termios.tcgetattr(1)
        calm = [*before]
        calm[0] = before[0] & ~termios.IXON
        calm[3] = before[3] & ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(1, termios.TCSANOW, calm)
    except (OSError, termios.error):
        return None
    return before


def _ink(tty: bool) -> Ink:
    """Colours on a terminal that has them, unless NO_COLOR; what is not ASCII where the locale is UTF-8."""
    environment = os.environ
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
    return Ink(
        colour=tty and not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb",
        unicode=locale.lower().replace("-", "").endswith("utf8"),
    )

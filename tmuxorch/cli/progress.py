"""The line at the bottom of a terminal that turns and counts while a command waits. Standard library only."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from tmuxorch.core.text import beginning

STEP = 0.1
"""Seconds between two drawings."""

TURNS, PLAIN_TURNS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"

ERASE = "\r\x1b[K"


class Progress:
    """Shows `text` and the seconds since the beginning on the terminal `stream`, from `delay` seconds on, until
    `close`. The cursor stays visible and the terminal as it is, so that nothing has to be put right after a signal.

    Whoever writes to the same terminal does so inside of `above`. Texts are safe to print, and in ASCII if `ascii`.
    """

    def __init__(self, stream: TextIO, text: str, delay: float, *, ascii: bool) -> None:
        self.text = text
        self._stream = stream
        self._turns = itertools.cycle(PLAIN_TURNS if ascii else TURNS)
        self._delay = delay
        self._began = time.monotonic()
        self._drawn = False
        self._lock = threading.RLock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._turn, daemon=True)
        self._thread.start()

    @contextmanager
    def above(self) -> Iterator[None]:
        """The line is away for the time of the block."""
        with self._lock:
            self._erase()
            yield

    def close(self) -> None:
        """Takes the line away for good."""
        self._end.set()
        self._thread.join()
        self._erase()

    def _turn(self) -> None:
        pause = self._delay
        while not self._end.wait(pause):
            pause = STEP
            with self._lock:
                self._draw()

    def _draw(self) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        elapsed = f"  {minutes}:{seconds:02}"
        room = (
            _columns(self._stream) - 3 - len(elapsed)
        )  # the turning, a blank, and no character in the last column
        self._stream.write(f"{ERASE}{next(self._turns)} {beginning(self.text, room)}{elapsed}")
        self._stream.flush()
        self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            self._stream.write(ERASE)
            self._stream.flush()
            self._drawn = False


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80

"""A person's terminal: a tmux client on a pty, of which a test sees every byte."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class Terminal:
    """What the program wrote so far."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._seen = bytearray()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def seen(self) -> bytes:
        return bytes(self._seen)

    def types(self, keys: bytes) -> None:
        """A person types."""
        os.write(self._handle, keys)

    def forget(self) -> None:
        self._seen.clear()

    def join(self) -> None:
        self._reader.join()

    def _read(self) -> None:
        try:
            while data := os.read(self._handle, 65536):
                self._seen += data
        except OSError:
            pass  # Linux: EIO once no program has the other end


@contextmanager
def terminal(argv: Sequence[str], *, columns: int = 120, rows: int = 30) -> Iterator[Terminal]:
    """Runs `argv` in a new terminal; ends it afterwards."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    seen = Terminal(ours)
    try:
        yield seen
    finally:
        process.terminate()
        process.wait()
        seen.join()
        os.close(ours)

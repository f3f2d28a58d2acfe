"""A person at a terminal: keys in, the screen out. What is run there is on a pty, and drawn by a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import pyte

from tests.waiting import until

T = TypeVar("T")

UPDATE = "UPDATE_GOLDEN"
"""Environment variable: set, golden screens are written instead of compared. Look at each before it is committed."""

KEYS = {
    "Enter": "\r",
    "Escape": "\x1b",
    "Tab": "\t",
    "BTab": "\x1b[Z",
    "Backspace": "\x7f",
    "Up": "\x1b[A",
    "Down": "\x1b[B",
    "Right": "\x1b[C",
    "Left": "\x1b[D",
    "Home": "\x1b[H",
    "End": "\x1b[F",
    "PgUp": "\x1b[5~",
    "PgDn": "\x1b[6~",
    **{f"C-{chr(code + 96)}": chr(code) for code in range(1, 27)},
}

PARTIAL = re.compile(rb"\x1b(?:\[[0-9;?<=>]*|\][^\x07\x1b]*)?\Z")
UNKNOWN = re.compile(rb"\x1b\[[<=>][0-9;]*[a-zA-Z]|\x1b\[[0-9;?]*\$[a-z]|\x1b\[\?[0-9;]*n")
"""Sequences of newer terminals that the emulator does not know, and would draw or take for others."""

ASKED, SYNCHRONIZED = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A program asks whether the terminal has synchronized output; it has."""
BEGIN, END = b"\x1b[?2026h", b"\x1b[?2026l"
"""Between them nothing is shown: nobody sees half of an update."""


class _Screen(pyte.Screen):
    """With scrolling by CSI n S and CSI n T, of which tmux makes use."""

    def scroll_up(self, count: int = 1) -> None:
        self._scroll(count, (self.margins or pyte.screens.Margins(0, self.lines - 1)).bottom, self.index)

    def scroll_down(self, count: int = 1) -> None:
        self._scroll(count, (self.margins or pyte.screens.Margins(0, self.lines - 1)).top, self.reverse_index)

    def _scroll(self, count: int, row: int, step: Callable[[], None]) -> None:
        before, self.cursor.y = self.cursor.y, row
        for _ in range(count or 1):
            step()
        self.cursor.y = before


class _Stream(pyte.ByteStream):
    csi = pyte.ByteStream.csi | {"S": "scroll_up", "T": "scroll_down"}
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down"}


class Person:
    """Somebody who types and looks. `raw` is all that was written to the terminal since `forget`."""

    def __init__(
        self, handle: int, process: subprocess.Popen[bytes], columns: int, rows: int, utf8: bool
    ) -> None:
        self._handle = handle
        self._process = process
        self._lock = threading.Lock()
        self._drawn = 0
        self._screen = _Screen(columns, rows)
        self._stream = _Stream(self._screen)
        if not utf8:  # lines are drawn by the other character set there
            self._stream.select_other_charset("@")
        self._rest = b""
        self._raw = bytearray()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    # -- typing

    def types(self, text: str) -> None:
        """Types characters, as they are."""
        os.write(self._handle, text.encode())

    def presses(self, *keys: str) -> None:
        """Presses keys by their names in tmux: `Enter`, `C-b`, `Up`, or one character."""
        for key in keys:
            self.types(KEYS.get(key, key))

    def pastes(self, text: str) -> None:
        """Pastes, as a terminal does where the program has asked to be told (bracketed paste)."""
        self.types(f"\x1b[200~{text}\x1b[201~")

    def resizes(self, columns: int, rows: int) -> None:
        """Makes the terminal another size."""
        with self._lock:
            self._screen.resize(rows, columns)
        _size(self._handle, columns, rows)
        self._process.send_signal(signal.SIGWINCH)

    # -- looking

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, without blanks at their ends."""
        with self._lock:
            return [row.rstrip() for row in self._screen.display]

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    @property
    def raw(self) -> bytes:
        return bytes(self._raw)

    def forget(self) -> None:
        """From here on `raw` is what comes."""
        self._raw.clear()

    def cells(self, row: int) -> list[Any]:
        """The characters of a row with their colours (`fg`, `bg`, `bold`, `reverse`)."""
        with self._lock:
            return [self._screen.buffer[row][column] for column in range(self._screen.columns)]

    def colours(self, text: str) -> set[str]:
        """The foreground colours in which `text` stands on the screen, where it does first; waits until it does."""

        def found() -> list[Any]:
            with self._lock:
                for row, line in enumerate(self._screen.display):
                    cells = [self._screen.buffer[row][column] for column in range(self._screen.columns)]
                    begin = "".join(cell.data for cell in cells).find(text)
                    if text in line and begin >= 0:
                        return cells[begin : begin + len(text)]
            return []

        return {cell.fg for cell in self._until(found, 20.0, f"{text!r} on the screen") if cell.data != " "}

    def sees(self, *texts: str, timeout: float = 20.0) -> str:
        """Waits until all of it is on the screen; the screen."""

        def there() -> str:
            text = self.text
            return text if all(one in text for one in texts) else ""

        return self._until(there, timeout, f"{texts} on the screen")

    def sees_one_of(self, *texts: str) -> str:
        """Waits until any of it is on the screen; which."""
        return self._until(
            lambda: next((one for one in texts if one in self.text), ""),
            20.0,
            f"one of {texts} on the screen",
        )

    def misses(self, *texts: str, timeout: float = 20.0) -> None:
        """Waits until none of it is on the screen."""

        def gone() -> str:
            text = self.text
            return "" if any(one in text for one in texts) else "gone"

        self._until(gone, timeout, f"no {texts} on the screen")

    def golden(self, path: Path, changes: Mapping[str, str] | None = None, timeout: float = 20.0) -> None:
        """Waits until the screen is that of the file, after `changes` (pattern → what stands for it, of its width).

        With UPDATE_GOLDEN set the file is written as the screen is: wait with `sees` for all of it before.
        """

        def drawn() -> str:
            text = self.text.rstrip("\n")
            for pattern, stands in (changes or {}).items():
                text = _replaced(text, pattern, stands)
            return "\n".join(line.rstrip() for line in text.split("\n")) + "\n"

        if os.environ.get(UPDATE):
            path.parent.mkdir(exist_ok=True)
            path.write_text(drawn())
        wanted = path.read_text() if path.exists() else ""
        try:
            self._until(lambda: drawn() == wanted, timeout, path.name)
        except AssertionError:
            assert drawn() == wanted, f"{path.name} is another screen"

    def ends(self) -> int:
        """Waits until the program has ended; its exit code."""
        until(lambda: self._process.poll() is not None, what="end of the program")
        return self._process.returncode

    # -- inside

    def _until(self, condition: Callable[[], T], timeout: float, what: str) -> T:
        """The first true value of `condition`, which is about the screen: it is looked at when that has changed."""
        seen = -1

        def looked() -> T | None:
            nonlocal seen
            if seen == self._drawn:
                return None
            seen = self._drawn
            return condition()

        try:
            return cast("T", until(looked, timeout, what))
        except AssertionError as error:
            raise AssertionError(f"{error}; it is:\n{self.text}") from None

    def _read(self) -> None:
        try:
            while data := os.read(self._handle, 65536):
                self._raw += data
                with self._lock:
                    self._draw(data)
                    self._drawn += 1
        except OSError:
            pass  # Linux: EIO once no program has the other end

    def _draw(self, data: bytes) -> None:
        if ASKED in data:
            self.types(SYNCHRONIZED.decode())
        data = self._rest + data
        begin, cut = data.rfind(BEGIN), PARTIAL.search(data)
        end = begin if begin > data.rfind(END) else cut.start() if cut else len(data)
        data, self._rest = data[:end], data[end:]
        self._stream.feed(UNKNOWN.sub(b"", data))

    def leaves(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._reader.join()


@contextmanager
def at_terminal(
    argv: Sequence[str],
    *,
    columns: int = 80,
    rows: int = 24,
    env: Mapping[str, str] | None = None,
    term: str = "xterm-256color",
    locale: str = "C.UTF-8",
    cwd: Path | None = None,
) -> Iterator[Person]:
    """Somebody at a new terminal in which `argv` runs; it is ended afterwards. `env` is the whole environment (default:
    the test's), but for TERM and the locale."""
    ours, theirs = pty.openpty()
    _size(theirs, columns, rows)
    given = {
        name: value
        for name, value in (os.environ if env is None else env).items()
        if not name.startswith("LC_") and name != "LANG"
    }
    process = subprocess.Popen(
        argv,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**given, "TERM": term, "LC_ALL": locale},
        cwd=cwd,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    person = Person(ours, process, columns, rows, utf8="utf-8" in locale.lower())
    try:
        yield person
    finally:
        person.leaves()
        os.close(ours)


def _size(handle: int, columns: int, rows: int) -> None:
    fcntl.ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _replaced(text: str, pattern: str, stands: str) -> str:
    """What stands for a match has its width, so that nothing beside it moves."""
    return re.sub(pattern, lambda found: stands[: len(found[0])].ljust(len(found[0])), text)

"""Keys from a terminal: bytes in, in any pieces, names of keys out."""

from __future__ import annotations

import codecs
import re

PASTE_BEGIN, PASTE_END = b"\x1b[200~", b"\x1b[201~"

SEQUENCES = {
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"\x1b[5~": "pgup",
    b"\x1b[6~": "pgdn",
    b"\x1b[H": "home",
    b"\x1b[1~": "home",
    b"\x1bOH": "home",
    b"\x1b[F": "end",
    b"\x1b[4~": "end",
    b"\x1bOF": "end",
}
CONTROLS = {
    "\r": "enter",
    "\n": "enter",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x15": "clear",
    "\x17": "word",
    "\x03": "interrupt",
}
SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?<]*[ -/]*[@-~]|O[@-~])")
UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;?<]*[ -/]*|O)?\Z")


class Paste(str):
    """Text that was pasted and not typed: never taken for keys."""

    __slots__ = ()


class Decoder:
    """What has arrived so far. A lone Escape cannot be told from the beginning of a sequence until `idle`."""

    def __init__(self) -> None:
        self._bytes = b""
        self._characters = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def undecided(self) -> bool:
        """Whether `idle` should be called if nothing more arrives soon."""
        return self._bytes.startswith(b"\x1b") and not self._bytes.startswith(PASTE_BEGIN)

    def feed(self, data: bytes) -> list[str]:
        """The keys that `data` completes: `up`, `enter`, `esc`… or one character; a Paste for what was pasted."""
        self._bytes += data
        keys: list[str] = []
        while self._bytes:
            if self._bytes.startswith(PASTE_BEGIN):
                text, found, rest = self._bytes[len(PASTE_BEGIN) :].partition(PASTE_END)
                if not found:
                    break
                keys.append(Paste(text.decode("utf-8", "replace")))
                self._bytes = rest
            elif sequence := SEQUENCE.match(self._bytes):
                if name := SEQUENCES.get(sequence[0]):
                    keys.append(name)
                self._bytes = self._bytes[sequence.end() :]
            elif UNFINISHED.match(self._bytes):
                break
            elif self._bytes[:1] == b"\x1b":  # with Alt: as if without
                self._bytes = self._bytes[1:]
            else:
                typed, escape, rest = self._bytes.partition(b"\x1b")
                keys += [key for char in self._characters.decode(typed) if (key := _key(char))]
                self._bytes = escape + rest
        return keys

    def idle(self) -> list[str]:
        """Nothing more arrived: what looked like the beginning of a sequence was the Escape key."""
        if not self.undecided:
            return []
        self._bytes = b""
        return ["esc"]


def _key(char: str) -> str:
    if char in CONTROLS:
        return CONTROLS[char]
    return char if char.isprintable() else ""

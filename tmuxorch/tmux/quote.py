"""Words and labels for tmux: what goes through this file stays data.

Three dangers: the command parser of control mode and `source-file` (`quote`), formats, which run `#(command)` in
status text and directories (`literal`, `literal_path`), and names that people and scripts must be able to type
(`label`). Escapes measured exact on tmux 3.0a to 3.7.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum
from typing import Final, TypeAlias

from tmuxorch.errors import Bug

LABEL_LENGTH: Final = 32


class Then(Enum):
    """The separator of two commands on one line; a value of its own, as the word ";" is data."""

    THEN = ";"


THEN: Final = Then.THEN
Word: TypeAlias = str | Then

# `~` expands even inside double quotes.
_ESCAPES: Final = {
    **{code: f"\\{code:03o}" for code in (*range(1, 32), 127)},
    **{ord(char): "\\" + char for char in '\\"$~'},
    ord("\n"): "\\n",
}


def quote(word: Word) -> str:
    """`word` as tmux's parser reads it back exactly: one line of text, in double quotes."""
    if isinstance(word, Then):
        return word.value
    if "\0" in word:
        raise Bug("a NUL character cannot be part of a tmux command")
    return f'"{word.translate(_ESCAPES)}"'


def line(words: Iterable[Word]) -> bytes:
    """One line for control mode or `source-file`; file names that are no UTF-8 keep their bytes."""
    return " ".join(map(quote, words)).encode("utf-8", "surrogateescape") + b"\n"


def chain(*commands: Iterable[Word]) -> list[Word]:
    """The words of one line that runs `commands` one after the other, up to the first that fails."""
    words = [word for command in commands for word in (THEN, *command)]
    return words[1:]


def literal(text: str) -> str:
    """`text` for a place where tmux draws formats, as the status line: shown as it is, nothing run."""
    return text.replace("#", "##")


def literal_path(path: str) -> str:
    """`path` for -c, where tmux expands formats without drawing them: a run of `#` before `[` stays as it is there,
    for the drawing that does not follow (format.c of 3.2a to 3.7).
    """
    return re.sub(r"#+(?![#\[])", lambda run: run[0] * 2, path)


def label(text: str) -> str:
    """`text` as a name of `[A-Za-z0-9_-]`, 1 to 32 characters, not starting with `-`; "unnamed" if nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", plain).lstrip("-")[:LABEL_LENGTH].rstrip("-") or "unnamed"

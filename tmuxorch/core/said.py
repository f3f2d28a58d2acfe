"""What agents say, made fit to be kept: in normal form, and only so much of it."""

from __future__ import annotations

from msgspec import DecodeError

from tmuxorch.core import text

BLOCK, LINE, LINES = 4_000, 500, 40
"""Characters of one text and of one entry of a list that are kept, and entries of a list."""

UNREADABLE = (DecodeError, RecursionError)
"""What decoding raises: no JSON or another shape, too many brackets."""


def block(said: str) -> str:
    """A text of several lines."""
    return text.block(text.clip(text.block(said[: BLOCK * 4]), BLOCK))


def lines(said: tuple[str, ...]) -> tuple[str, ...]:
    """Entries of a list, less the empty ones."""
    kept = (text.clip(text.line(one[: LINE * 4]), LINE) for one in said[: LINES * 4])
    return tuple(line for line in kept if line)[:LINES]

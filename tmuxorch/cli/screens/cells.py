"""What stands in the cells of rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from msgspec import Struct

from tmuxorch.cli.output import Json, count, duration
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.rows import Cell

QUIET = 60.0
"""Seconds without a word after which somebody at work is called quiet."""

LONGEST = 500
"""Characters that are read of any words: no line of the screen is longer."""


class Known(Struct, frozen=True, kw_only=True):
    """What rows are made of. `everything`: also all that ended long ago."""

    glyphs: Glyphs
    status: Json
    activity: Mapping[str, str]
    heard: Mapping[str, float]
    everything: bool

    def line(self, words: str) -> str:
        """Anybody's words, safe to draw."""
        return _of_unicode(words) if self.glyphs.unicode else _of_ascii(words)

    def sign(self, name: str, of: str) -> str:
        """What stands first in a row: a sign, and a name."""
        return f"{self.glyphs[name]} {self.line(of)}"

    def dotted(self, words: str) -> str:
        """Words after others."""
        return f" {self.glyphs['dot']} {self.line(words)}"

    def waiting_for(self, key: str, value: str) -> str:
        """`waits for C1, C3`: the open checkpoints of that `source` or `item`; empty without one."""
        names = [
            one["id"]
            for one in self.status["checkpoints"]
            if one["state"] == "open" and one.get(key) == value
        ]
        return f"waits for {', '.join(names)}" if names else ""

    def quiet(self, name: str) -> Cell:
        """How long nothing was heard of somebody, once that is long."""
        heard = self.heard.get(name)
        if heard is None:
            return ""

        def quiet(now: float) -> str:
            return f"quiet {duration(now - heard)}" if now - heard > QUIET else ""

        return quiet


def muted(of: Json) -> str:
    """Whether nobody is notified of it."""
    return "muted" if of.get("muted") else ""


def tokens(of: Json) -> str:
    """`12.3k tok`; empty where none were counted."""
    spent = of.get("tokens") or {}
    number = (spent.get("input") or 0) + (spent.get("output") or 0)
    return f"{count(number)} tok" if number else ""


def age(begin: str, end: str | None = None) -> Cell:
    """How long it is since; or how long it took, where it has ended."""
    began = _seconds(begin)
    if end:
        return duration(max(0.0, _seconds(end) - began))
    return lambda now: duration(max(0.0, now - began))


@lru_cache(4096)
def _seconds(when: str) -> float:
    return datetime.fromisoformat(when).timestamp()


@lru_cache(4096)
def _of_unicode(words: str) -> str:
    return Glyphs(True).line(words[:LONGEST])


@lru_cache(4096)
def _of_ascii(words: str) -> str:
    return Glyphs(False).line(words[:LONGEST])

"""What the overview says, as rows: one for each checkpoint, item, child, run of a pattern and worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

from msgspec import Struct

from tmuxorch.cli.output import Json
from tmuxorch.cli.screens.lines import Line


class Kind(IntEnum):
    """What a row is about."""

    CHECKPOINT = 0
    ITEM = 1
    CHILD = 2
    PATTERN = 3
    STEP = 4
    WORKER = 5


class Group(IntEnum):
    """How urgent a row is: where there is no room for all, the higher ones give way."""

    WAITING = 0
    FAILED = 1
    AT_WORK = 2
    TO_COME = 3
    OVER = 4


URGENT = Group.AT_WORK
"""Up to here rows are shown before any of those below."""

Cell = str | Callable[[float], str]
"""Words that are safe to draw; or what makes them, given the time in epoch seconds."""

Words = Callable[[float], Line]
"""The last column, which takes the room that is left."""


class Row(Struct, frozen=True, kw_only=True):
    """One line. `id` is that of nothing else on the screen; `of` is the public object. `lead` stands first, in the
    colour of the row.
    """

    id: str
    kind: Kind
    group: Group
    style: str
    lead: str
    cells: tuple[Cell, ...]
    words: Words
    window: str | None
    of: Json

    def text(self, now: float) -> str:
        """All that it says, to look for something in."""
        parts = [
            self.lead,
            *(said(cell, now) for cell in self.cells),
            *(words for words, _ in self.words(now)),
        ]
        return " ".join(parts).casefold()


class Section(Struct, frozen=True, kw_only=True):
    """Rows of one kind under a title. `keeps` has a number for each column: where it gets narrow, those with the
    highest go first. `told` stands beside the title.
    """

    title: str
    told: str
    rows: Sequence[Row]
    keeps: tuple[int, ...]


def said(cell: Cell, now: float) -> str:
    """What stands in a cell at that time."""
    return cell if isinstance(cell, str) else cell(now)


SIGNS: Mapping[str, tuple[str, str, Group]] = {
    "pending": ("pending", "dim", Group.TO_COME),
    "ready": ("queued", "", Group.TO_COME),
    "queued": ("queued", "", Group.TO_COME),
    "starting": ("working", "bold", Group.AT_WORK),
    "restarting": ("working", "yellow", Group.AT_WORK),
    "stopping": ("working", "yellow", Group.AT_WORK),
    "running": ("working", "bold cyan", Group.AT_WORK),
    "active": ("working", "bold cyan", Group.AT_WORK),
    "waiting": ("waiting", "yellow", Group.WAITING),
    "failed": ("failed", "red", Group.FAILED),
    "spawn_failed": ("failed", "red", Group.FAILED),
    "killed": ("failed", "red", Group.FAILED),
    "lost": ("failed", "red", Group.FAILED),
    "blocked": ("failed", "red", Group.TO_COME),
    "done": ("done", "green", Group.OVER),
    "succeeded": ("done", "green", Group.OVER),
    "cancelled": ("skipped", "dim", Group.OVER),
    "skipped": ("skipped", "dim", Group.OVER),
    "stopped": ("skipped", "dim", Group.OVER),
    "idle": ("pending", "", Group.OVER),
}
"""By the word for how something is: its sign, its style, how urgent it is."""

UNKNOWN = ("pending", "", Group.TO_COME)
"""Of a word of a later version."""

"""A log: every line as it is."""

from __future__ import annotations

from tmuxorch.host.paint import Row
from tmuxorch.host.text import lines


def rows(line: bytes, now: float | None) -> list[Row]:
    """One line. A carriage return, as progress bars write it, begins a new row: nothing is hidden by what follows."""
    return [Row(part) for part in lines(line.decode("utf-8", "replace").removesuffix("\r"))]

"""From a growing file's bytes, in any pieces, to rows."""

from __future__ import annotations

from collections.abc import Callable

from tmuxorch.host.figures import size
from tmuxorch.host.follow import Grown
from tmuxorch.host.paint import Row
from tmuxorch.host.pulse import Pulse

LONGEST = 4_000_000  # bytes of one line; a longer one is left out

# One complete line and the time (seconds, None if the line was written long before) in, rows out.
Render = Callable[[bytes, float | None], list[Row]]


class Feed:
    """Cuts into lines and has each rendered. A character or line that arrives in pieces waits until it is whole.

    `pulse` says what goes on when nothing arrives.
    """

    def __init__(self, render: Render, pulse: Pulse | None = None) -> None:
        self._render = render
        self.pulse = pulse or Pulse()
        self._partial = bytearray()
        self._drop = False  # the rest of the line that is arriving

    def rows(self, grown: Grown, now: float | None) -> list[Row]:
        rows = []
        if grown.restarted or grown.skipped:
            self._partial.clear()
            self._drop = grown.skipped > 0
        if grown.skipped:
            rows.append(Row(f"… {size(grown.skipped)} not shown …", "dim"))
        self._partial += grown.data
        *lines, rest = self._partial.split(b"\n") if b"\n" in grown.data else [self._partial]
        self._partial = rest
        for line in lines:
            if not self._drop:
                rows += self._render(bytes(line), now)
            self._drop = False
        if len(self._partial) > LONGEST:
            rows.append(Row("… a line too long to show …", "dim"))
            self._partial.clear()
            self._drop = True
        return rows

    def last(self, now: float | None) -> list[Row]:
        """What the file ends with if its last line has no end."""
        line, self._partial = bytes(self._partial), bytearray()
        return self._render(line, now) if line and not self._drop else []

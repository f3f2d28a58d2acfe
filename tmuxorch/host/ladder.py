"""The stop ladder: INT, then TERM, then KILL until nothing is left."""

from __future__ import annotations

import signal

AGAIN = 0.05  # seconds between two KILLs: what was forked between looking and killing gets the next one


class Ladder:
    """Which signal is due when. It is given the time (seconds, any clock that only goes forward)."""

    def __init__(self, grace: tuple[float, float], now: float) -> None:
        """Begins with INT at `now`; `grace` is the time from INT to TERM and from TERM to KILL, also if one is late."""
        self.next = now
        """When the next signal is due."""
        self._steps = [(signal.SIGINT, grace[0]), (signal.SIGTERM, grace[1]), (signal.SIGKILL, AGAIN)]

    def due(self, now: float) -> signal.Signals | None:
        """The signal to send now, once; None if it is not time yet."""
        if now < self.next:
            return None
        signum, pause = self._steps[0]
        if len(self._steps) > 1:
            del self._steps[0]
        self.next = now + pause
        return signum

    def skip(self, now: float) -> None:
        """Goes straight to KILL."""
        del self._steps[:-1]
        self.next = now

"""The stop ladder: INT, then TERM, then KILL until nothing is left."""

from __future__ import annotations

import signal

AGAIN = 0.05  # seconds between two KILLs: what was forked between looking and killing gets the next one


class Ladder:
    """Which signal is due when. It is given the time (seconds, any clock that only goes forward)."""

    def __init__(self, grace: tuple[float, float], now: float) -> None:
        """Begins with INT at `now`; `grace` is the time from INT to TERM and from TERM to KILL."""
        self._steps = [
            (now, signal.SIGINT),
            (now + grace[0], signal.SIGTERM),
            (now + grace[0] + grace[1], signal.SIGKILL),
        ]

    @property
    def next(self) -> float:
        """When the next signal is due."""
        return self._steps[0][0]

    def due(self, now: float) -> signal.Signals | None:
        """The signal to send now, once; None if it is not time yet."""
        when, signum = self._steps[0]
        if now < when:
            return None
        if len(self._steps) > 1:
            del self._steps[0]
        else:
            self._steps = [(now + AGAIN, signal.SIGKILL)]
        return signum

    def skip(self, now: float) -> None:
        """Goes straight to KILL."""
        self._steps = [(now, signal.SIGKILL)]

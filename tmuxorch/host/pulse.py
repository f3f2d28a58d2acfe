"""Signs of life while nothing comes: what goes on and for how long, each time after twice as long as before."""

from __future__ import annotations

from tmuxorch.host import figures
from tmuxorch.host.paint import Row

FIRST = 30.0  # seconds of silence before the first sign
NEVER = float("inf")


class Pulse:
    """Of one view. Times are seconds of one clock."""

    def __init__(self) -> None:
        self.due = NEVER
        self._doing = ""
        self._since = 0.0
        self._pause = FIRST
        self._over = False

    def heard(self, now: float, doing: str, since: float | None) -> None:
        """Something came; from now on this is done (nothing, if empty), since then if that is known."""
        self._doing, self._since, self._pause = doing, now if since is None else since, FIRST
        self.due = now + FIRST if doing and not self._over else NEVER

    def stop(self) -> None:
        """Nothing goes on any more, whatever is heard."""
        self._over, self.due = True, NEVER

    def rows(self, now: float) -> list[Row]:
        """What to draw if it is due."""
        if now < self.due:
            return []
        self._pause *= 2
        self.due = now + self._pause
        return [Row(f"… {self._doing} · {figures.duration(now - self._since)}", "dim", "  ")]

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
        self._since: float | None = None
        self._pause = FIRST
        self._over = False

    def heard(self, now: float | None, doing: str, since: float | None) -> None:
        """Something came, long ago if `now` is None; from then on this is done (nothing, if empty), since then if that
        is known."""
        self._doing, self._since = doing, now if since is None else since
        self.due = NEVER
        if now is not None:
            self.begin(now)

    def begin(self, now: float) -> None:
        """Somebody watches, from now on."""
        self._pause = FIRST
        self.due = now + FIRST if self._doing and not self._over else NEVER

    def stop(self) -> None:
        """Nothing goes on any more, whatever is heard."""
        self._over, self.due = True, NEVER

    def rows(self, now: float) -> list[Row]:
        """What to draw if it is due; for how long it goes on only where that is known."""
        if now < self.due:
            return []
        self._pause *= 2
        self.due = now + self._pause
        took = "" if self._since is None else f" · {figures.duration(now - self._since)}"
        return [Row(f"… {self._doing}{took}", "dim", "  ")]

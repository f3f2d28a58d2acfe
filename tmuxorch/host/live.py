"""A view that stays up to date: waits for whatever comes first, and draws in bursts what came."""

from __future__ import annotations

import select
import time
from collections.abc import Iterable, Iterator

from tmuxorch.host.feed import Feed
from tmuxorch.host.follow import Follower
from tmuxorch.host.notice import Notice
from tmuxorch.host.paint import Row
from tmuxorch.host.screen import Screen

BURST = 0.06  # seconds from the first notice to the drawing
SETTLE = 5.0  # seconds that the last drawing may wait for a terminal that takes nothing
NEVER = float("inf")


class Live:
    """One file drawn on the screen while it grows; with `follower` None only what is given to `draw`."""

    def __init__(self, screen: Screen, feed: Feed, follower: Follower | None, notice: Notice) -> None:
        self._screen = screen
        self._feed = feed
        self._follower = follower
        self._notice = notice
        self._noticed = False
        self._told = False  # that output is held back
        self._look_at = 0.0 if follower else NEVER

    def wait(self, fd: int, deadline: float = NEVER) -> None:
        """Returns when `fd` is readable, at the deadline (monotonic), or earlier; draws what is due."""
        reads = [fd]
        if self._follower and self._notice.fd is not None and not self._noticed:
            reads.append(self._notice.fd)
        full = self._screen.full_fd
        until = min(self._look_at, deadline, self._feed.pulse.due)
        timeout = None if until == NEVER else max(0.0, until - time.monotonic())
        readable, writable, _ = select.select(reads, [] if full is None else [full], [], timeout)
        if writable:
            self._screen.flush()
        now = time.monotonic()
        if self._notice.fd in readable:
            self._noticed = True
            self._look_at = min(self._look_at, now + BURST)
        if now >= self._look_at:
            self.look(now)
        if now >= self._feed.pulse.due:
            self._draw([self._feed.pulse.rows(now)])

    def look(self, now: float | None) -> None:
        """Draws what is new. `now` is None if it was written long ago."""
        if self._follower is None:
            return
        self._noticed = False
        self._look_at = time.monotonic() + self._notice.interval
        self._notice.clear()
        self._draw(self._new(self._follower, now))
        if now is None:
            self._feed.pulse.begin(time.monotonic())

    def draw(self, rows: list[Row]) -> None:
        self._draw([rows])

    def finish(self, now: float | None, rows: list[Row]) -> None:
        """The file grows no more: draws what has not been drawn yet, also what was held back, then these rows."""
        self.look(now)
        if self._follower and self._follower.held:
            self._follower.release()
            self.look(now)
        self._draw([self._feed.last(now), rows])
        self._feed.pulse.stop()

    def end(self, rows: list[Row]) -> None:
        """As `finish`, and gives the terminal back."""
        self.finish(time.monotonic(), rows)
        self._screen.settle(SETTLE)
        self._screen.leave()

    def give_up(self) -> None:
        """No more looking and drawing."""
        self._follower = None
        self._look_at = NEVER
        self._feed.pulse.stop()
        self._screen.give_up()

    def _new(self, follower: Follower, now: float | None) -> Iterator[list[Row]]:
        for piece in follower.read().pieces():
            yield self._feed.rows(piece, now)
        if follower.held and not self._told:
            self._told = True
            yield [Row(f"… from here on only in {follower.path}; its end is shown when it is over …", "dim")]

    def _draw(self, batches: Iterable[list[Row]]) -> None:
        """A mistake in drawing must not cost the child its host."""
        try:
            for rows in batches:
                self._screen.draw(rows)
        except Exception as error:
            self._follower = None
            self._look_at = NEVER
            self._feed.pulse.stop()
            self._screen.draw([Row(f"this view has failed ({error!r}); everything else goes on", "red")])

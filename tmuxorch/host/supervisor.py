"""Staying with a child until nothing of its tree is left, and stopping it when that is asked for."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import NamedTuple

from tmuxorch.host import records, tree
from tmuxorch.host.ladder import Ladder
from tmuxorch.host.live import NEVER, Live
from tmuxorch.host.server import Server
from tmuxorch.host.signals import Signals
from tmuxorch.host.spec import Spec

MERCY = 1.0  # seconds in which a tmux server that hung up may turn out to be dying itself
PATIENCE = 20.0  # seconds in which one that has no window left ends, if its clients get no CPU
GLANCE = 0.05  # seconds between two looks at it
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


class Ended(NamedTuple):
    """How the child ended."""

    status: int  # as of waitpid
    ended: str  # RFC 3339, UTC
    at: float  # monotonic
    stopped_by: str | None


class Supervisor:
    """Of one child, which must be our only one."""

    def __init__(
        self, child: int, directory: str, spec: Spec, live: Live, signals: Signals, begin: float
    ) -> None:
        """`begin` is when it was started (monotonic)."""
        self._child = child
        self._directory = directory
        self._grace = spec.grace
        self._live = live
        self._signals = signals
        self._timeout = begin + spec.timeout if spec.timeout is not None else NEVER
        self._server = Server(os.environ.get("TMUX", ""))
        self._hung_up: float | None = None
        self._ladder: Ladder | None = None
        self._stopped_by: str | None = None
        self._ended: Ended | None = None

    def stay(self) -> Ended:
        """Returns when nothing of the tree is alive. What outlives the child is stopped."""
        # The time is that before the look at the child: who ended in time was not too late, however busy we were.
        now = time.monotonic()
        while not self._reap() or self._ended is None:
            self._climb(now)
            self._live.wait(self._signals.fd, self._deadline())
            now = time.monotonic()
            for signum in self._signals.read():
                self._hear(signum, now)
            self._consider_hangup(now)
        return self._ended

    def _reap(self) -> bool:
        """Collects the dead; whether nothing is left. Orphans of the tree are our children too (subreaper)."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return False
                if pid == self._child:
                    self._ended = Ended(status, records.now(), time.monotonic(), self._stopped_by)
        except ChildProcessError:
            return sys.platform == "linux" or not self._tree()

    def _tree(self) -> set[tree.Process]:
        below = tree.descendants({os.getpid()}, tree.table())
        return below if sys.platform == "linux" else below | records.tree_of(self._directory)

    def _climb(self, now: float) -> None:
        if self._ladder is None and self._ended is not None:
            self._ladder = Ladder(self._grace, now)
        elif self._ladder is None and now >= self._timeout:
            self._stop("timeout", now)
        if self._ladder is not None and (signum := self._ladder.due(now)):
            tree.send(self._tree(), signum)

    def _deadline(self) -> float:
        now = time.monotonic()
        deadlines = [self._ladder.next if self._ladder else self._timeout]
        if self._hung_up is not None:
            deadlines.append(now + GLANCE)
        if self._ended is not None and sys.platform != "linux":
            deadlines.append(now + GLANCE)  # nobody tells us when what is no child of ours ends
        return min(deadlines)

    def _hear(self, signum: int, now: float) -> None:
        if signum in STOPS:
            self._stop("stop", now)
        elif signum == signal.SIGHUP and self._hung_up is None:
            self._hung_up = now

    def _stop(self, why: str, now: float) -> None:
        if self._ladder is not None:
            self._ladder.skip(now)
            return
        self._stopped_by = why
        self._ladder = Ladder(self._grace, now)

    def _consider_hangup(self, now: float) -> None:
        """Our window is gone. Closed by somebody: stop. Gone with its server: carry on without it."""
        if self._hung_up is None:
            return
        if not self._server.alive():
            self._hung_up = None
            self._go_headless()
        elif now >= self._hung_up + (PATIENCE if self._server.ending() else MERCY):
            self._hung_up = None
            if self._ladder is None:
                self._stop("hangup", now)

    def _go_headless(self) -> None:
        self._live.give_up()
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd)
        os.close(nothing)

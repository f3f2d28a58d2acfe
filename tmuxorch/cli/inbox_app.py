"""The interactive inbox: `tmuxorch checkpoints --watch`."""

from __future__ import annotations

import time

from tmuxorch.cli.inbox_state import Inbox
from tmuxorch.cli.inbox_view import lines
from tmuxorch.cli.output import Json
from tmuxorch.cli.subscription import Subscription
from tmuxorch.cli.terminal import is_the_window, opened
from tmuxorch.errors import TmuxorchError
from tmuxorch.store.paths import ProjectPaths

TICK = 2.0
"""Seconds after which ages are drawn anew."""

RETRY = 0.5
"""Seconds after which a lost controller is looked for again."""


def run(paths: ProjectPaths) -> None:
    """Shows what waits and takes answers until q; in a window that was opened for it, for ever."""
    subscription, fixed = Subscription(paths), is_the_window()
    desk = _Desk(subscription)
    inbox = desk.inbox
    with opened() as terminal:
        while not inbox.quit:
            subscription.look()
            desk.fetch()
            terminal.draw(lines(inbox, subscription.problem, *terminal.size, time.time()))
            for key in terminal.wait(subscription.fileno(), RETRY if subscription.problem else TICK):
                if key in ("q", "interrupt") and fixed and inbox.entry is None:
                    inbox.notice = "this window stays; leave the session with your prefix key, then d"
                elif key != "resize":
                    desk.key(key)
    subscription.close()


class _Desk:
    """The inbox, and its requests on their way to the controller."""

    def __init__(self, subscription: Subscription) -> None:
        self.inbox = Inbox()
        self._subscription = subscription
        self._fetching: set[str] = set()

    def fetch(self) -> None:
        """Gives the inbox what is new, and asks for the cards that it wants."""
        status = self._subscription.status
        if status is None or self._subscription.problem:
            return
        run = status.get("run") or {}
        self.inbox.about = f"{run['id']} {run.get('outcome') or run['phase']}" if run else ""
        for wanted in self.inbox.update(status["checkpoints"]):
            if wanted not in self._fetching:
                self._fetching.add(wanted)
                self._show(wanted)

    def key(self, key: str) -> None:
        """Takes a key; sends the answer that it makes, if any."""
        if request := self.inbox.key(key):
            self._subscription.ask("answer", request, self.inbox.answered, self._failed)

    def _show(self, wanted: str) -> None:
        def take(card: Json) -> None:
            self._fetching.discard(wanted)
            self.inbox.fetched(card)

        def fail(error: TmuxorchError) -> None:
            self._fetching.discard(wanted)
            self._failed(error)

        self._subscription.ask("show", {"id": wanted}, take, fail)

    def _failed(self, error: TmuxorchError) -> None:
        self.inbox.failed(error.message + (f" — {error.hint}" if error.hint else ""))

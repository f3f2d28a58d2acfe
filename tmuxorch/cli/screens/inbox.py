"""The checkpoints window: what waits, and its answers by keys; or one card alone, as in a popup."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tmuxorch.cli.output import Json
from tmuxorch.cli.screens.frame import Frame
from tmuxorch.cli.screens.inbox_pane import Pane
from tmuxorch.store.paths import ProjectPaths

GLANCE = 3.0
"""Seconds for which a card alone says that somebody else was first, before it closes."""


class InboxApp(Frame):
    """The window. With a `card` that alone: it ends with 0 once that is answered; `others` may follow it."""

    def __init__(self, paths: ProjectPaths, card: Json | None = None, *, others: bool = True) -> None:
        super().__init__(paths)
        self._alone = card is not None
        if self._alone:
            self.fixed = False
        self.pane = Pane(
            where="card" if self._alone else "checkpoints window",
            only="" if card is None or others else card["id"],
            alone=self._alone,
            card=card,
        )
        self._others = others

    def compose(self) -> ComposeResult:
        yield self.pane

    def news(self) -> None:
        self.pane.news()

    def tick(self) -> None:
        self.pane.tick()

    def say(self, words: str) -> None:
        self.pane.say(words)

    def action_leave(self) -> None:
        if not self.pane.leave_form():
            super().action_leave()

    def on_pane_ended(self, message: Pane.Ended) -> None:
        """A card alone makes room for the next one, or ends."""
        if not self._alone:
            return
        if self._offers_next():
            return
        if message.mine:
            self.exit()
        else:
            self.set_timer(GLANCE, self._close)

    def _offers_next(self) -> bool:
        """Says what else waits, if anything does."""
        number = self.pane.inbox.others if self._others else 0
        if number:
            waits = "1 more waits" if number == 1 else f"{number} more wait"
            self.pane.say(f"{waits}: Enter shows the next, q closes")
        return bool(number)

    def _close(self) -> None:
        """Ends, unless something that was typed would be lost, or somebody is at the next card by now."""
        inbox = self.pane.inbox
        busy = inbox.draft or (inbox.card and inbox.card["state"] == "open")
        if not busy and not self._offers_next():
            self.exit()


class OneCard(InboxApp):
    """A card alone; Escape leaves it as q does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]


def run(paths: ProjectPaths) -> None:
    """The window, until q; where it was opened for it, for ever."""
    InboxApp(paths).show()


def run_card(paths: ProjectPaths, card: Json, *, others: bool) -> None:
    """A card alone, until it has ended or is left. With `others` the next that waits is offered then."""
    OneCard(paths, card, others=others).show()

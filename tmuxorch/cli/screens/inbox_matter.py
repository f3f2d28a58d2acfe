"""The card on the screen: what is in view of it, and scrolling."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual import events
from textual.message import Message

from tmuxorch.cli.screens.inbox_text import Row, Wrapped
from tmuxorch.cli.screens.lines import Lines


class Matter(Lines, can_focus=True):
    """Shows rows wrapped to its width, from `top` on. What stood first in view still does in another size."""

    class Moved(Message):
        """Another part is in view."""

    def __init__(self, take: Callable[[events.Key | events.Paste], Awaitable[bool]]) -> None:
        """`take` is given each key and each paste, and says whether it was for it."""
        super().__init__()
        self._is_taken = take
        self._rows: Sequence[Row] = ()
        self._wrapped = Wrapped((), 80)
        self.top = 0

    def take(self, rows: Sequence[Row]) -> None:
        """Shows these from their beginning."""
        self._rows, self.top = rows, 0
        self._wrap()

    def scroll_by(self, lines: int) -> None:
        """Scrolls down, or up if negative, as far as there is something."""
        self.top += lines
        self._slice()

    @property
    def page(self) -> int:
        """How many lines a page down is: one stays in view."""
        return max(self.size.height - 1, 1)

    @property
    def end(self) -> int:
        """The greatest sensible `top`."""
        return max(len(self._wrapped) - self.size.height, 0)

    @property
    def position(self) -> str:
        """`12–40 of 143`, `-` standing for the dash; empty if all is in view."""
        bottom = min(self.top + self.size.height, len(self._wrapped))
        return f"{self.top + 1}-{bottom} of {len(self._wrapped)}" if self.end else ""

    async def on_key(self, event: events.Key) -> None:
        if await self._is_taken(event):
            event.stop()

    async def on_paste(self, event: events.Paste) -> None:
        event.stop()
        await self._is_taken(event)

    def on_resize(self, event: events.Resize) -> None:
        self._wrap()

    def _wrap(self) -> None:
        row = self._wrapped.place(self.top)
        self._wrapped = Wrapped(self._rows, self.size.width)
        self.top = self._wrapped.start(row) if self.top else 0
        self._slice()

    def _slice(self) -> None:
        self.top = min(max(self.top, 0), self.end)
        self.show(self._wrapped.lines(self.top, self.size.height))
        self.post_message(self.Moved())

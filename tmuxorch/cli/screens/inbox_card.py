"""One checkpoint over another screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tmuxorch.cli.screens.frame import Frame
from tmuxorch.cli.screens.inbox_pane import Pane


class CardScreen(ModalScreen[None]):
    """The card of a checkpoint, whole, with all keys that answer it: `app.push_screen(CardScreen(frame, "C3"))`.

    It is kept up to date by the frame (`Frame.followers`), closes by itself when it was answered here, and by Escape or
    q; one that was answered elsewhere stays until then, with who did. `where` is what others are told of the place.
    """

    CSS = "CardScreen { background: ansi_default; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "close", key_display="q Esc")]

    def __init__(self, frame: Frame, checkpoint_id: str, where: str = "overview") -> None:
        super().__init__()
        self._frame = frame
        self._pane = Pane(where=where, only=checkpoint_id)

    def compose(self) -> ComposeResult:
        yield self._pane

    def on_mount(self) -> None:
        self._frame.followers.append(self._pane)

    def on_unmount(self) -> None:
        self._frame.followers.remove(self._pane)

    def action_leave(self) -> None:
        """Closes the form if one is open, else the card."""
        if not self._pane.leave_form():
            self.dismiss()

    def on_pane_ended(self, message: Pane.Ended) -> None:
        message.stop()
        if message.mine:
            self.dismiss()

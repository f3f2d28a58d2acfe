"""The keys of a screen, over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tmuxorch.cli.screens.glyphs import Glyphs


class Help(ModalScreen[None]):
    """Any of Escape, q, ? and Enter closes it."""

    CSS = """
    Help { align: center middle; }
    Help > VerticalScroll {
        width: auto; max-width: 90%; height: auto; max-height: 100%; padding: 0 2;
        border: round ansi_bright_black; background: ansi_default;
    }
    Help Static { width: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "dismiss", "close")]

    def __init__(self, glyphs: Glyphs, bindings: Sequence[Binding]) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._rows = [(shown(one), one.tooltip or one.description) for one in bindings if one.description]

    def compose(self) -> ComposeResult:
        widest = max(len(keys) for keys, _ in self._rows)
        lines = [Text.assemble((keys.ljust(widest + 2), "bold"), words) for keys, words in self._rows]
        with VerticalScroll() as box:
            if not self._glyphs.unicode:
                box.styles.border = ("ascii", "ansi_bright_black")
            yield Static(Text("\n").join(lines))


NAMES = {
    "question_mark": "?",
    "slash": "/",
    "escape": "Esc",
    "enter": "Enter",
    "space": "space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "full_stop": ".",
    "tab": "Tab",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "home": "Home",
    "end": "End",
}


def shown(binding: Binding) -> str:
    """The keys of a binding as people call them."""
    if binding.key_display:
        return binding.key_display
    return " ".join(NAMES.get(key, key) for key in binding.key.split(","))

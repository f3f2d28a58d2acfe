"""The overview: what runs, what waits for somebody, and what broke, on one screen."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tmuxorch.cli.screens.board import FILTERS, Board
from tmuxorch.cli.screens.cells import Known
from tmuxorch.cli.screens.deeds import Deeds, Question
from tmuxorch.cli.screens.foot import foot
from tmuxorch.cli.screens.frame import Frame
from tmuxorch.cli.screens.lines import Lines
from tmuxorch.cli.screens.overview_head import head
from tmuxorch.cli.screens.overview_rows import sections
from tmuxorch.store.paths import ProjectPaths

PAUSE = 0.4
"""Seconds between two drawings of news, at the least."""


class Overview(Frame):
    """Full screen, until q; in a window that was opened for it, for ever."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "the row above"),
        Binding("down,j", "move(1)", "the row below"),
        Binding("pageup", "page(-1)", "a screen up"),
        Binding("pagedown", "page(1)", "a screen down"),
        Binding("home,g", "end(False)", "the first row"),
        Binding("end,G", "end(True)", "the last row", key_display="End G"),
        Binding("tab,right,l", "section(1)", "the next part"),
        Binding("shift+tab,left,h", "section(-1)", "the part before", key_display="Shift-Tab left h"),
        Binding("slash", "filter", "only rows with these words"),
        Binding("f", "group", "all, at work, waiting, failed, over"),
        Binding("escape", "clear", "all rows again"),
        Binding("enter", "open", "go to the window; of a checkpoint, answer it"),
        Binding("s", "stop", "stop a worker or pattern, interrupt a child"),
        Binding("r", "rerun", "run a worker again that has ended"),
        Binding("m", "mute", "no notifications of it, or again"),
        Binding("t", "tui", "Codex's own screen in a child's window, or back"),
        *Frame.BINDINGS,
    ]

    def __init__(self, paths: ProjectPaths) -> None:
        super().__init__(paths)
        self._board = Board(self.glyphs)
        self._deeds = Deeds(self)
        self._lines = Lines()
        self._notice = ""
        self._question: Question | None = None
        self._typing = False
        self._drawn_at = 0.0
        self._due = False

    def get_default_screen(self) -> Screen[Any]:
        """Without keys of its own."""
        return Bare()

    def compose(self) -> ComposeResult:
        """One widget: what is nearby on the screen changes together."""
        yield self._lines

    # -- what there is to show

    def news(self) -> None:
        """Takes up a status, soon."""
        wait = self._drawn_at + PAUSE - time.monotonic()
        if wait <= 0:
            self._take()
        elif not self._due:
            self._due = True
            self.set_timer(wait, self._take)

    def tick(self) -> None:
        """Draws the ages that have changed."""
        self._draw()

    def say(self, words: str) -> None:
        """One line at the bottom, until the next key."""
        self._notice = words
        self._draw()

    def answer(self, checkpoint: str) -> None:
        """Opens a card over the rows."""
        from tmuxorch.cli.screens.inbox_card import CardScreen

        self.push_screen(CardScreen(self, checkpoint))

    def ask(self, question: Question) -> None:
        """Asks at the bottom; y does it, any other key does not."""
        self._question = question
        self._draw()

    def on_resize(self) -> None:
        """Another size is another choice of rows."""
        self._draw()

    def _take(self) -> None:
        self._due = False
        self._drawn_at = time.monotonic()
        news = self.subscription
        if news.status is not None:
            known = Known(
                glyphs=self.glyphs,
                status=news.status,
                activity=news.activity,
                heard=news.heard,
                everything=self._board.filtered,
            )
            self._board.take(sections(known), time.time())
        self._draw()

    def _draw(self) -> None:
        width, height = self.size
        now = time.time()
        lines = head(self.subscription.status, self.subscription.problem, width, now, self.glyphs)
        lines += self._board.draw(width, max(height - len(lines) - 1, 0), now)
        self._lines.show(
            [*lines[: height - 1], foot(self._said(), self._board, self.fixed, width, self.glyphs)]
        )

    def _said(self) -> str:
        """What stands at the bottom instead of keys."""
        if self._question:
            return f"{self._question.words} y/n"
        if self._typing:
            return f"/{self.glyphs.line(self._board.words)}_"
        return self._notice and self.glyphs.line(self._notice)

    # -- keys

    def on_key(self, event: events.Key) -> None:
        """Answers to a question, and words to look for, are no other keys."""
        if len(self.screen_stack) > 1:
            return
        self._notice = ""
        if self._question or self._typing:
            event.prevent_default()
        if self._question:
            question, self._question = self._question, None
            if event.character in ("y", "Y"):
                question.do()
        elif self._typing:
            self._typed(event)
        self._draw()

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted is looked for; anywhere else it is nothing."""
        if self._typing:
            self._look_for(self._board.words + " ".join(event.text.split()))

    def _typed(self, event: events.Key) -> None:
        words = self._board.words
        if event.key in ("enter", "tab"):
            self._typing = False
        elif event.key == "escape":
            self._typing = False
            self._look_for("")
        elif event.key in ("backspace", "ctrl+h"):
            self._typing = bool(words)
            self._look_for(words[:-1])
        elif event.key == "ctrl+u":
            self._look_for("")
        elif event.is_printable and event.character:
            self._look_for(words + event.character)

    def _look_for(self, words: str) -> None:
        self._board.look_for(words, self._board.filter)
        self._take()

    def action_move(self, by: int) -> None:
        """Chooses a row nearby."""
        self._board.move(by)
        self._draw()

    def action_page(self, direction: int) -> None:
        """Chooses a row a screen away."""
        self._board.page(direction)
        self._draw()

    def action_end(self, last: bool) -> None:
        """Chooses the first or last row."""
        self._board.end(last)
        self._draw()

    def action_section(self, direction: int) -> None:
        """Chooses the first row of another section."""
        self._board.section(direction)
        self._draw()

    def action_filter(self) -> None:
        """Has words typed that rows have to hold."""
        self._typing = True
        self._draw()

    def action_group(self) -> None:
        """Shows only those that are at work, wait, failed or are over, one after the other."""
        self._board.look_for(self._board.words, (self._board.filter + 1) % len(FILTERS))
        self._take()

    def action_clear(self) -> None:
        """Shows all rows again."""
        self._board.look_for("", 0)
        self._take()

    def action_open(self) -> None:
        """Goes where the chosen row happens."""
        self._deeds.open(self._board.row)

    def action_stop(self) -> None:
        """Ends the work of the chosen row, after a question."""
        self._deeds.stop(self._board.row)

    def action_rerun(self) -> None:
        """Runs the chosen worker again."""
        self._deeds.rerun(self._board.row)

    def action_mute(self) -> None:
        """Notifies no more of the chosen row, or again."""
        self._deeds.mute(self._board.row)

    def action_tui(self) -> None:
        """Swaps what the window of the chosen child shows."""
        self._deeds.tui(self._board.row)


class Bare(Screen[None], inherit_bindings=False):
    """A screen on which all keys are the program's."""

"""What waits for a person: the list, the selected card, its answers and its form, and the keys that act on them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from tmuxorch.cli import via
from tmuxorch.cli.inbox_state import Inbox
from tmuxorch.cli.output import Json
from tmuxorch.cli.screens import inbox_text, inbox_view
from tmuxorch.cli.screens.help import Help
from tmuxorch.cli.screens.inbox_matter import Matter
from tmuxorch.cli.screens.lines import Lines
from tmuxorch.errors import TmuxorchError

if TYPE_CHECKING:
    from tmuxorch.cli.screens.frame import Frame
    from tmuxorch.cli.screens.inbox_form import Form

BESIDE = 110
"""Columns from which the list stands beside the card."""


class Pane(Widget):
    """The checkpoints, or with `only` that one; without its list if `alone`. `where` is told with each answer.

    Whoever mounts it hands on `news` and `tick` of the frame.
    """

    DEFAULT_CSS = """
    Pane { layout: vertical; width: 1fr; height: 1fr; }
    Pane > Container { width: 1fr; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "the one before", key_display="k Up"),
        Binding("down,j", "move(1)", "the next one", key_display="j Down"),
        Binding("space,pagedown", "page(1)", "a page of the card down", key_display="space PgDn"),
        Binding("b,pageup", "page(-1)", "a page up", key_display="b PgUp"),
        Binding("J,shift+down", "scroll(1)", "a line down", key_display="J"),
        Binding("K,shift+up", "scroll(-1)", "a line up", key_display="K"),
        Binding("home", "end(-1)", "the beginning of the card", key_display="Home"),
        Binding("end", "end(1)", "its end", key_display="End"),
        Binding("a", "choose('accept')", "accept"),
        Binding("s", "choose('accept-for-session')", "accept, and the same until this session ends"),
        Binding("d", "choose('decline')", "decline, with a reason if you like"),
        Binding("1", "number(1)", "the answer of that number", key_display="1-9"),
        *(Binding(str(digit), f"number({digit})", show=False) for digit in (0, *range(2, 10))),
        Binding("e,enter", "fill", "answer in words; on one that has ended, the next one"),
        Binding("E", "edit", "the same in $EDITOR (in a form: Ctrl-e)", key_display="E"),
        Binding("question_mark", "help", show=False),
    ]

    class Ended(Message):
        """The card that is shown was answered, by the person here (`mine`) or elsewhere, or lapsed."""

        def __init__(self, mine: bool) -> None:
            super().__init__()
            self.mine = mine

    def __init__(self, *, where: str, only: str = "", alone: bool = False, card: Json | None = None) -> None:
        super().__init__()
        self.inbox = Inbox(only=only)
        self._where = where
        self._alone = alone or bool(only)
        self._fetching: set[str] = set()
        self._shown: tuple[str, str, str, str] = ("", "", "", "")
        self._head, self._list, self._bar, self._rule, self._foot = (Lines() for _ in range(5))
        self._matter = Matter(self._take)
        self._middle = Container(self._list, self._bar, self._matter)
        self._first = card
        self._form: Form | None = None

    @property
    def _frame(self) -> Frame:
        return cast("Frame", self.app)

    def compose(self) -> ComposeResult:
        yield from (self._head, self._middle, self._rule, self._foot)

    def on_mount(self) -> None:
        self._matter.focus()
        if self._first:
            self.inbox.update([self._first] if self._first["state"] == "open" else [])
            self.inbox.selected = self._first["id"]
            self.inbox.fetched(self._first)
        self.news()

    # -- news

    def news(self) -> None:
        """Takes what the subscription knows."""
        subscription = self._frame.subscription
        status = subscription.status
        if status is not None and not subscription.problem:
            run = status.get("run") or {}
            self.inbox.about = f"{run['id']} {run.get('outcome') or run['phase']}" if run else ""
            for wanted in {*self.inbox.update(status["checkpoints"])} - self._fetching:
                self._fetch(wanted)
        self.draw()

    def tick(self) -> None:
        """Draws ages anew."""
        self.draw()

    def say(self, words: str) -> None:
        """Shows one line until the next key."""
        self.inbox.notice = words
        self.draw()

    def _fetch(self, wanted: str) -> None:
        self._fetching.add(wanted)

        def take(card: Json) -> None:
            self._fetching.discard(wanted)
            before = self.inbox.cards.get(wanted)
            self.inbox.fetched(card)
            ended = (before is None or before["state"] == "open") and card["state"] != "open"
            if ended and wanted == self.inbox.selected and not self.inbox.sending:
                self.post_message(self.Ended(mine=False))

        def fail(error: TmuxorchError) -> None:
            self._fetching.discard(wanted)
            self.inbox.notice = error.message

        self._frame.subscription.ask("show", {"id": wanted}, take, fail)

    # -- answers

    def _send(self, request: Json | None) -> None:
        if request is not None:
            self.run_worker(self._sent(request))
        self.draw()

    async def _sent(self, request: Json) -> None:
        where = await asyncio.to_thread(via.of_screen, self._where)
        self._frame.subscription.ask("answer", {**request, "via": where}, self._answered, self._failed)
        self.draw()

    def _answered(self, card: Json) -> None:
        self.inbox.answered(card)
        self.post_message(self.Ended(mine=True))

    def _failed(self, error: TmuxorchError) -> None:
        self.inbox.failed(error.message + (f" - {error.hint}" if error.hint else ""))
        if self._form:
            self._form.go_to_problem()
        card = self.inbox.card
        if card and card["state"] != "open":
            self.post_message(self.Ended(mine=False))

    # -- keys

    async def _take(self, event: events.Key | events.Paste) -> bool:
        """Does what a key does here, at once: what is typed while a form opens belongs into it. What is pasted is text,
        never keys."""
        if self.inbox.draft and self._form:
            if isinstance(event, events.Paste):
                self._form.put(events.Paste(event.text))
            else:
                self._form.put(events.Key(event.key, event.character))
            return True
        if isinstance(event, events.Key):
            for binding in self._bindings.key_to_bindings.get(event.key, ()):
                await self.run_action(binding.action)
                return True
        return False

    def action_move(self, step: int) -> None:
        if self._alone:
            self.action_scroll(step)
            return
        self.inbox.move(step)
        self.news()

    def action_page(self, step: int) -> None:
        self.action_scroll(step * self._matter.page)

    def action_scroll(self, lines: int) -> None:
        self.inbox.notice = ""
        self._matter.scroll_by(lines)
        self.draw()

    def action_end(self, step: int) -> None:
        self.action_scroll(step * self._matter.end)

    def action_choose(self, choice: str) -> None:
        self._send(self.inbox.choose(choice, time.monotonic()))

    def action_number(self, number: int) -> None:
        self._send(self.inbox.number(number, time.monotonic()))

    def action_fill(self) -> None:
        card = self.inbox.card
        if card and card["state"] != "open":
            self.inbox.following(time.monotonic())
            self.news()
        else:
            self.inbox.fill(time.monotonic())
            self.draw()

    def action_edit(self) -> None:
        self.action_fill()
        if form := self._form:
            self.call_after_refresh(form.edit)

    def action_help(self) -> None:
        around = self.screen if self.screen.is_modal else self._frame
        keys = [*self.BINDINGS, *around.BINDINGS]
        self.app.push_screen(Help(self._frame.glyphs, [one for one in keys if isinstance(one, Binding)]))

    def leave_form(self) -> bool:
        """Closes the form if one is open; whether it was."""
        if form := self._form:
            self.inbox.leave(form.typed)
            self.draw()
        return form is not None

    def on_form_left(self, message: Form.Left) -> None:
        self.leave_form()

    def on_form_sent(self, message: Form.Sent) -> None:
        if form := self._form:
            self._send(self.inbox.submit(form.typed))
            form.go_to_problem()

    def on_form_told(self, message: Form.Told) -> None:
        self.say(message.words)

    # -- drawing

    def on_resize(self, event: events.Resize) -> None:
        self.draw()

    def on_matter_moved(self, message: Matter.Moved) -> None:
        self.draw()

    def draw(self) -> None:
        """Draws everything as it is now; what has not changed is not written."""
        if not self.is_mounted or not self.size.height:
            return
        self._draw_form()
        width, height = self.size
        inbox, glyphs, now = self.inbox, self._frame.glyphs, time.time()
        beside = width >= BESIDE and not self._alone
        rows = [] if self._alone else inbox_view.rows(inbox, glyphs, width, height, beside, now)
        foot = inbox_view.foot(inbox, glyphs, width, height, self._alone)
        head = inbox_view.head(inbox, glyphs, width, self._frame.subscription.problem, self._alone, now)
        self._head.styles.height = len(head)
        self._head.show(head)
        self._middle.styles.layout = "horizontal" if beside else "vertical"
        self._list.styles.width = inbox_view.list_width(width) if beside else "1fr"
        self._list.styles.height = "1fr" if beside else len(rows)
        self._list.display = bool(rows)
        self._list.show(rows)
        self._bar.display = beside
        self._bar.styles.width = 2
        self._bar.show([((glyphs["bar"], "dim"),)] * height if beside else [])
        self._rule.display = height >= inbox_view.LOW
        self._rule.styles.height = 1
        self._rule.show([inbox_view.rule(self._matter.position, glyphs, width)])
        self._foot.styles.height = len(foot)
        self._foot.show(foot)
        self._draw_card()
        if (card := inbox.card) is not None:
            self.call_after_refresh(lambda: inbox.drawn(card, time.monotonic()))

    def _draw_card(self) -> None:
        card = self.inbox.card
        tried = str(len(card.get("attempts") or ())) if card else ""
        shown = (card["id"], card["digest"], card["state"], tried) if card else ("", "", "", "")
        if shown != self._shown:
            # Where it has only ended, or an agent tried to answer it, what is read stays in view.
            keeps = shown[:2] == self._shown[:2]
            top, self._shown = self._matter.top, shown
            self._matter.take(inbox_text.rows(card, self._frame.glyphs) if card else ())
            if keeps:
                self._matter.scroll_by(top)

    def _draw_form(self) -> None:
        draft = self.inbox.draft
        if self._form is not None and self._form.draft is not draft:
            self._form.remove()
            self._form = None
            self.screen.set_focus(self._matter)
        if draft is not None and self._form is None:
            from tmuxorch.cli.screens.inbox_form import Form  # it takes a while to import, and most need none

            self._form = Form(draft, self.inbox.kept, self._frame.glyphs)
            self.mount(self._form, before=self._foot)
        elif self._form is not None:
            self._form.tell()

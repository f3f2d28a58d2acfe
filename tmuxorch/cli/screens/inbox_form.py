"""A form below the card: all of its fields at once, or the words that go with a choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from tmuxorch.cli.editor import edited
from tmuxorch.cli.fields import expected
from tmuxorch.cli.inbox_state import Draft
from tmuxorch.cli.output import Json
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.codex.visible import visible_line
from tmuxorch.errors import TmuxorchError

NOTHING = r"(?!)"
"""Matches no text."""

PREVIEW = 30
"""Characters of a text of several lines that are shown of it."""


class Line(Input):
    """A line that is typed. What is pasted is text; several lines of it, or from the editor, are held whole and shown
    as a number."""

    def __init__(self, field: Json, glyphs: Glyphs, kept: str, take: Callable[[str], bool]) -> None:
        """`take` is given the name of each key first, and says whether that was for the form."""
        super().__init__(password=bool(field.get("secret")), compact=True, select_on_focus=False)
        self._is_taken = take
        self._glyphs = glyphs
        self._several = ""
        self.take(kept)

    @property
    def text(self) -> str:
        """What was typed, pasted or edited."""
        return self._several or self.value

    def take(self, text: str) -> None:
        """From now on has this text."""
        several = "\n" in text and not self.password
        self._several = text if several else ""
        self.restrict = NOTHING if several else None
        self.value = "" if several else text
        self.placeholder = ""
        if several:
            lines = text.split("\n")
            first = self._glyphs.line(lines[0])[:PREVIEW]
            self.placeholder = f"{len(lines)} lines: {first}{self._glyphs['more']} (Backspace drops them)"
        self.cursor_position = len(self.value)

    async def on_event(self, event: events.Event) -> None:
        """Keys that were on their way here when another field got its turn belong to that one."""
        other = self.screen.focused
        if isinstance(event, events.Key | events.Paste) and isinstance(other, Line) and other is not self:
            other._forward_event(event)
        else:
            await super().on_event(event)

    async def _on_key(self, event: events.Key) -> None:
        event.prevent_default()
        if self._is_taken(event.key) or await self._is_bound(event.key):
            event.stop()
        else:
            await super()._on_key(event)

    async def _is_bound(self, key: str) -> bool:
        """Does what a key does in a line; at once, as the keys that follow may go to another one."""
        for binding in self._bindings.key_to_bindings.get(key, ()):
            if await self.app.run_action(binding.action, self):
                return True
        return False

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._put(event.text)

    def _put(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
        if self._several:
            self.take(f"{self._several}\n{text}")
        elif "\n" in text and not self.password:
            begin, end = sorted(self.selection)
            self.take(self.value[:begin] + text + self.value[end:])
        else:
            self.replace(text if self.password else visible_line(text), *self.selection)

    def restricted(self) -> None:
        """Nothing is typed into several lines; the editor changes them."""

    def action_delete_left(self) -> None:
        if self._several:
            self.take("")
        else:
            super().action_delete_left()

    @property
    def _value(self) -> Text:
        if self.password and not self._glyphs.unicode:
            return Text(self._glyphs["hidden"] * len(self.value), no_wrap=True, overflow="ignore", end="")
        return super()._value


class Entry(Vertical):
    """One field: its name, what it wants, the line, and what is wrong with it."""

    def __init__(self, field: Json, glyphs: Glyphs, kept: str, take: Callable[[str], bool]) -> None:
        super().__init__()
        self.name_ = str(field["id"])
        self.is_secret = bool(field.get("secret"))
        self.line = Line(field, glyphs, kept, take)
        self._field = field
        self._glyphs = glyphs
        self._problem = Static(classes="problem")
        self._told = ""

    def compose(self) -> ComposeResult:
        label = self._glyphs.line(str(self._field.get("label") or self._field["id"]))
        wanted = expected(self._field)
        yield Static(Text.assemble((label, "bold"), (f"  {wanted}" if wanted else "", "dim")))
        if options := self._options():
            yield Static(Text(options, "cyan"))
        with Horizontal():
            yield Static(Text("> ", "bold"), classes="prompt")
            yield self.line
        yield self._problem

    def _options(self) -> str:
        shown = []
        for number, one in enumerate(self._field.get("options") or (), 1):
            label = f" ({self._glyphs.line(one['label'])})" if one.get("label") else ""
            shown.append(f"{number} {self._glyphs.line(one['key'])}{label}")
        return f" {self._glyphs['dot']} ".join(shown)

    def tell(self, problem: str) -> None:
        """Shows what is wrong; nothing if empty."""
        if problem == self._told:
            return
        self._told = problem
        self._problem.update(Text(self._glyphs.line(problem), "red"))
        self._problem.display = bool(problem)


class Form(VerticalScroll, can_focus=False):
    """The form of a draft. Enter goes on to the next field, and from the last one sends."""

    DEFAULT_CSS = """
    Form { height: auto; max-height: 50%; scrollbar-size: 0 0; }
    Form Entry { height: auto; }
    Form Static { height: auto; }
    Form Horizontal { height: 1; }
    Form .prompt { width: 2; }
    Form Line { width: 1fr; }
    Form .problem { display: none; }
    """

    class Sent(Message):
        """Enter in the last field."""

    class Left(Message):
        """Escape."""

    class Told(Message):
        """Something to say to the person."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self, draft: Draft, kept: Mapping[str, str], glyphs: Glyphs) -> None:
        super().__init__()
        self.draft = draft
        self._early: list[events.Key | events.Paste] = []
        self.entries = [Entry(one, glyphs, kept.get(str(one["id"]), ""), self._take) for one in draft.fields]

    def compose(self) -> ComposeResult:
        yield from self.entries

    def on_mount(self) -> None:
        self._go_to(0)
        for event in self._early:
            self.entries[0].line._forward_event(event)

    def put(self, event: events.Key | events.Paste) -> None:
        """What was typed or pasted for the form while it was not on the screen yet."""
        if isinstance(self.screen.focused, Line):
            self.screen.focused._forward_event(event)
        else:
            self._early.append(event)

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields, by their ids."""
        return {entry.name_: entry.line.text for entry in self.entries}

    def tell(self) -> None:
        """Shows the problems of the draft."""
        for entry in self.entries:
            entry.tell(self.draft.problems.get(entry.name_, ""))
        self.call_after_refresh(self._see)

    def go_to_problem(self) -> None:
        """Goes to the first field with which something is wrong."""
        wrong = [at for at, entry in enumerate(self.entries) if self.draft.problems.get(entry.name_)]
        if wrong:
            self._go_to(wrong[0])

    def edit(self) -> None:
        """Opens the editor for the field that is being typed in."""
        entry = self.entries[self._at]
        if entry.is_secret:
            self.post_message(self.Told("a secret is typed here: the editor would write it to a file"))
            return
        name = f"{self.draft.card['id']}.txt"
        try:
            with self.app.suspend():
                text = edited(entry.line.text, name)
        except TmuxorchError as error:
            self.post_message(self.Told(error.message))
        else:
            entry.line.take(text)
        self.app.refresh(layout=True)

    @property
    def _at(self) -> int:
        return next((at for at, entry in enumerate(self.entries) if entry.line is self.screen.focused), 0)

    def _go_to(self, at: int) -> None:
        """At once, for the keys that follow."""
        self.screen.set_focus(self.entries[at % len(self.entries)].line, scroll_visible=False)
        self.call_after_refresh(self._see)

    def _see(self) -> None:
        """Scrolls as little as shows the field from the form's top, wherever it was scrolled to before; not in a form
        that is gone by now."""
        if not self.is_attached:
            return
        region = self.entries[self._at].virtual_region
        self.scroll_to(y=min(region.y, max(0, region.bottom - self.size.height)), animate=False, force=True)

    def _take(self, key: str) -> bool:
        """Does what a key does to the form; False for one that is not for it."""
        match key:
            case "tab" | "down":
                self._go_to(self._at + 1)
            case "shift+tab" | "up":
                self._go_to(self._at - 1)
            case "enter" if self._at + 1 < len(self.entries):
                self._go_to(self._at + 1)
            case "enter":
                self.post_message(self.Sent())
            case "escape":
                self.post_message(self.Left())
            case "ctrl+e":
                self.edit()
            case _:
                return False
        return True

"""Menus, popups and messages: what tmux shows over a client. Text in them is shown as it is, whoever wrote it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tmuxorch.codex.visible import visible_line
from tmuxorch.core.text import width
from tmuxorch.tmux.errors import TmuxCommandError
from tmuxorch.tmux.oneshot import ask, at, leave
from tmuxorch.tmux.quote import Word, line, literal_path

FRAME: Final = 2
"""Rows that a menu's border takes, and columns at each of its sides."""

KEY: Final = 4
"""Columns of a key of one letter, with its brackets and a blank."""

MESSAGE: Final = 8000
"""Milliseconds that a message stays; any key ends it."""

LONGEST: Final = 500
"""Characters of a message; no terminal is as wide."""

RULE: Final = ""
"""The name of an item that is a line across."""


class Client(NamedTuple):
    """A terminal that is attached, by tmux's name for it; its size in characters."""

    name: str
    columns: int
    rows: int
    utf8: bool = True


class Item(NamedTuple):
    """A line of a menu: chosen by its key (one character) or by the arrows, it runs `command` on the client that shows
    it. Without a command it is text that cannot be chosen.
    """

    text: str
    key: str = ""
    command: Sequence[str] = ()


class Section(NamedTuple):
    """Items that belong together. Where a menu is too high, all but `least` of them may go, the last ones first, for
    what `more` says of their number.
    """

    items: Sequence[Item]
    least: int
    more: Callable[[int], Item]


def fitted(sections: Sequence[Section], rows: int) -> list[Item]:
    """The items of the sections, lines between them, in at most `rows`: tmux shows nothing at all of a menu that is
    higher than its client. The first sections keep the most; where it is very small, the last are left out, and that
    is said.
    """
    kept, left_out = [section for section in sections if section.items], 0
    while len(kept) > 1 and _spare(kept, rows - bool(left_out)) < 0:
        left_out += len(kept.pop().items)
    spare = _spare(kept, rows - bool(left_out))
    found: list[Item] = []
    for section in kept:
        least = min(len(section.items), section.least)
        room = max(min(len(section.items), least + spare), 1)
        spare -= room - least
        found += [*([Item(RULE)] if found else []), *_cut(section, room)]
    return [*found, Item(f"{left_out} more in a higher terminal")] if left_out else found


def _spare(sections: Sequence[Section], rows: int) -> int:
    """Rows that are left when each section has its least."""
    return rows - sum(min(len(one.items), one.least) + 1 for one in sections) + 1


def _cut(section: Section, room: int) -> list[Item]:
    if room >= len(section.items):
        return list(section.items)
    return [*section.items[: room - 1], section.more(len(section.items) - room + 1)]


def show_menu(socket: str, client: Client, title: str, items: Sequence[Item]) -> None:
    """Shows the menu in the middle of the client, cut to its size; returns once it is on the screen.

    Nothing happens while the client shows another menu or a popup. Raises TmuxGone, or TmuxCommandError for a client
    that is gone.
    """
    room = client.columns - 2 * FRAME
    words: list[Word] = ["display-menu", "-c", client.name, "-x", "C", "-y", "C"]
    words += ["-T", _drawn(f" {_clipped(title, room - 2, client.utf8)} "), "--"]
    for item in items[: client.rows - FRAME]:
        words += _words(item, room, client.utf8)
    leave(at(socket), words)


def _words(item: Item, room: int, utf8: bool) -> list[Word]:
    if item.text == RULE:
        return [RULE]
    # A name that begins with "-" is one that cannot be chosen, and this "-" is not drawn.
    if not item.command:
        return [f"-{_drawn(_clipped(item.text, room - 1, utf8))}", "", ""]
    name = _drawn(_clipped(item.text.lstrip("-"), room - (KEY if item.key else 0), utf8)) or "?"
    return [name, item.key, literal_path(line(item.command).decode("utf-8", "surrogateescape").rstrip("\n"))]


def show_popup(socket: str, client: Client, argv: Sequence[str]) -> None:
    """Runs `argv` in a popup over the client until it ends; returns once it is on the screen. Raises as `show_menu`."""
    leave(at(socket), ["display-popup", "-c", client.name, "-E", "-w", "90%", "-h", "90%", "--", *argv])


def show_message(socket: str, client: str, text: str) -> None:
    """Shows one line where the client's status line is, in the way of nothing. Raises as `show_menu`."""
    message = ["-d", str(MESSAGE), _said(text)]
    try:
        ask(at(socket), ["display-message", "-c", client, *message])
    except TmuxCommandError as error:
        if "usage:" not in error.message:
            raise
        # The -c of tmux 3.2a takes no client by mistake; without it the one is meant that was used last.
        ask(at(socket), ["display-message", *message])


def in_background(argv: Sequence[str]) -> list[str]:
    """The command that runs `argv` behind everything; it must print nothing, as tmux would show that in a pane."""
    return ["run-shell", "-b", literal_path(shlex.join(argv))]


def _clipped(text: str, room: int, utf8: bool) -> str:
    """One line of at most so many columns. tmux counts bytes where it decides whether a name is too long, and takes
    two of them for every `#` here."""
    shown, end = visible_line(text), "…" if utf8 else "..."
    if _fits(shown, room):
        return shown
    while shown and not _fits(shown + end, room):
        shown = shown[:-1]
    return shown.rstrip() + end if shown else ""


def _fits(text: str, room: int) -> bool:
    return width(text) <= room and len(_doubled(text).encode(errors="replace")) <= room


def _doubled(text: str) -> str:
    return text.replace("#", "##")


def _drawn(text: str) -> str:
    """`text` for where tmux expands formats and then draws: a `#` is written four times, as each of the two takes half;
    but before `[` the first of them leaves any number as it is."""
    return re.sub(r"#+(\[?)", lambda run: run[0].count("#") * ("##" if run[1] else "####") + run[1], text)


def _said(text: str) -> str:
    """`text` for display-message, which expands times, then formats, then draws; of very long text it shows none."""
    return _drawn(visible_line(text)[:LONGEST]).replace("%", "%%")

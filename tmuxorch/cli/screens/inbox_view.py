"""What stands around the card: the title, the list, and below the answers with their keys."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxorch.cli import card as plain
from tmuxorch.cli.inbox_state import Inbox
from tmuxorch.cli.output import Json, duration, seconds_since
from tmuxorch.cli.screens import inbox_text
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.inbox_text import Wrapped
from tmuxorch.cli.screens.lines import Line, cut, cut_line, padded
from tmuxorch.host.text import width as wide_of

KEYS = "↑↓ select, space b scroll, ? keys, q quit"
KEYS_ALONE = "↑↓ space b scroll, ? keys, q closes it"
LOW = 9
"""Lines of the lowest screen on which the card has a list above it and a line below it."""


def title(inbox: Inbox, glyphs: Glyphs, alone: bool, now: float) -> tuple[str, str]:
    """What the screen is about, and its style."""
    if alone and inbox.card is not None:
        return glyphs.line(_heading(inbox.card, glyphs, now)), "bold yellow"
    number = len(inbox.open)
    words = f"{number} wait{'s' if number == 1 else ''} for you" if number else "nothing waits for you"
    about = f" {glyphs['dot']} {inbox.about}" if inbox.about else ""
    return glyphs.line(words + about), "bold yellow" if number else "bold"


def head(inbox: Inbox, glyphs: Glyphs, width: int, problem: str, alone: bool, now: float) -> list[Line]:
    """The title, and why what is shown may be old."""
    found: list[Line] = [cut_line((title(inbox, glyphs, alone, now),), width, glyphs["more"])]
    if problem:
        found.append(cut_line(((f"{glyphs.line(problem)}: tmuxorch up", "bold red"),), width, glyphs["more"]))
    return found


def _heading(card: Json, glyphs: Glyphs, now: float) -> str:
    """`C3 · approval · backend · item 2 · 4 min`."""
    age = duration(seconds_since(card["opened"], now)) if card["state"] == "open" else card["state"]
    item = f"item {card['item']}" if card.get("item") else ""
    parts = [card["id"], card["kind"], card["source"], item, age]
    return f" {glyphs['dot']} ".join(part for part in parts if part)


def list_width(width: int) -> int:
    """Columns of the list where it stands beside the card."""
    return min(max(width // 3, 40), 60)


def rows(inbox: Inbox, glyphs: Glyphs, width: int, height: int, beside: bool, now: float) -> list[Line]:
    """The list, or as much of it around the selected one as there is room for."""
    if not beside and height < LOW:
        return []
    points = inbox.rows
    room = height if beside else max(height // 5, 2)
    at = next((index for index, point in enumerate(points) if point["id"] == inbox.selected), 0)
    first = min(max(at - room // 2, 0), max(len(points) - room, 0))
    shown = points[first : first + room]
    cells = [_cells(point, glyphs, now) for point in shown]
    sizes = [max(wide_of(row[column]) for row in cells) for column in range(5)] if cells else []
    columns = list_width(width) if beside else width
    return [
        _row(row, sizes, point["id"] == inbox.selected, glyphs, columns)
        for row, point in zip(cells, shown, strict=True)
    ]


def _cells(point: Json, glyphs: Glyphs, now: float) -> list[str]:
    age = duration(seconds_since(point["opened"], now)) if point["state"] == "open" else point["state"]
    item = f"item {point['item']}" if point.get("item") else ""
    return [
        glyphs.line(one) for one in (point["id"], point["kind"], point["source"], item, age, point["title"])
    ]


def _row(row: Sequence[str], sizes: Sequence[int], here: bool, glyphs: Glyphs, columns: int) -> Line:
    *cells, words = row
    known = "  ".join(padded(cell, size) for cell, size in zip(cells, sizes, strict=True) if size)
    style = "bold" if here else ""
    return cut_line(
        ((f"{glyphs['here'] if here else ' '} ", "bold yellow"), (f"{known}  {words}", style)),
        columns,
        glyphs["more"],
    )


def rule(position: str, glyphs: Glyphs, width: int) -> Line:
    """The line below the card, with how much of it is in view."""
    told = f" {position.replace('-', '–') if glyphs.unicode else position} " if position else ""
    return ((cut(glyphs["rule"] * 3 + told + glyphs["rule"] * width, width, ""), "dim"),)


def foot(inbox: Inbox, glyphs: Glyphs, width: int, height: int, alone: bool) -> list[Line]:
    """The answers, and what there is to say, else the keys; for a form, those of the form."""
    notice = f"answering {inbox.sending}{glyphs['more']}" if inbox.sending else inbox.notice
    told = Wrapped([inbox_text.Row(glyphs.line(notice), "yellow")], width).lines(0, 2 if height >= LOW else 1)
    if inbox.draft:
        number = len(inbox.draft.fields)
        several = f"Tab next of {number} fields, " if number > 1 else ""
        keys, found = f"Enter sends, {several}Ctrl-e editor, Esc leaves it open", []
    else:
        keys, found = KEYS_ALONE if alone else KEYS, _ways(inbox, glyphs, width, height, alone)
    keys = keys if glyphs.unicode else keys.replace("↑↓", "j k")
    return [*found, *(told if notice else [cut_line(((keys, "dim"),), width, glyphs["more"])])]


def _ways(inbox: Inbox, glyphs: Glyphs, width: int, height: int, alone: bool) -> list[Line]:
    card, room = inbox.card, max(height // 5, 1)
    if card is None:
        return []
    if card["state"] == "open":
        return inbox_text.answers(card, glyphs, width, room)
    lines = Wrapped([inbox_text.Row(glyphs.line(plain.ended(card)), "bold green")], width).lines(0, room)
    return [*lines, (("Enter shows the next one", "cyan"),)] if inbox.others and not alone else lines

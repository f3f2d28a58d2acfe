"""The interactive inbox as lines of a screen: the list, the selected card whole, and what can be done."""

from __future__ import annotations

from rich.text import Text

from tmuxorch.cli import card as plain
from tmuxorch.cli import render
from tmuxorch.cli.inbox_state import Entry, Inbox, numbered
from tmuxorch.cli.output import Json, aligned, joined
from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.host.text import wrap

HELP = "↑↓ select · space/b scroll · q quit"
LETTERS = {"accept": "a", "accept-for-session": "s", "decline": "d"}
CONTINUED = "↪ "
"""Before the rest of a line that is too long: it is told from a line of its own."""


def lines(inbox: Inbox, problem: str, width: int, height: int, now: float) -> list[Text]:
    """The whole screen. Sets the page and the end of scrolling of `inbox`."""
    foot = _foot(inbox, width, height)
    head = _list(inbox, problem, height, now)[: max(height - len(foot) - 1, 1)]
    room = max(height - len(head) - len(foot), 1)
    body = _card(inbox.card, width, now) if inbox.card else []
    inbox.page, inbox.end = room, max(len(body) - room, 0)
    inbox.scroll = min(inbox.scroll, inbox.end)
    foot = _foot(inbox, width, height)  # once more: it says how much is below
    shown = body[inbox.scroll : inbox.scroll + room]
    return [*head, *shown, *[Text()] * (room - len(shown)), *foot]


def _list(inbox: Inbox, problem: str, height: int, now: float) -> list[Text]:
    """The title and some rows around the selected one."""
    number = len(inbox.open)
    words = f"{number} wait{'s' if number == 1 else ''} for you" if number else "nothing waits for you"
    title = Text(joined([words, inbox.about]), "bold yellow" if number else "bold")
    found = [title]
    if problem:
        found.append(Text(f"{visible_line(problem)} — tmuxorch up", "bold red"))
    rows = inbox.rows
    texts = aligned(render.checkpoint_rows(rows, now))
    at = next((index for index, row in enumerate(rows) if row["id"] == inbox.selected), 0)
    room = max(height // 5, 2)
    first = min(max(at - room // 2, 0), max(len(rows) - room, 0))
    for index, text in list(enumerate(texts))[first : first + room]:
        found.append(Text(f"{'▸' if index == at else ' '} {text}", "bold" if index == at else ""))
    if len(rows) > room:
        found[0] = Text.assemble(title, (f"  ({first + 1}–{first + room} shown)", "dim"))
    return found


def _card(card: Json, width: int, now: float) -> list[Text]:
    """The whole card, wrapped to the width and not cut anywhere."""
    found = [Text("─" * width, "dim"), *_wrapped(visible_line(card["title"]), width, "bold")]
    for name, key in (("Do", "do"), ("Expected", "expect")):
        if card.get(key):
            found += _labelled(name, visible(str(card[key])), width)
    if card.get("blocks"):
        found += _labelled("Blocked", ", ".join(map(str, card["blocks"])), width)
    if card.get("body"):
        found.append(Text())
        found += _body(visible(card["body"]), width)
    found.append(Text())
    if card["state"] != "open":
        return [*found, *_wrapped(plain.ended(card), width, "green")]
    return found + _ways(card, width)


def _labelled(name: str, text: str, width: int) -> list[Text]:
    rows = [row.expandtabs(4) for row in text.rstrip().split("\n")]
    first, *rest = [line for row in rows for line in wrap(row, max(width - 10, 2))]
    label = Text(f"{name}:".ljust(10), "dim")
    return [label + Text(first), *(Text(" " * 10 + line) for line in rest)]


def _body(text: str, width: int) -> list[Text]:
    rows = text.rstrip("\n").split("\n")
    is_diff = any(row.startswith("@@ ") for row in rows)
    found = []
    for row in rows:
        found += _wrapped(row.expandtabs(4), width, _diff_style(row) if is_diff else "")
    return found


def _diff_style(row: str) -> str:
    if row.startswith(("+++", "---", "diff ")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(row[:1], "")


def _wrapped(text: str, width: int, style: str) -> list[Text]:
    if not text:
        return [Text()]
    first, *rest = wrap(text, max(width - len(CONTINUED), 2))
    return [Text(first, style), *(Text(CONTINUED, "dim") + Text(line, style) for line in rest)]


def _ways(card: Json, width: int) -> list[Text]:
    """The answers by number and by key."""
    rows = [
        [str(number) if number < 10 else "", "" if field else LETTERS.get(key, ""), key, label]
        for number, (field, key, label) in enumerate(numbered(card), 1)
    ]
    found = [text for line in aligned(rows) for text in _wrapped(line, width, "cyan")]
    if fields := card.get("fields"):
        what = visible_line(fields[0].get("label") or "") if len(fields) == 1 else f"{len(fields)} fields"
        found += _wrapped(f"Enter  answer in words: {what}", width, "cyan")
    return found


def _foot(inbox: Inbox, width: int, height: int) -> list[Text]:
    if inbox.entry:
        return _entry(inbox.entry, width, max(height // 3, 3))
    more = f" · {inbox.end - inbox.scroll} more lines below" if inbox.scroll < inbox.end else ""
    notice = f"answering {inbox.sending}…" if inbox.sending else inbox.notice
    told = _wrapped(visible_line(notice), width, "yellow")[:2] if notice else []
    if inbox.card and not notice:
        told = [Text(_keys(inbox.card, bool(inbox.open)), "cyan")]
    return [*told, Text(HELP + more, "dim")]


def _keys(card: Json, others: bool) -> str:
    """The keys that answer it, in short: they are in sight wherever the card is scrolled to."""
    if card["state"] != "open":
        return "Enter shows the next one" if others else ""
    offered = [choice["key"] for choice in card.get("choices") or ()]
    letters = [f"{letter} {key}" for key, letter in LETTERS.items() if key in offered]
    ways = min(len(numbered(card)), 9)
    digits = [f"1–{ways} choose" if ways > 1 else "1 choose"] if ways else []
    return " · ".join([*letters, *digits, *(["Enter answer in words"] if card.get("fields") else [])])


def _entry(entry: Entry, width: int, room: int) -> list[Text]:
    """What is asked, the options, and what was typed so far, its end always in view."""
    options = (entry.field or {}).get("options") or ()
    rows = aligned([[str(at), one["key"], one.get("label") or ""] for at, one in enumerate(options, 1)])
    secret = bool((entry.field or {}).get("secret"))
    typed = "•" * len(entry.text) if secret else visible_line(entry.text)
    asked = _wrapped(visible_line(entry.prompt), width, "bold")
    return [
        *asked[:room],
        *(Text(f"  {row}", "cyan") for row in rows[:room]),
        Text.assemble(("> ", "bold"), typed[-max(width - 4, 1) :], ("█", "dim")),
        Text("Enter answers · Esc leaves it open", "dim"),
    ]

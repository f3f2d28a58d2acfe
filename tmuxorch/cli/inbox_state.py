"""The interactive inbox, without terminal and controller: keys and news in, requests out.

Rules that keep an answer from reaching another card than the one that was looked at:
- The selected card stays selected, and on the screen, when it is answered elsewhere; only a key moves the selection.
- Every answer carries the digest of the card that was drawn; the controller refuses it for any other.
- What is pasted is text, never keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tmuxorch.cli.answering import option
from tmuxorch.cli.card import WANTS_TEXT, ended
from tmuxorch.cli.keys import Paste
from tmuxorch.cli.output import Json

BOOLEANS = {"y": "true", "yes": "true", "true": "true", "n": "false", "no": "false", "false": "false"}


@dataclass
class Entry:
    """A line that is being typed: for a field of the card, or (field None) the words that go with `choice`."""

    prompt: str
    field: Json | None = None
    choice: str = ""
    text: str = ""
    required: bool = True


@dataclass
class Inbox:
    """What is on the screen. `open` are the open checkpoints in order; `cards` what was fetched of them."""

    open: list[Json] = field(default_factory=list)
    cards: dict[str, Json] = field(default_factory=dict)
    selected: str = ""
    scroll: int = 0
    notice: str = ""
    sending: str = ""
    entry: Entry | None = None
    values: dict[str, str] = field(default_factory=dict)
    quit: bool = False
    about: str = ""
    """The run in two words, beside the number of open checkpoints."""
    page: int = 10
    """Lines of the card that fit on the screen, set by who draws."""
    end: int = 0
    """The greatest sensible `scroll`, set by who draws."""

    @property
    def card(self) -> Json | None:
        """The selected card, if it is here already."""
        return self.cards.get(self.selected)

    @property
    def rows(self) -> list[Json]:
        """The list: what is open, and the selected card also when it is not open any more."""
        ids = [point["id"] for point in self.open]
        card = self.card
        return self.open if self.selected in ids or card is None else [card, *self.open]

    # -- news

    def update(self, checkpoints: list[Json]) -> list[str]:
        """Takes the open checkpoints; ids of cards to fetch."""
        self.open = [point for point in checkpoints if point["state"] == "open"]
        ids = [point["id"] for point in self.open]
        if not self.selected and ids:
            self._select(ids[0])
        gone = self.card is not None and self.selected not in ids and self.card["state"] == "open"
        missing = bool(self.selected) and self.card is None
        return [self.selected] if gone or missing or self._has_changed() else []

    def _has_changed(self) -> bool:
        """Whether what is shown of the selected one is not what it is now."""
        now = next((point for point in self.open if point["id"] == self.selected), None)
        return now is not None and self.card is not None and now["digest"] != self.card["digest"]

    def fetched(self, card: Json) -> None:
        """Takes a card; one that is not open any more ends what was being typed for it."""
        before = self.cards.get(card["id"])
        self.cards[card["id"]] = card
        if before and before["digest"] != card["digest"]:
            self.notice = f"{card['id']} has changed: read it again"
        if card["id"] == self.selected and card["state"] != "open":
            self.entry, self.values = None, {}
            self.notice = f"{card['id']} {ended(card)}"

    def answered(self, card: Json) -> None:
        """Takes the card after our own answer."""
        self.sending = ""
        self.fetched(card)

    def failed(self, message: str) -> None:
        """Takes why an answer was not taken."""
        self.sending = ""
        self.notice = message

    # -- keys

    def key(self, key: str) -> Json | None:
        """Takes one key; the `answer` request that it makes, if any."""
        if self.entry is not None:
            return self._typed(self.entry, key)
        self.notice = ""
        if isinstance(key, Paste):
            return None
        if key in ("q", "interrupt"):
            self.quit = True
        elif key in ("up", "k", "down", "j"):
            self._move(-1 if key in ("up", "k") else 1)
        elif key in ("pgdn", " ", "pgup", "b", "home", "end"):
            self._scroll(key)
        elif self.sending:
            self.notice = "the answer is on its way"
        elif (card := self.card) is None:
            return None
        elif card["state"] != "open":
            if key == "enter" and self.open:
                self._move(1)
        elif key == "a":
            return self._choose(card, "accept")
        elif key == "s":
            return self._choose(card, "accept-for-session")
        elif key == "d":
            return self._choose(card, "decline")
        elif key in ("e", "enter"):
            self._fill(card)
        elif key.isdecimal():
            return self._number(card, int(key))
        return None

    def _move(self, step: int) -> None:
        ids = [point["id"] for point in self.rows]
        if ids:
            at = ids.index(self.selected) if self.selected in ids else 0
            wanted = min(max(at + step, 0), len(ids) - 1)
            self._select(ids[wanted])

    def _select(self, wanted: str) -> None:
        if wanted != self.selected:
            self.selected, self.scroll = wanted, 0
            self.values, self.entry = {}, None

    def _scroll(self, key: str) -> None:
        step = max(self.page - 1, 1)
        wanted = {"home": 0, "end": self.end, "pgdn": self.scroll + step, " ": self.scroll + step}
        self.scroll = min(max(wanted.get(key, self.scroll - step), 0), self.end)

    # -- answers

    def _choose(self, card: Json, choice: str) -> Json | None:
        offered = [one["key"] for one in card.get("choices") or ()]
        if choice not in offered:
            if choice == "accept" and card.get("fields"):
                self._fill(card)
            else:
                self.notice = f"{card['id']} does not offer that; its answers are below the card"
            return None
        if choice == "accept" and card.get("fields"):
            self._fill(card)
            return None
        if choice in WANTS_TEXT or choice == "decline":
            required = choice in WANTS_TEXT
            words = "what should be different" if required else "why (Enter: no reason)"
            self.entry = Entry(prompt=f"{choice} — {words}", choice=choice, required=required)
            return None
        return self._answer(card, choice=choice)

    def _number(self, card: Json, number: int) -> Json | None:
        ways = numbered(card)
        if not 1 <= number <= len(ways):
            self.notice = f"there is no {number}"
            return None
        name, key, _ = ways[number - 1]
        return self._answer(card, values={name: key}) if name else self._choose(card, key)

    def _fill(self, card: Json) -> bool:
        """Asks for the first field that has no value yet; whether there is one."""
        missing = [one for one in card.get("fields") or () if one["id"] not in self.values]
        if missing:
            first = missing[0]
            label = first.get("label") or first["id"]
            self.entry = Entry(prompt=label, field=first, required=bool(first.get("required", True)))
        elif not card.get("fields"):
            self.notice = "choose an answer by its key or number"
        return bool(missing)

    def _typed(self, entry: Entry, key: str) -> Json | None:
        if isinstance(key, Paste):
            entry.text += " ".join(key.split("\n")).replace("\r", "")
        elif key in ("esc", "interrupt"):
            self.entry, self.values, self.notice = None, {}, "nothing was answered"
        elif key == "backspace":
            entry.text = entry.text[:-1]
        elif key == "clear":
            entry.text = ""
        elif key == "word":
            entry.text = entry.text.rstrip().rpartition(" ")[0]
        elif key == "enter":
            return self._entered(entry)
        elif len(key) == 1:
            entry.text += key
        return None

    def _entered(self, entry: Entry) -> Json | None:
        card = self.card
        if card is None:
            return None
        value, self.notice = checked(entry)
        if self.notice:
            return None
        self.entry = None
        if entry.field is None:
            return self._answer(card, choice=entry.choice, text=value)
        self.values[entry.field["id"]] = value
        if self._fill(card):
            return None
        offered = [one["key"] for one in card.get("choices") or ()]
        values = {name: given for name, given in self.values.items() if given}
        return self._answer(card, choice="accept" if "accept" in offered else "", values=values)

    def _answer(
        self, card: Json, *, choice: str = "", text: str = "", values: dict[str, str] | None = None
    ) -> Json:
        self.sending, self.values = card["id"], {}
        return {
            "id": card["id"],
            "choice": choice,
            "text": text,
            "values": values or {},
            "digest": card.get("digest"),
        }


def numbered(card: Json) -> list[tuple[str, str, str]]:
    """What digits mean: (field or empty, key, label) of each option of a lone field, then of each choice."""
    fields: list[Json] = list(card.get("fields") or ())
    lone = fields[0] if len(fields) == 1 and fields[0].get("type") != "list" else {}
    options = [
        (str(lone["id"]), str(one["key"]), str(one.get("label") or "")) for one in lone.get("options") or ()
    ]
    choices = [("", str(one["key"]), str(one.get("label") or "")) for one in card.get("choices") or ()]
    return options + choices


def checked(entry: Entry) -> tuple[str, str]:
    """What was typed as the value to send, and what is wrong with it (empty: nothing)."""
    text = entry.text.strip()
    if not text:
        return "", "an answer is needed; Esc leaves it open" if entry.required else ""
    field = entry.field or {}
    options = field.get("options") or ()
    kind = field.get("type", "string")
    if kind == "list":
        return ",".join(option(field, part) for part in text.split(",")), ""
    if options:
        value = option(field, text)
        known = value in [one["key"] for one in options]
        return value, "" if known or field.get("other") else "type one of the options or its number"
    if kind == "boolean":
        return BOOLEANS.get(text.casefold(), ""), "" if text.casefold() in BOOLEANS else "type yes or no"
    if kind in ("integer", "number"):
        return text, "" if _is_number(
            text, kind
        ) else f"type {'a whole' if kind == 'integer' else 'a'} number"
    return entry.text if field.get("secret") else text, ""


def _is_number(text: str, kind: str) -> bool:
    try:
        (int if kind == "integer" else float)(text)
    except ValueError:
        return False
    return True

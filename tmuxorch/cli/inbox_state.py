"""The checkpoints window, without terminal and controller: keys and news in, requests out. `now` is in seconds.

Rules that keep an answer from reaching another card than the one that was looked at:
- The selected card stays selected, and on the screen, when it is answered elsewhere; only a key moves the selection.
- Every answer carries the digest of the card that was drawn; the controller refuses it for any other.
- A key counts only once the card has been drawn; and where the card came up, changed or ended by itself, MOMENT later:
  what was typed before could only be meant for what stood there before.
- A form stays when its card ends or changes: what is still typed goes into it, and to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tmuxorch.cli.card import WANTS_TEXT, ended
from tmuxorch.cli.fields import checked
from tmuxorch.cli.output import Json

MOMENT = 0.5
"""Seconds that a person needs at the least to see that something else stands there, and to stop typing."""


@dataclass(kw_only=True)
class Draft:
    """A form that is being filled in: for the card as it was when it was opened. What is sent goes with `choice`; a
    field without an id is the text of that choice. `problems` says by field id what is wrong."""

    card: Json
    choice: str
    fields: list[Json]
    problems: dict[str, str] = field(default_factory=dict)


@dataclass
class Inbox:
    """What is on the screen. `open` are the open checkpoints in order; `cards` what was fetched of them."""

    only: str = ""
    """Shows this checkpoint alone, open or not."""
    open: list[Json] = field(default_factory=list)
    cards: dict[str, Json] = field(default_factory=dict)
    selected: str = ""
    notice: str = ""
    sending: str = ""
    draft: Draft | None = None
    kept: dict[str, str] = field(default_factory=dict)
    """What was typed into a form of the selected card that was left, by field id; no secrets."""
    about: str = ""
    """The run in two words, beside the number of open checkpoints."""
    _pause: float = MOMENT
    _ready: float | None = None

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

    @property
    def others(self) -> int:
        """How many wait besides the selected one."""
        return sum(point["id"] != self.selected for point in self.open)

    # -- news

    def update(self, checkpoints: list[Json]) -> list[str]:
        """Takes the open checkpoints; ids of cards to fetch."""
        self.open = [point for point in checkpoints if point["state"] == "open"]
        now = {point["id"]: point for point in self.open}
        if not self.selected and (wanted := self.only or next(iter(now), "")):
            self._show(wanted, MOMENT)
        if not self.selected:
            return []
        return [] if self._is_as_shown(now.get(self.selected)) else [self.selected]

    def _is_as_shown(self, now: Json | None) -> bool:
        card = self.card
        if card is None:
            return False
        if now is None:
            return card["state"] in ("closed", "lapsed")
        tried = len(card.get("attempts") or ())
        same = (now["digest"], now.get("tried", tried)) == (card["digest"], tried)
        return bool(card["state"] == "open" and same)

    def fetched(self, card: Json) -> None:
        """Takes a card."""
        before = self.cards.get(card["id"])
        self.cards[card["id"]] = card
        if card["id"] != self.selected:
            return
        if before is None:
            self._ready = None
        elif (before["digest"], before["state"] == "open") != (card["digest"], card["state"] == "open"):
            self._show(card["id"], MOMENT)
            if self.sending:  # it may have ended by our own answer, of which we hear next
                return
            self.notice = f"{card['id']} has changed: read it again" if card["state"] == "open" else ""
            if self.draft:
                self.notice = f"{self.notice or _told(card)}; what you typed was not sent, Esc closes it"

    def answered(self, card: Json) -> None:
        """Takes the card after our own answer."""
        self.sending, self.draft = "", None
        self.cards[card["id"]] = card
        if card["id"] == self.selected:
            self.kept, self.notice = {}, ""

    def failed(self, message: str) -> None:
        """Takes why an answer was not taken; a form stays as it is, for another try."""
        self.sending = ""
        name, colon, _ = message.partition(":")
        if self.draft and colon and name in [one["id"] for one in self.draft.fields]:
            self.draft.problems[name] = message
        else:
            self.notice = message

    def drawn(self, card: Json, now: float) -> None:
        """Takes that this card is on the screen; if that was drawn too late, and another one is selected or it has
        changed by now, it is nothing."""
        if self._ready is None and card is self.card:
            self._ready = now + self._pause

    # -- keys

    def move(self, step: int) -> None:
        """Selects another card; not while a form is open."""
        self.notice = ""
        ids = [point["id"] for point in self.rows]
        if ids and not self.draft:
            at = ids.index(self.selected) if self.selected in ids else 0
            self._select(ids[min(max(at + step, 0), len(ids) - 1)])

    def following(self, now: float) -> None:
        """Goes on from a card that has ended, which may be told of as open a moment longer, to the next that waits."""
        waiting = [point["id"] for point in self.open if point["id"] != self.selected]
        if self._may_act(now) and self.card and self.card["state"] != "open" and waiting and not self.only:
            self._select(waiting[0])

    def choose(self, choice: str, now: float) -> Json | None:
        """The `answer` request for a choice of the card, or None: it needs words first, or cannot be."""
        card = self._answerable(now)
        return self._chosen(card, choice) if card else None

    def number(self, number: int, now: float) -> Json | None:
        """The same for what has that number."""
        card = self._answerable(now)
        if card is None:
            return None
        ways = numbered(card)
        if not 1 <= number <= len(ways):
            self.notice = f"there is no {number}"
            return None
        name, key, _ = ways[number - 1]
        return self._filled(card, {name: key}) if name else self._chosen(card, key)

    def fill(self, now: float) -> None:
        """Opens the form of the card."""
        card = self._answerable(now)
        if card and card.get("fields"):
            self.draft = Draft(card=card, choice=_accept(card), fields=card["fields"])
        elif card:
            self.notice = "choose an answer by its key or number"

    def leave(self, typed: Mapping[str, str]) -> None:
        """Closes the form; nothing is answered. What was `typed` is there again when it is opened again."""
        if self.draft is None or self.sending:
            return
        hidden = {one["id"] for one in self.draft.fields if one.get("secret")}
        self.kept = {name: text for name, text in typed.items() if text and name not in hidden}
        self.draft, self.notice = None, "nothing was answered"

    def submit(self, typed: Mapping[str, str]) -> Json | None:
        """The request of the open form, None if something is wrong with what was typed."""
        draft, card = self.draft, self.card
        if draft is None or card is None or self._is_sending():
            return None
        if (card["state"], card["digest"]) != (draft.card["state"], draft.card["digest"]):
            said = "has changed" if card["state"] == "open" else "has ended"
            self.notice = f"{card['id']} {said}: nothing was sent, Esc closes the form"
            return None
        found = {one["id"]: checked(one, typed.get(one["id"], "")) for one in draft.fields}
        draft.problems = {name: problem for name, (_, problem) in found.items() if problem}
        if draft.problems:
            self.notice = ""
            return None
        values = {name: value for name, (value, _) in found.items() if value}
        text = values.pop("", "")
        return self._request(card, choice=draft.choice, text=text, values=values)

    # -- inside

    def _select(self, wanted: str) -> None:
        if wanted != self.selected:
            self._show(wanted, 0.0)
            self.kept = {}

    def _show(self, wanted: str, pause: float) -> None:
        """From now on another card, or another state of it, is looked at."""
        self.selected, self._pause, self._ready = wanted, pause, None

    def _may_act(self, now: float) -> bool:
        """Whether what the key is pressed for was on the screen long enough."""
        self.notice = ""
        if self._is_sending() or self.draft or self.card is None:
            return False
        if self._ready is None or now < self._ready:
            self.notice = f"{self.selected} has only just come up: read it, then press the key again"
            return False
        return True

    def _answerable(self, now: float) -> Json | None:
        return self.card if self._may_act(now) and self.card and self.card["state"] == "open" else None

    def _is_sending(self) -> bool:
        if self.sending:
            self.notice = "the answer is on its way"
        return bool(self.sending)

    def _chosen(self, card: Json, choice: str) -> Json | None:
        fields = card.get("fields") or ()
        if choice == "accept" and fields:
            self.draft = Draft(card=card, choice=_accept(card), fields=[*fields])
        elif choice not in _offered(card):
            self.notice = f"{card['id']} does not offer that; its answers are below the card"
        elif choice in WANTS_TEXT or choice == "decline":
            self.draft = Draft(card=card, choice=choice, fields=[_words(choice)])
        else:
            return self._request(card, choice=choice)
        return None

    def _filled(self, card: Json, values: dict[str, str]) -> Json:
        return self._request(card, choice=_accept(card), values=values)

    def _request(
        self, card: Json, *, choice: str = "", text: str = "", values: dict[str, str] | None = None
    ) -> Json:
        self.sending, self.notice = card["id"], ""
        return {
            "id": card["id"],
            "choice": choice,
            "text": text,
            "values": values or {},
            "digest": card["digest"],
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


def _offered(card: Json) -> list[str]:
    return [one["key"] for one in card.get("choices") or ()]


def _accept(card: Json) -> str:
    """A filled form is sent off by accepting it; questions have nothing to accept."""
    return "accept" if "accept" in _offered(card) else ""


def _words(choice: str) -> Json:
    """The field for the words that go with a choice."""
    required = choice in WANTS_TEXT
    label = f"{choice}: {'what should be different' if required else 'why'}"
    return {"id": "", "label": label, "required": required}


def _told(card: Json) -> str:
    return f"{card['id']} {ended(card)}"

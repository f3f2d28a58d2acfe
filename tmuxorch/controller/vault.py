"""Secret answers of people: in the memory of the controller, and nowhere else.

They are taken out of an answer before it becomes a message, and put in again where it goes to Codex. Whatever agents
say of them on the way back is masked where it enters the journal, the frames, the log and the screen. Of a secret that
is shorter than SHORTEST nothing is masked: it would be found everywhere.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.gates import digest
from tmuxorch.core.secrets import answer_of
from tmuxorch.errors import UsageError

SHORTEST = 4
LINE = 12
"""Characters from which a line of a secret of several lines is one by itself."""

MASK = "[secret]"

WORDS = frozenset(
    {"message", "error", "reason", "tail", "turns", "diff", "moved", "note", "card"}
    | {"misfit", "summary", "failed", "problem", "how", "words"}
    | {"title", "body", "do", "expect", "choices", "fields", "options", "label"}
)
"""The fields of messages that hold words of agents, and those on the way to them. What people say is theirs."""

AS_JSON = frozenset({"params", "plan"})
"""Those that hold JSON; a plan that is none was read from plan.md, which people write."""

NOTHING = re.compile(r"(?!)")

T = TypeVar("T")


class Vault:
    """Secret answers by checkpoint and field."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, str]] = {}
        self._pattern = NOTHING

    def __contains__(self, checkpoint: str) -> bool:
        return checkpoint in self._kept

    def of(self, checkpoint: str) -> Mapping[str, str]:
        """The secret values of an answer, by field; none when they are not here."""
        return self._kept.get(checkpoint, {})

    def keep(self, checkpoint: str, values: Mapping[str, str]) -> None:
        """From now on they are known and masked."""
        self._kept[checkpoint] = dict(values)
        self._learn()

    def drop(self, checkpoint: str) -> None:
        """The answer was refused."""
        self._kept.pop(checkpoint, None)
        self._learn()

    def _learn(self) -> None:
        forms = {
            form for values in self._kept.values() for value in values.values() for form in _forms(value)
        }
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else NOTHING

    # -- answers

    def whole(self, checkpoint: m.Checkpoint) -> m.Answer:
        """The answer with its secrets in their fields again."""
        answer = answer_of(checkpoint)
        return replace(answer, values={**answer.values, **self.of(checkpoint.id)}, secrets=())

    # -- masking

    def redacted(self, text: str) -> str:
        """`text` with every secret masked."""
        return text if self._pattern is NOTHING else self._pattern.sub(MASK, text)

    def redacted_json(self, data: str) -> str:
        """A JSON value with the secrets in its texts masked; names of members stay."""
        if self._pattern is NOTHING or not self._pattern.search(data):
            return data
        try:
            value = json.loads(data)
        except ValueError:
            return self.redacted(data)
        return json.dumps(self._within(value), ensure_ascii=False, separators=(",", ":"))

    def _within(self, value: Any) -> Any:
        match value:
            case str():
                return self.redacted(value)
            case list():
                return [self._within(one) for one in value]
            case dict():
                return {name: self._within(one) for name, one in value.items()}
            case _:
                return value

    def masked(self, message: msg.Message) -> msg.Message:
        """A message as it may be recorded."""
        if self._pattern is NOTHING:
            return message
        hidden = self._words(message)
        if isinstance(hidden, msg.ServerAsked) and hidden != message:
            return replace(hidden, digest=digest(hidden.card))
        return hidden

    def _words(self, value: T) -> T:
        if isinstance(value, str):
            return self.redacted(value)  # type: ignore[return-value]
        if isinstance(value, tuple):
            return tuple(self._words(one) for one in value)  # type: ignore[return-value]
        if isinstance(value, Struct):
            named = {
                name: getattr(value, name) for name in value.__struct_fields__ if name in WORDS | AS_JSON
            }
            new = {
                name: self.redacted_json(one)
                if name in AS_JSON and isinstance(one, str)
                else self._words(one)
                for name, one in named.items()
                if name in WORDS or isinstance(one, str)
            }
            return replace(value, **new)
        return value


def split(card: m.Card, answer: m.Answer) -> tuple[m.Answer, dict[str, str]]:
    """The answer as it may be recorded, and its secrets by field. Raises UsageError for a text of which nobody knows
    whether it is one.
    """
    secret = {field.id for field in card.fields if field.secret}
    if not secret:
        return answer, {}
    values, text = dict(answer.values), answer.text
    if text and len(card.fields) == 1 and not values:
        values, text = {card.fields[0].id: text}, ""
    if text and answer.choice not in ("decline", "cancel"):
        names = ", ".join(f"{field.id}=…" for field in card.fields)
        raise UsageError(
            "some of what is asked for is secret, so each answer needs the name of its field", hint=names
        )
    kept = {name: value for name, value in values.items() if name in secret}
    shown = {name: value for name, value in values.items() if name not in secret}
    return m.Answer(choice=answer.choice, text=text, values=shown, secrets=tuple(sorted(kept))), kept


def _forms(secret: str) -> set[str]:
    """How a secret is written in texts, in JSON, and in JSON within JSON."""
    plain = {
        secret,
        secret.strip(),
        *(line.strip() for line in secret.splitlines() if len(line.strip()) >= LINE),
    }
    forms = set(plain)
    for _ in range(2):
        forms |= {json.dumps(form, ensure_ascii=ascii)[1:-1] for form in forms for ascii in (True, False)}
    return {form for form in forms if len(form) >= SHORTEST}


class MaskedLog(logging.Formatter):
    """Lines of the log with every secret masked."""

    def __init__(self, inner: logging.Formatter, vault: Vault) -> None:
        super().__init__()
        self._inner = inner
        self._vault = vault

    def format(self, record: logging.LogRecord) -> str:
        return self._vault.redacted(self._inner.format(record))

"""What a person is shown of a request of Codex, and what comes back.

The shapes are those of the core's checkpoints, so that one converts into the other member by member.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

Kind = Literal["approval", "question", "permission", "elicitation"]
FieldType = Literal["string", "number", "integer", "boolean", "list"]


class Choice(Struct, frozen=True):
    """One offered answer."""

    key: str
    label: str


class Field(Struct, frozen=True, kw_only=True):
    """One thing to fill in. `options` closes it unless `other`; a `list` is options separated by commas."""

    id: str
    label: str
    type: FieldType = "string"
    options: tuple[Choice, ...] = ()
    other: bool = False
    required: bool = True
    secret: bool = False


class Card(Struct, frozen=True, kw_only=True):
    """Exactly what to do, what is expected back, and the whole matter verbatim, hidden characters made
    visible."""

    kind: Kind
    title: str
    body: str
    do: str
    expect: str
    choices: tuple[Choice, ...] = ()
    fields: tuple[Field, ...] = ()


class Answer(Struct, frozen=True, kw_only=True):
    """What a person answered: a choice's key, free text, values of fields by their ids."""

    choice: str = ""
    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


ACCEPT = Choice("accept", "Allow once")
ACCEPT_FOR_SESSION = Choice("accept-for-session", "Allow for this session")
DECLINE = Choice("decline", "Decline; the agent goes on without it")
CANCEL = Choice("cancel", "Decline and end the turn")

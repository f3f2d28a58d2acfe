"""The public objects of checkpoints; as in public.py, adding is free."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import asdict

from tmuxorch.core import model as m
from tmuxorch.ledger import words
from tmuxorch.ledger.words import CheckpointState, rfc3339

SECRET = "•••"
"""What stands where a secret was answered."""


class Checkpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A checkpoint in a list. The `digest` is of its card: another one means that what it asks has changed. `tried` is
    how often agents have tried to answer it themselves.
    """

    id: str
    kind: m.CheckpointKind
    source: str
    item: str | None
    state: CheckpointState
    opened: str
    title: str
    digest: str
    tried: int


class Attempt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That an agent (`by`) tried to answer a checkpoint itself, which only a human can: `how`, in words."""

    at: str
    by: str
    how: str


class CheckpointShown(Checkpoint, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole checkpoint. `reason` says why it lapsed. A secret that was answered is SECRET here."""

    body: str
    do: str
    expect: str
    blocks: tuple[str, ...]
    choices: tuple[m.Choice, ...]
    fields: tuple[m.Field, ...]
    answer: m.Answer | None
    answered_by: str | None
    reason: str | None
    attempts: tuple[Attempt, ...]


def checkpoint(of: m.Checkpoint) -> Checkpoint:
    """A checkpoint as in a list."""
    return Checkpoint(
        id=of.id,
        kind=of.card.kind,
        source=of.source,
        item=of.item or None,
        state=words.checkpoint_state(of),
        opened=rfc3339(of.opened),
        title=of.card.title,
        digest=of.digest,
        tried=len(of.attempts),
    )


def checkpoint_shown(of: m.Checkpoint) -> CheckpointShown:
    """A whole checkpoint."""
    ended = of.state
    answered = ended if isinstance(ended, m.Answered | m.Closed) else None
    return CheckpointShown(
        **asdict(checkpoint(of)),
        body=of.card.body,
        do=of.card.do,
        expect=of.card.expect,
        blocks=of.blocks,
        choices=of.card.choices,
        fields=of.card.fields,
        answer=_without_secrets(of.card, answered.answer) if answered else None,
        answered_by=answered.by if answered else None,
        reason=ended.reason if isinstance(ended, m.Lapsed) else None,
        attempts=tuple(Attempt(at=rfc3339(one.at), by=one.by, how=one.how) for one in of.attempts),
    )


def _without_secrets(card: m.Card, answer: m.Answer) -> m.Answer:
    """A free text may stand for a secret field, so it is one as soon as the card has one."""
    secret = {field.id for field in card.fields if field.secret}
    if not secret:
        return answer
    values = {name: SECRET if name in secret else value for name, value in answer.values.items()}
    text = SECRET if answer.text and not answer.secrets else answer.text
    return m.Answer(choice=answer.choice, text=text, values=values, secrets=answer.secrets)

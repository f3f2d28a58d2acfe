"""What happened to checkpoints."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Answer, Card, Origin


class CheckpointOpened(Struct, frozen=True, kw_only=True, tag="checkpoint_opened"):
    """A human has to decide something."""

    id: str
    source: str
    item: str
    origin: Origin
    card: Card
    digest: str
    blocks: tuple[str, ...] = ()


class CheckpointAnswered(Struct, frozen=True, kw_only=True, tag="checkpoint_answered"):
    """A human has decided. `digest` is of the card that was shown."""

    id: str
    answer: Answer
    by: str
    digest: str


class CheckpointClosed(Struct, frozen=True, kw_only=True, tag="checkpoint_closed"):
    """The answer had its effect, or somebody answered elsewhere (`by`)."""

    id: str
    by: str = ""


class CheckpointLapsed(Struct, frozen=True, kw_only=True, tag="checkpoint_lapsed"):
    """What it asked for is gone."""

    id: str
    reason: str


class CheckpointChanged(Struct, frozen=True, kw_only=True, tag="checkpoint_changed"):
    """What it is about has changed while nobody had answered: this is its card now."""

    id: str
    card: Card
    digest: str


class CheckpointReopened(Struct, frozen=True, kw_only=True, tag="checkpoint_reopened"):
    """Its answer was lost before it had its effect; somebody has to answer again."""

    id: str
    reason: str


class AnswerAttempted(Struct, frozen=True, kw_only=True, tag="answer_attempted"):
    """An agent tried to answer it: `how`. `refused`: the controller was asked, and refused; else its command was
    seen."""

    id: str
    by: str
    how: str
    refused: bool = False


CheckpointEvent = (
    CheckpointOpened
    | CheckpointAnswered
    | CheckpointClosed
    | CheckpointLapsed
    | CheckpointChanged
    | CheckpointReopened
    | AnswerAttempted
)

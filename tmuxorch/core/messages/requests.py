"""What people and programs ask for."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Answer, PatternSpec, Request, WorkerSpec


class StartRun(Struct, frozen=True, kw_only=True):
    """Begin a run over `children`."""

    problem: str
    children: tuple[str, ...]
    auto: bool = False
    requests: tuple[Request, ...] = ()
    fresh: bool = False


class CancelRun(Struct, frozen=True, kw_only=True):
    """Give a run up."""

    run: str
    by: str


class AnswerCheckpoint(Struct, frozen=True, kw_only=True):
    """A human's answer. `digest`, when given, is of the card that they saw."""

    id: str
    answer: Answer
    by: str
    digest: str = ""


class AddAgent(Struct, frozen=True, kw_only=True):
    """A child of the configuration (or the lead); with an `endpoint` its server is somebody else's."""

    name: str
    path: str
    endpoint: str = ""


class RemoveAgent(Struct, frozen=True, kw_only=True):
    """A child that is not in the configuration any more."""

    name: str


class WantAgent(Struct, frozen=True, kw_only=True):
    """Start or stop an agent's server."""

    name: str
    wanted: bool
    by: str


class RestartAgent(Struct, frozen=True, kw_only=True):
    """Stop an agent's server; it comes up again because it is wanted."""

    name: str
    by: str


class Ask(Struct, frozen=True, kw_only=True):
    """Give an agent a turn of its own, read-only."""

    agent: str
    text: str


class Steer(Struct, frozen=True, kw_only=True):
    """Add to an agent's active turn."""

    agent: str
    text: str


class Interrupt(Struct, frozen=True, kw_only=True):
    """End an agent's active turn."""

    agent: str
    by: str


class QueueWorker(Struct, frozen=True, kw_only=True):
    """Start a worker of this id (the caller has written its prompt under it)."""

    id: str
    spec: WorkerSpec


class StopJob(Struct, frozen=True, kw_only=True):
    """End a worker or a check."""

    id: str
    by: str


class StartPattern(Struct, frozen=True, kw_only=True):
    """Begin a run of a pattern."""

    spec: PatternSpec


class StopPattern(Struct, frozen=True, kw_only=True):
    """End a run of a pattern and its workers."""

    id: str
    by: str


class ResumeNow(Struct, frozen=True, kw_only=True):
    """Give every paused account work again, whatever it was told."""

    by: str


class Mute(Struct, frozen=True, kw_only=True):
    """Call nobody about a child, the lead or a worker any more; or do again."""

    name: str
    muted: bool
    by: str


Wish = (
    StartRun
    | CancelRun
    | AnswerCheckpoint
    | AddAgent
    | RemoveAgent
    | WantAgent
    | RestartAgent
    | Ask
    | Steer
    | Interrupt
    | QueueWorker
    | StopJob
    | StartPattern
    | StopPattern
    | ResumeNow
    | Mute
)

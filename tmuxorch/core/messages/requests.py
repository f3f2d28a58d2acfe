"""What people and programs ask for."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Answer, Card, PatternSpec, Request, WorkerSpec


class StartRun(Struct, frozen=True, kw_only=True):
    """Begin a run over `children`; `led` by that agent, or (empty) by turns that we give the lead."""

    problem: str
    children: tuple[str, ...]
    auto: bool = False
    requests: tuple[Request, ...] = ()
    fresh: bool = False
    led: str = ""


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
    """Give an agent a turn of its own, read-only; `by` is the lead that asks, empty for a person. The `kickoff` of the
    open lead is a person's problem.
    """

    agent: str
    text: str
    by: str = ""
    kickoff: bool = False


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


class ProposePlan(Struct, frozen=True, kw_only=True):
    """The plan of a run by who leads it: `plan` is JSON in the shape of answers.ReplanAnswer."""

    plan: str
    by: str


class RevisePlan(Struct, frozen=True, kw_only=True):
    """A change of the plan that is being executed, for `reason`; `plan` as in ProposePlan."""

    plan: str
    reason: str
    by: str


class OrderItems(Struct, frozen=True, kw_only=True):
    """Let these items begin as soon as they can; none named: all that are ready."""

    items: tuple[str, ...]
    by: str


class GiveReport(Struct, frozen=True, kw_only=True):
    """The words of who led a run, which has ended, on it."""

    run: str
    words: str
    by: str


class AskHuman(Struct, frozen=True, kw_only=True):
    """Open a checkpoint for a human; the items `blocks` of the run do not begin meanwhile."""

    card: Card
    blocks: tuple[str, ...]
    by: str


class OpenLead(Struct, frozen=True, kw_only=True):
    """People are going to talk to the lead; `full` when it is to have no sandbox and to ask nobody."""

    full: bool
    by: str


class CloseLead(Struct, frozen=True, kw_only=True):
    """The lead is only to be given turns by us again."""

    by: str


class WakeLead(Struct, frozen=True, kw_only=True):
    """Tell the lead what it waited for, in a turn: it is idle, and nobody types to it."""


class TellNews(Struct, frozen=True, kw_only=True):
    """The lead asked in its active turn `codex_turn`, and is told the news up to this number."""

    upto: int
    codex_turn: str


LeadWish = (
    ProposePlan | RevisePlan | OrderItems | GiveReport | AskHuman | OpenLead | CloseLead | WakeLead | TellNews
)

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
    | LeadWish
)

"""What comes in: observations of the outside, and requests of people and programs.

The controller turns everything it sees or is asked into one of these; `decide` turns it into events. An
observation that says nothing new, or speaks of a process that is no more, yields no events.
"""

from __future__ import annotations

from msgspec import Struct, field

from tmuxorch.core.model import (
    Answer,
    Card,
    Git,
    Limit,
    Outcome,
    Place,
    RepoFacts,
    Request,
    TmuxServer,
    Tokens,
    TurnOutcome,
    Window,
    WorkerSpec,
)
from tmuxorch.core.plan import Plan

# -- observations


class Woke(Struct, frozen=True, kw_only=True):
    """A controller starts."""

    pid: int
    version: str


class SawTmux(Struct, frozen=True, kw_only=True):
    """Attached to this server and session."""

    server: TmuxServer


class SawWindow(Struct, frozen=True, kw_only=True):
    """The window `key` exists; None when it is gone."""

    key: str
    window: Window | None


class ProcessStarted(Struct, frozen=True, kw_only=True):
    """The host of `ref` (W7, K3, or backend#2 for a server's generation) has started its process."""

    ref: str
    pid: int
    host_pid: int


class ProcessEnded(Struct, frozen=True, kw_only=True):
    """Nothing of `ref` is alive. `limit` when its account was refused."""

    ref: str
    outcome: Outcome
    code: int = -1
    reason: str = ""
    seconds: float = 0.0
    tail: str = ""
    tokens: Tokens = Tokens()
    thread: str = ""
    limit: Limit | None = None


class WorkerTold(Struct, frozen=True, kw_only=True):
    """A worker has told its thread."""

    id: str
    thread: str


class SeenTurn(Struct, frozen=True, kw_only=True):
    """A turn in a thread that was loaded. `mark` is the id that its sender gave it, `outcome` None while
    it goes on, `limit` when its account was refused; of one that may write, what git saw after it (model.Turn).
    """

    codex_turn: str
    mark: str
    outcome: TurnOutcome | None
    message: str = ""
    error: str = ""
    seconds: float = 0.0
    limit: Limit | None = None
    touched: tuple[str, ...] = ()
    strays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    moved: str = ""
    after: Git | None = None


class ThreadLoaded(Struct, frozen=True, kw_only=True):
    """An agent's server answers, and its thread is loaded with these turns."""

    agent: str
    generation: int
    thread: str
    version: str = ""
    turns: tuple[SeenTurn, ...] = ()


class TurnBegan(Struct, frozen=True, kw_only=True):
    """Codex took the turn."""

    id: str
    codex_turn: str


class TurnRefused(Struct, frozen=True, kw_only=True):
    """Codex did not take the turn, and says why."""

    id: str
    error: str


class TurnFinished(Struct, frozen=True, kw_only=True):
    """Codex ended one of its turns: with `limit` because its account was refused. Of one that may write, what git
    saw after it (model.Turn).
    """

    agent: str
    codex_turn: str
    outcome: TurnOutcome
    message: str = ""
    error: str = ""
    seconds: float = 0.0
    tokens: Tokens | None = None
    limit: Limit | None = None
    touched: tuple[str, ...] = ()
    strays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    moved: str = ""
    after: Git | None = None


class SteerEnded(Struct, frozen=True, kw_only=True):
    """Codex took what was added to a turn, or refused it for `error`."""

    turn: str
    number: int
    error: str = ""


class ServerAsked(Struct, frozen=True, kw_only=True):
    """Codex asks something that only a human can decide."""

    agent: str
    generation: int
    request: int | str
    method: str
    params: str
    card: Card
    digest: str
    codex_turn: str = ""


class ServerResolved(Struct, frozen=True, kw_only=True):
    """A request of Codex needs no answer any more: somebody's answer arrived, or it was withdrawn."""

    agent: str
    generation: int
    request: int | str


class ReplyImpossible(Struct, frozen=True, kw_only=True):
    """The answer to a checkpoint cannot be given: nothing waits for it."""

    checkpoint: str
    reason: str


class SecretLost(Struct, frozen=True, kw_only=True):
    """The secret answer to a checkpoint is to be passed on, and is in nobody's memory any more."""

    checkpoint: str


class SawGit(Struct, frozen=True, kw_only=True):
    """What git says of an agent's repo."""

    agent: str
    git: Git


class SawRepo(Struct, frozen=True, kw_only=True):
    """What the tool found in an agent's repo."""

    agent: str
    repo: RepoFacts


class LinkDown(Struct, frozen=True, kw_only=True):
    """The connection to a server that is not ours is gone; it is tried again."""

    agent: str
    generation: int
    reason: str


class Unreachable(Struct, frozen=True, kw_only=True):
    """A server, ours or not, or its thread, cannot be had, and trying again has not helped so far."""

    agent: str
    generation: int
    reason: str


class PlaceFound(Struct, frozen=True, kw_only=True):
    """Where a child's items can be worked on: its repo as it is, or the worktree that was made."""

    run: str
    child: str
    place: Place


class PlaceFailed(Struct, frozen=True, kw_only=True):
    """There is no place: the repo is gone, or no worktree can be made of it."""

    run: str
    child: str
    reason: str


class CommitMade(Struct, frozen=True, kw_only=True):
    """What an item (or the run) changed is committed; see events.WorkCommitted."""

    run: str
    item: str
    child: str
    commit: str
    left: tuple[str, ...] = ()


class CommitFailed(Struct, frozen=True, kw_only=True):
    """Git made no commit of it."""

    run: str
    item: str
    child: str
    reason: str


class Tick(Struct, frozen=True):
    """Time has passed, up to something that schedule.next_due named."""


class PlanRead(Struct, frozen=True, kw_only=True):
    """plan.md was edited by somebody, and is a valid plan."""

    plan: Plan


# -- requests


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


class ResumeNow(Struct, frozen=True, kw_only=True):
    """Give every paused account work again, whatever it was told."""

    by: str


class Settings(Struct, frozen=True, kw_only=True):
    """What the configuration says that decisions depend on. `tests` are commands by child, `references` children
    that nobody may write in, `read_timeout` seconds that a run's read-only turn may take, `attempts` how many turns
    an item may take before a human is asked.
    """

    turns: int = 3
    exec_workers: int = 8
    checks: int = 2
    attempts: int = 2
    plan_repairs: int = 3
    crashes: int = 2
    read_timeout: float = 900.0
    isolation: str = "none"
    commit: str = "none"
    dirty: str = "ask"
    references: frozenset[str] = frozenset()
    tests: dict[str, tuple[str, ...]] = field(default_factory=dict)


Message = (
    Woke
    | SawTmux
    | SawWindow
    | ProcessStarted
    | ProcessEnded
    | WorkerTold
    | ThreadLoaded
    | TurnBegan
    | TurnRefused
    | TurnFinished
    | SteerEnded
    | ServerAsked
    | ServerResolved
    | ReplyImpossible
    | SecretLost
    | SawGit
    | SawRepo
    | LinkDown
    | Unreachable
    | PlaceFound
    | PlaceFailed
    | CommitMade
    | CommitFailed
    | Tick
    | PlanRead
    | StartRun
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
    | ResumeNow
)


def server_ref(agent: str, generation: int) -> str:
    """The name of a server process: its agent and generation."""
    return f"{agent}#{generation}"

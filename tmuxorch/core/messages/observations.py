"""What the controller saw outside."""

from __future__ import annotations

from msgspec import Struct, field

from tmuxorch.core.messages.repos import RepoObservation
from tmuxorch.core.messages.workers import WorkerObservation
from tmuxorch.core.model import (
    Card,
    Git,
    Limit,
    Outcome,
    TmuxServer,
    Tokens,
    TurnOutcome,
    Window,
)
from tmuxorch.core.plan import Plan


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
    """Nothing of `ref` is alive. `limit` when its account was refused. Of a worker: `passing` when it failed by what
    another try may overcome, `misfit` what is wrong with the form of its answer, and what git saw of one that edits.
    """

    ref: str
    outcome: Outcome
    code: int = -1
    reason: str = ""
    seconds: float = 0.0
    tail: str = ""
    tokens: Tokens = Tokens()
    thread: str = ""
    limit: Limit | None = None
    passing: bool = False
    misfit: str = ""
    changed: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()


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
    diff: str = ""


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
    """Codex did not take the turn, and says why; or it was not sent, because its place has `moved` to `after`."""

    id: str
    error: str
    moved: str = ""
    after: Git | None = None


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
    diff: str = ""


class TurnSeen(Struct, frozen=True, kw_only=True):
    """An agent's thread has an active turn that nobody here waits for: somebody began it in Codex's own TUI, or it is
    one of ours with that `mark`, sent by a controller that was killed.
    """

    agent: str
    generation: int
    codex_turn: str
    mark: str = ""


class AttemptSeen(Struct, frozen=True, kw_only=True):
    """An agent tried to answer a checkpoint: `how`. `refused`: the controller was asked and refused; else its command
    was seen, which the sandbox holds. The `checkpoint` PLAN is that of the plan's gate.
    """

    checkpoint: str
    by: str
    how: str
    refused: bool = False


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
    """A request of Codex needs no answer any more: somebody's answer arrived, or it was withdrawn.

    `elsewhere`: the answer was not ours, since none of ours had been sent.
    """

    agent: str
    generation: int
    request: int | str
    elsewhere: bool = False


class ReplyImpossible(Struct, frozen=True, kw_only=True):
    """The answer to a checkpoint cannot be given: nothing waits for it."""

    checkpoint: str
    reason: str


class SecretLost(Struct, frozen=True, kw_only=True):
    """The secret answer to a checkpoint is to be passed on, and is in nobody's memory any more."""

    checkpoint: str


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


class Tick(Struct, frozen=True):
    """Time has passed, up to something that schedule.next_due named."""


class PlanRead(Struct, frozen=True, kw_only=True):
    """plan.md was edited by somebody, and is a valid plan."""

    plan: Plan


Observation = (
    Woke
    | SawTmux
    | SawWindow
    | ProcessStarted
    | ProcessEnded
    | WorkerObservation
    | ThreadLoaded
    | TurnBegan
    | TurnRefused
    | TurnFinished
    | TurnSeen
    | AttemptSeen
    | SteerEnded
    | ServerAsked
    | ServerResolved
    | ReplyImpossible
    | SecretLost
    | RepoObservation
    | LinkDown
    | Unreachable
    | Tick
    | PlanRead
)

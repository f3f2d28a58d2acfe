"""What happened to the turns that agents are given."""

from __future__ import annotations

from msgspec import Struct, field

from tmuxorch.core.model import Git, Purpose, Tokens, TurnOutcome


class TurnQueued(Struct, frozen=True, kw_only=True, tag="turn_queued"):
    """An agent is to be given a turn; `by` and `news` as in model.Turn."""

    id: str
    agent: str
    purpose: Purpose
    run: str = ""
    item: str = ""
    text: str = ""
    writes: bool = False
    topic: str = ""
    by: str = ""
    news: tuple[int, int] = (0, 0)


class TurnSeen(Struct, frozen=True, kw_only=True, tag="turn_seen"):
    """An agent has a turn that was begun in Codex's own TUI."""

    id: str
    agent: str
    generation: int
    codex_turn: str


class TurnSending(Struct, frozen=True, kw_only=True, tag="turn_sending"):
    """Written ahead: the turn is being sent to the server process `generation`."""

    id: str
    generation: int


class TurnStarted(Struct, frozen=True, kw_only=True, tag="turn_started"):
    """Codex took the turn."""

    id: str
    codex_turn: str
    generation: int


class TurnRequeued(Struct, frozen=True, kw_only=True, tag="turn_requeued"):
    """The turn is sent once more: it was lost with its server, or has failed to wake the lead; or, not to be counted,
    it was `paused` with its account or never arrived.
    """

    id: str
    reason: str
    paused: bool = False


class TurnEnded(Struct, frozen=True, kw_only=True, tag="turn_ended"):
    """The turn is over. `tokens` is the total of the agent's thread, as Codex counts; `touched`, `strays`, `moved`,
    `after` and `diff` are what git saw (model.Turn).
    """

    id: str
    outcome: TurnOutcome
    message: str = ""
    error: str = ""
    seconds: float = 0.0
    tokens: Tokens | None = None
    touched: tuple[str, ...] = ()
    strays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    moved: str = ""
    after: Git | None = None
    diff: str = ""


class SteerQueued(Struct, frozen=True, kw_only=True, tag="steer_queued"):
    """Somebody adds to an active turn."""

    turn: str
    number: int
    text: str


class SteerSent(Struct, frozen=True, kw_only=True, tag="steer_sent"):
    """Codex took it, or refused it for `error`."""

    turn: str
    number: int
    error: str = ""


class InterruptWanted(Struct, frozen=True, kw_only=True, tag="interrupt_wanted"):
    """Somebody wants an active turn to end."""

    turn: str
    by: str


LaterTurnEvent = (
    TurnSending | TurnStarted | TurnRequeued | TurnEnded | SteerQueued | SteerSent | InterruptWanted
)
TurnEvent = TurnQueued | TurnSeen | LaterTurnEvent

"""Agents (children and the lead) and the turns they are given."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from tmuxorch.core.model.life import OURS, Git, Life, RepoFacts, Running, Tokens, is_live
from tmuxorch.core.plan import LEAD


class Agent(Struct, frozen=True, kw_only=True):
    """A child, or the lead (named `orchestrator`): one App Server and one thread.

    `generation` counts the server processes so far; a request of Codex belongs to one generation.
    `wanted` says whether a server should be up, `stopped_by` who does not want it. `crashes` counts the deaths
    since the last completed turn. With an `endpoint` (unix://… or ws://…) the server is somebody else's: it is
    connected to, and never started or ended.
    """

    name: str
    path: str
    wanted: bool = True
    stopped_by: str = ""
    generation: int = 0
    server: Life
    thread: str = ""
    ready: bool = False
    crashes: int = 0
    tokens: Tokens = Tokens()
    git: Git = Git()
    repo: RepoFacts = RepoFacts()
    endpoint: str = ""

    @property
    def is_up(self) -> bool:
        """Whether it may have a server that asks something."""
        return is_live(self.server) or (bool(self.endpoint) and self.ready)

    @property
    def is_connectable(self) -> bool:
        """Whether it should have a connection: its server runs, or is somebody else's."""
        if self.endpoint:
            return self.wanted and not is_live(self.server)
        return isinstance(self.server, Running)

    @property
    def account(self) -> str:
        """Whose limits it shares: all that use our CODEX_HOME, or those of a server that is not ours."""
        return self.endpoint or OURS

    @property
    def is_lead(self) -> bool:
        """Whether this is the lead."""
        return self.name == LEAD


class Purpose(StrEnum):
    """What a turn is for. `kickoff` is a person's problem for the open lead, `wake` tells it what it waited for; `talk`
    was begun by somebody in Codex's own TUI.
    """

    DISCOVER = "discover"
    BRIEF = "brief"
    CONTRACTS = "contracts"
    PLAN = "plan"
    REPLAN = "replan"
    ITEM = "item"
    FIX = "fix"
    REPORT = "report"
    ASK = "ask"
    KICKOFF = "kickoff"
    WAKE = "wake"
    TALK = "talk"


class TurnOutcome(StrEnum):
    """How Codex ended a turn, or that it was lost with its server or given up."""

    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    LOST = "lost"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


class TurnPending(Struct, frozen=True, tag="pending"):
    """Waits for its agent to be free and ready."""

    at: float


class TurnSent(Struct, frozen=True, tag="sent"):
    """Written ahead: it is being sent to Codex; whether it arrived is not known yet."""

    at: float
    generation: int


class TurnActive(Struct, frozen=True, tag="active"):
    """Codex works on it, as `codex_turn`. `interrupting` when somebody wants it to end: `by`."""

    at: float
    generation: int
    codex_turn: str
    interrupting: bool = False
    by: str = ""


class TurnOver(Struct, frozen=True, tag="over"):
    """It has ended. `message` is the agent's last message, `error` Codex's reason for a failure."""

    at: float
    outcome: TurnOutcome
    message: str = ""
    error: str = ""
    seconds: float = 0.0


TurnState = TurnPending | TurnSent | TurnActive | TurnOver

_IN_FLIGHT = frozenset({TurnSent, TurnActive})


class Turn(Struct, frozen=True, kw_only=True):
    """One request to an agent. `text` is what a person (or a failed check) adds to the wording of
    codex.prompts.

    `writes` says whether it may write in its repo. `attempt` counts how often it was given to Codex, `lost` how
    often it was lost with its server, or failed to wake the lead. `topic` is what a discovery turn is about, `by` who
    asked (empty: the run, or a person). A turn that wakes the lead tells it `news`, from the first to the last number.

    What git saw of a turn that may write, once it is over: `touched` are paths of its place that differ from
    before, `strays` those of other repos where nobody else of ours was writing, `moved` says that branch or HEAD
    are not what they were. `after` is how its place was then; of `after.changed`, only what was touched.
    `diff` shows what its item does not allow, as far as a card has room.
    """

    id: str
    agent: str
    purpose: Purpose
    state: TurnState
    run: str = ""
    item: str = ""
    text: str = ""
    writes: bool = False
    attempt: int = 1
    steers: tuple[tuple[int, str], ...] = ()
    tokens: Tokens = Tokens()
    topic: str = ""
    lost: int = 0
    touched: tuple[str, ...] = ()
    strays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    moved: str = ""
    after: Git | None = None
    diff: str = ""
    by: str = ""
    news: tuple[int, int] = (0, 0)

    @property
    def in_flight(self) -> bool:
        """Whether Codex has it, or is about to have it."""
        return type(self.state) in _IN_FLIGHT  # and not isinstance: see is_live

    @property
    def over(self) -> TurnOver | None:
        """Its end, if it has ended."""
        return self.state if isinstance(self.state, TurnOver) else None

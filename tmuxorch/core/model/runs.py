"""A run and how far its items are."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from tmuxorch.core.plan import Plan


class Phase(StrEnum):
    """The phases of a run, in order."""

    CONNECT = "connect"
    UNDERSTAND = "understand"
    PLAN = "plan"
    GATE = "gate"
    EXECUTE = "execute"
    VERIFY = "verify"
    REPORT = "report"
    ENDED = "ended"


class RunOutcome(StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ItemPending(Struct, frozen=True, tag="pending"):
    """Waits for its dependencies or for its owner to be free."""


class ItemWorking(Struct, frozen=True, tag="working"):
    """Its owner works on it in `turn`."""

    turn: str


class ItemChecking(Struct, frozen=True, tag="checking"):
    """Its verification commands run."""

    checks: tuple[str, ...]


class ItemDeciding(Struct, frozen=True, tag="deciding"):
    """A human decides how it goes on, or does the human task that it is."""

    checkpoint: str


class ItemDone(Struct, frozen=True, tag="done"):
    """Proved by its checks, or answered by a human."""


class ItemFailed(Struct, frozen=True, tag="failed"):
    """Given up."""

    reason: str


class ItemSkipped(Struct, frozen=True, tag="skipped"):
    """Left out by a human; what depends on it goes on."""

    by: str


ItemProgress = ItemPending | ItemWorking | ItemChecking | ItemDeciding | ItemDone | ItemFailed | ItemSkipped


class ItemState(Struct, frozen=True, kw_only=True):
    """How far an item is. `attempts` counts its turns, `fixes` those after a failed check.

    `decisions` are what humans answered on it, `summary` the agent's last words on it.
    """

    progress: ItemProgress = ItemPending()
    attempts: int = 0
    fixes: int = 0
    decisions: tuple[str, ...] = ()
    summary: str = ""
    changed: tuple[str, ...] = ()


class Brief(Struct, frozen=True, kw_only=True):
    """What a child says of its repo."""

    role: str = ""
    current_state: str = ""
    key_docs: tuple[str, ...] = ()
    release_notes: str = ""
    tests: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class Contract(Struct, frozen=True, kw_only=True):
    """An interface between repos."""

    name: str
    producer: str
    consumers: tuple[str, ...]
    shape: str


class RunEnd(Struct, frozen=True):
    """That, when and how a run ended."""

    at: float
    outcome: RunOutcome
    reason: str = ""


class Run(Struct, frozen=True, kw_only=True):
    """One pass from kickoff to report."""

    id: str
    problem: str
    children: tuple[str, ...]
    auto: bool
    started: float
    phase: Phase = Phase.CONNECT
    briefs: dict[str, Brief] = field(default_factory=dict)
    contracts: tuple[Contract, ...] = ()
    parallel: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    plan: Plan | None = None
    repairs: int = 0
    items: dict[str, ItemState] = field(default_factory=dict)
    verdict: RunOutcome = RunOutcome.SUCCEEDED
    reason: str = ""
    words: str = ""
    end: RunEnd | None = None

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.end is None

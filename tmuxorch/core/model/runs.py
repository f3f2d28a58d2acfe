"""A run and how far its items are."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from tmuxorch.core.model.life import Git
from tmuxorch.core.plan import Contract, Plan


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


class ItemCommitting(Struct, frozen=True, tag="committing"):
    """Its checks passed; what it changed is being committed."""


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


ItemProgress = (
    ItemPending
    | ItemWorking
    | ItemChecking
    | ItemCommitting
    | ItemDeciding
    | ItemDone
    | ItemFailed
    | ItemSkipped
)


class ItemState(Struct, frozen=True, kw_only=True):
    """How far an item is. `attempts` counts its turns, `fixes` those after a failed check, `tries` those since a
    human last had a say.

    `decisions` are what humans answered on it, `summary` the agent's last words on it, `questions` what it left
    open. `changed` are the paths that its turns changed, by git; `excused` those outside its scope (of another
    repo as `web: PATH`) that a human let pass. `flag` says why it has to be looked at again: a contract that it
    uses has changed. `commit` is what its work was committed as.
    """

    progress: ItemProgress = ItemPending()
    attempts: int = 0
    fixes: int = 0
    decisions: tuple[str, ...] = ()
    summary: str = ""
    changed: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    flag: str = ""
    commit: str = ""
    tries: int = 0
    questions: tuple[str, ...] = ()


class Brief(Struct, frozen=True, kw_only=True):
    """What a child says of its repo. `left_out` are the topics that it was never heard on: a fact, not its words."""

    role: str = ""
    current_state: str = ""
    key_docs: tuple[str, ...] = ()
    release_notes: str = ""
    tests: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    branch: str = ""
    status: str = ""
    commits: tuple[str, ...] = ()
    task: str = ""
    changes: str = ""
    blockers: tuple[str, ...] = ()
    tests_run: str = ""
    connect: str = ""
    commit_rules: str = ""
    validation: str = ""
    left_out: tuple[str, ...] = ()


class RequestKind(StrEnum):
    """What a kickoff may ask for beside the solution of its problem."""

    LOGGING = "logging"
    INSTRUMENTATION = "instrumentation"
    PRE_TESTS = "pre-tests"


class Request(Struct, frozen=True, kw_only=True):
    """Something the kickoff asks for, in its words; it has to become an item of the plan."""

    kind: RequestKind
    text: str


class Place(Struct, frozen=True, kw_only=True):
    """Where the items of a child are worked on in a run: its repo, or a worktree of it.

    `branch` and `head` are what it was on; `head` follows our own commits. `dirty` are paths that somebody had
    changed before, `moved` says that it is not where it was when its brief was given. Items wait until it is
    `settled`: a dirty repo, and one that has moved, are a human's matter.
    `note` is what a person should know of it: submodules that are empty there.
    """

    path: str
    branch: str = ""
    head: str = ""
    worktree: bool = False
    dirty: tuple[str, ...] = ()
    moved: str = ""
    settled: bool = True
    note: str = ""


class Replan(Struct, frozen=True, kw_only=True):
    """A change of the plan that the lead is to propose, or has proposed, and nobody has decided on yet.

    `number` counts those of the run, `turn` is the lead's newest turn on it, `repairs` its refused tries,
    `holds` the items that do not begin meanwhile.
    """

    number: int
    causes: tuple[str, ...]
    holds: tuple[str, ...] = ()
    turn: str = ""
    repairs: int = 0
    proposal: Plan | None = None


class RunEnd(Struct, frozen=True):
    """That, when and how a run ended."""

    at: float
    outcome: RunOutcome
    reason: str = ""


class Run(Struct, frozen=True, kw_only=True):
    """One pass from kickoff to report.

    `fingerprints` and `bases` say on which state of a repo its brief was given. `worktrees` names children that
    work in one because a human wanted it. `committing` are children whose work is to be committed at the end,
    `commits` is by child what it was committed as then.
    `base` is the plan that the lead was to change or to write anew, while it does: what is another in `plan`
    by then was edited by a human. `contract_changes` are shapes that contracts have in truth and not yet in the
    plan. `causes` and `held` are why the plan has to be looked at again and which items wait for that; `replan`
    is the proposal that is being made of them, `replans` how many there were.
    `led` says who leads it: then that agent gives plan, changes and report, and items begin that it `ordered`; empty:
    tmuxorch asks the lead for each of them in a turn. `asked` are, by checkpoint, the items that wait for what a lead
    asks a human.
    """

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
    base: Plan | None = None
    repairs: int = 0
    items: dict[str, ItemState] = field(default_factory=dict)
    verdict: RunOutcome = RunOutcome.SUCCEEDED
    reason: str = ""
    words: str = ""
    end: RunEnd | None = None
    requests: tuple[Request, ...] = ()
    fresh: bool = False
    fingerprints: dict[str, str] = field(default_factory=dict)
    bases: dict[str, Git] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    worktrees: tuple[str, ...] = ()
    committing: tuple[str, ...] = ()
    commits: dict[str, str] = field(default_factory=dict)
    contract_changes: dict[str, str] = field(default_factory=dict)
    causes: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    replans: int = 0
    replan: Replan | None = None
    led: str = ""
    ordered: tuple[str, ...] = ()
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.end is None

    @property
    def begun(self) -> frozenset[str]:
        """The items whose work has begun, so that nobody can plan them anew."""
        return frozenset(
            name for name, item in self.items.items() if not isinstance(item.progress, ItemPending)
        )

    @property
    def looks_again(self) -> bool:
        """Whether its plan is being changed, or is to be."""
        return bool(self.causes) or self.replan is not None

    @property
    def holds(self) -> frozenset[str]:
        """Items that do not begin until a change of the plan, or what a lead asks a human, is settled."""
        asked = (item for items in self.asked.values() for item in items)
        return frozenset((*self.held, *(self.replan.holds if self.replan else ()), *asked))

    @property
    def asked_for(self) -> tuple[RequestKind, ...]:
        """What the kickoff asks for beside the solution of its problem."""
        return tuple(request.kind for request in self.requests)

"""Processes that do one thing and end: workers and checks."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from tmuxorch.core.model.life import Exited, Life, Outcome, Tokens
from tmuxorch.core.pattern import Answer


class WorkerSpec(Struct, frozen=True, kw_only=True):
    """What somebody asked a worker to do. The prompt itself is in the worker's prompt.md.

    `lease` are the paths that nobody else may write meanwhile, absolute and without links; one that only reads has
    none. With `worktree` it works in a worktree of its repo that is made for it. `answer` is the form of its answer
    (core.results), `schema` the name of a JSON Schema beside its prompt. `pattern`, `step` and `about` say for which
    part of which pattern it works. `place` is a worktree that it goes on in. With `scratch` it has a temporary
    directory to write in, though it may not edit. `by` is the lead that asked for it, empty for a person.
    """

    label: str
    role: str = "free"
    task: str = ""
    cwd: str
    scope: str = "read-only"
    paths: tuple[str, ...] = ()
    model: str = ""
    schema: str = ""
    timeout: float = 0.0
    parent: str = ""
    resume: str = ""
    lease: tuple[str, ...] = ()
    worktree: bool = False
    place: WorkerPlace | None = None
    answer: Answer = Answer.TEXT
    pattern: str = ""
    step: str = ""
    about: str = ""
    scratch: bool = False
    by: str = ""

    @property
    def edits(self) -> bool:
        """Whether it may change files."""
        return self.scope != "read-only"


class WorkerPlace(Struct, frozen=True, kw_only=True):
    """The worktree that a worker has: of which repo, on which branch, begun at which commit."""

    repo: str
    path: str
    branch: str
    base: str


class Kind(StrEnum):
    """What a try of a worker is: the first one, the same once more, or a second chance for the form of its answer."""

    FIRST = "first"
    AGAIN = "again"
    REPAIR = "repair"


class Hook(StrEnum):
    """Whether the command that is run for each worker that has ended is still to be run for this one."""

    NONE = ""
    DUE = "due"
    RAN = "ran"


class Worker(Struct, frozen=True, kw_only=True):
    """One job for `codex exec`, in as many tries as it takes: one process each.

    `attempt` counts the tries; the newest is of this `kind`, begins no sooner than `earliest`, and is there because of
    `reason`. `retries` counts those among them that a failure was tried again by. `spent` are the tokens of the threads
    of former tries. `changed` is what git saw change while it worked, `violations` those paths of it that it had no
    lease for.
    """

    id: str
    spec: WorkerSpec
    life: Life
    queued: float
    started: float = 0.0
    thread: str = ""
    tokens: Tokens = Tokens()
    attempt: int = 1
    kind: Kind = Kind.FIRST
    earliest: float = 0.0
    reason: str = ""
    retries: int = 0
    spent: Tokens = Tokens()
    place: WorkerPlace | None = None
    changed: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    hook: Hook = Hook.NONE

    @property
    def cwd(self) -> str:
        """Where it works: in its worktree, if it has one, at the same place below the repo's top."""
        place = self.place
        if place is None:
            return self.spec.cwd
        inside = self.spec.cwd.removeprefix(place.repo).strip("/")
        return f"{place.path}/{inside}" if inside else place.path


class Stage(StrEnum):
    """When a check runs: before the run's work, after an item, or after all of it."""

    BEFORE = "before"
    ITEM = "item"
    AFTER = "after"


class Check(Struct, frozen=True, kw_only=True):
    """One verification command, run by tmuxorch itself. `number` counts the checks of one item or stage."""

    id: str
    run: str
    stage: Stage
    item: str
    number: int
    child: str
    cwd: str
    command: str
    life: Life
    seconds: float = 0.0
    tail: str = ""

    @property
    def label(self) -> str:
        """The part of its window's name after `check-`."""
        return f"{self.item or self.stage}-{self.number}"

    @property
    def passed(self) -> bool:
        """Whether it has ended with exit status 0."""
        return isinstance(self.life, Exited) and self.life.outcome is Outcome.SUCCEEDED

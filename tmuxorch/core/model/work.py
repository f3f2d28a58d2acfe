"""Processes that do one thing and end: workers and checks."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from tmuxorch.core.model.life import Exited, Life, Outcome, Tokens


class WorkerSpec(Struct, frozen=True, kw_only=True):
    """What somebody asked a worker to do. The prompt itself is in the worker's prompt.md."""

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


class Worker(Struct, frozen=True, kw_only=True):
    """One `codex exec` process."""

    id: str
    spec: WorkerSpec
    life: Life
    queued: float
    started: float = 0.0
    thread: str = ""
    tokens: Tokens = Tokens()


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

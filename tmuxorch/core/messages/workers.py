"""What the controller saw of workers, and of the patterns that they work for."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import WorkerPlace, WorkerSpec


class WorkerTold(Struct, frozen=True, kw_only=True):
    """A worker has told its thread."""

    id: str
    thread: str


class WorkerSilent(Struct, frozen=True, kw_only=True):
    """A worker that runs has told nothing since then (epoch seconds)."""

    id: str
    since: float


class WorkerSpoke(Struct, frozen=True, kw_only=True):
    """A worker that was silent has told something."""

    id: str


class WorkerHasPlace(Struct, frozen=True, kw_only=True):
    """The worktree of a worker was made."""

    id: str
    place: WorkerPlace


class WorkerHasNoPlace(Struct, frozen=True, kw_only=True):
    """No worktree can be made for a worker."""

    id: str
    reason: str


class HookDone(Struct, frozen=True, kw_only=True):
    """The command for workers that have ended was run for this one; `problem` says what went wrong with it."""

    id: str
    problem: str = ""


class StepPrepared(Struct, frozen=True, kw_only=True):
    """The prompts of the `step`th step (from 0) of a pattern are on disk, under the ids of these workers."""

    pattern: str
    step: int
    workers: tuple[tuple[str, WorkerSpec], ...]


class StepImpossible(Struct, frozen=True, kw_only=True):
    """The next step of a pattern cannot be begun."""

    pattern: str
    reason: str


class PatternCurated(Struct, frozen=True, kw_only=True):
    """The result of a pattern is on disk. `failed` says why it is none to rely on, `summary` in a line what it is."""

    pattern: str
    summary: str = ""
    failed: str = ""


WorkerObservation = (
    WorkerTold
    | WorkerSilent
    | WorkerSpoke
    | WorkerHasPlace
    | WorkerHasNoPlace
    | HookDone
    | StepPrepared
    | StepImpossible
    | PatternCurated
)

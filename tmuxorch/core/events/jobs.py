"""What happened to workers and checks (jobs)."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Kind, Outcome, Stage, Tokens, WorkerPlace, WorkerSpec


class WorkerQueued(Struct, frozen=True, kw_only=True, tag="worker_queued"):
    """A worker is wanted; its prompt is on disk."""

    id: str
    spec: WorkerSpec


class CheckQueued(Struct, frozen=True, kw_only=True, tag="check_queued"):
    """A verification command is to be run."""

    id: str
    run: str
    stage: Stage
    item: str
    number: int
    child: str
    cwd: str
    command: str


class JobStarting(Struct, frozen=True, kw_only=True, tag="job_starting"):
    """Written ahead: the process of a worker or check is being started."""

    id: str


class JobStarted(Struct, frozen=True, kw_only=True, tag="job_started"):
    """The process of a worker or check runs."""

    id: str
    pid: int
    host_pid: int


class JobStopping(Struct, frozen=True, kw_only=True, tag="job_stopping"):
    """The process of a worker or check is being stopped."""

    id: str
    by: str


class JobExited(Struct, frozen=True, kw_only=True, tag="job_exited"):
    """A worker or check has ended. `tail` is the end of a check's output. `changed` and `violations` are what git saw
    of a worker that may edit.
    """

    id: str
    outcome: Outcome
    code: int = -1
    reason: str = ""
    seconds: float = 0.0
    tail: str = ""
    tokens: Tokens = Tokens()
    thread: str = ""
    changed: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()


class WorkerPutBack(Struct, frozen=True, kw_only=True, tag="worker_put_back"):
    """A try of a worker has ended without a result, and it gets another one: of that kind, not before `earliest`.
    `counts` when it is one of the few times that a failure is tried again.
    """

    id: str
    kind: Kind
    reason: str
    earliest: float = 0.0
    counts: bool = True
    tokens: Tokens = Tokens()
    thread: str = ""
    changed: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()


class WorkerPlaced(Struct, frozen=True, kw_only=True, tag="worker_placed"):
    """The worktree that a worker is to have is there."""

    id: str
    place: WorkerPlace


class HookWanted(Struct, frozen=True, kw_only=True, tag="hook_wanted"):
    """The command for workers that have ended is to be run for this one."""

    id: str


class HookRan(Struct, frozen=True, kw_only=True, tag="hook_ran"):
    """It was run; `problem` says what went wrong with it."""

    id: str
    problem: str = ""


class WorkerSeen(Struct, frozen=True, kw_only=True, tag="worker_seen"):
    """A worker has told its thread."""

    id: str
    thread: str


WorkerEvent = WorkerSeen | WorkerPutBack | WorkerPlaced | HookWanted | HookRan
LifeEvent = JobStarting | JobStarted | JobStopping | JobExited
JobEvent = WorkerQueued | CheckQueued | LifeEvent | WorkerEvent

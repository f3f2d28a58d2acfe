"""What happened to workers and checks (jobs)."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Outcome, Stage, Tokens, WorkerSpec


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
    """A worker or check has ended. `tail` is the end of a check's output."""

    id: str
    outcome: Outcome
    code: int = -1
    reason: str = ""
    seconds: float = 0.0
    tail: str = ""
    tokens: Tokens = Tokens()
    thread: str = ""


class WorkerSeen(Struct, frozen=True, kw_only=True, tag="worker_seen"):
    """A worker has told its thread."""

    id: str
    thread: str


JobEvent = WorkerQueued | CheckQueued | JobStarting | JobStarted | JobStopping | JobExited | WorkerSeen

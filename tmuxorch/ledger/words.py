"""The public words for how something is, as in the command line contract."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import assert_never

from tmuxorch.core import model as m


class ChildState(StrEnum):
    """How a child is. `waiting`: a checkpoint of its own is open; `failed`: a human decides whether it starts again."""

    STARTING = "starting"
    IDLE = "idle"
    ACTIVE = "active"
    WAITING = "waiting"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    FAILED = "failed"


class WorkerState(StrEnum):
    """How a worker is. `waiting`: a checkpoint about it is open."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPING = "stopping"
    EXITED = "exited"


class PatternState(StrEnum):
    """How a run of a pattern is."""

    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"


class StepStatus(StrEnum):
    """How a step of a pattern is, in the words of an agent's own list of steps; `failed`: the run ended in it."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


class CheckpointState(StrEnum):
    """How a checkpoint is. `answered`: here, and the answer has not had its effect yet."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    LAPSED = "lapsed"


def waiting_for(state: m.State, source: str) -> m.Checkpoint | None:
    """The oldest open checkpoint of that agent or worker."""
    return next((one for one in state.checkpoints.values() if one.is_open and one.source == source), None)


def child_state(state: m.State, agent: m.Agent) -> ChildState:
    """The public state of a child, or of the lead."""
    if m.given_up(state, agent.name):
        return ChildState.FAILED
    if agent.endpoint:
        return _distant_state(state, agent)
    coming = ChildState.RESTARTING if agent.crashes else ChildState.STARTING
    match agent.server:
        case m.Exited():
            return coming if agent.wanted else ChildState.STOPPED
        case m.Stopping():
            return ChildState.RESTARTING if agent.wanted else ChildState.STOPPED
        case m.Queued() | m.Starting():
            return coming
        case m.Running():
            return _ready_state(state, agent) if agent.ready else coming
        case _:
            assert_never(agent.server)


def _distant_state(state: m.State, agent: m.Agent) -> ChildState:
    """The public state of a child whose server is not ours: that of the connection."""
    if not agent.wanted:
        return ChildState.STOPPED
    if agent.ready:
        return _ready_state(state, agent)
    return ChildState.RESTARTING if agent.generation else ChildState.STARTING


def _ready_state(state: m.State, agent: m.Agent) -> ChildState:
    if waiting_for(state, agent.name):
        return ChildState.WAITING
    return ChildState.ACTIVE if current_turn(state, agent.name) else ChildState.IDLE


def current_turn(state: m.State, agent: str) -> m.Turn | None:
    """The turn that Codex works on for that agent, or is being given."""
    for turn in reversed(state.turns.values()):
        if turn.agent == agent and isinstance(turn.state, m.TurnSent | m.TurnActive):
            return turn
    return None


def worker_state(state: m.State, worker: m.Worker) -> WorkerState:
    """The public state of a worker."""
    match worker.life:
        case m.Queued():
            return WorkerState.QUEUED
        case m.Starting():
            return WorkerState.STARTING
        case m.Running():
            return WorkerState.WAITING if waiting_for(state, worker.id) else WorkerState.RUNNING
        case m.Stopping():
            return WorkerState.STOPPING
        case m.Exited():
            return WorkerState.EXITED
        case _:
            assert_never(worker.life)


def pattern_state(run: m.PatternRun) -> PatternState:
    """The public state of a run of a pattern."""
    if run.end:
        return PatternState.ENDED
    return PatternState.STOPPING if run.stopped_by else PatternState.RUNNING


def step_statuses(state: m.State, run: m.PatternRun) -> list[StepStatus]:
    """How each step is. While the run goes on exactly one is in progress: the newest that has begun, and once that is
    over the next, or the last one still, until the result is made of it.
    """
    over = all(isinstance(state.workers[one].life, m.Exited) for one in run.all_workers)
    now = min(len(run.workers) - (not over), len(run.steps) - 1)
    if run.end and run.end.outcome is m.PatternOutcome.SUCCEEDED:
        return [StepStatus.COMPLETED] * len(run.steps)
    if run.end:
        now = max(len(run.workers) - 1, 0)
    current = StepStatus.FAILED if run.end else StepStatus.IN_PROGRESS
    return [
        StepStatus.COMPLETED if number < now else current if number == now else StepStatus.PENDING
        for number in range(len(run.steps))
    ]


def checkpoint_state(checkpoint: m.Checkpoint) -> CheckpointState:
    """The public state of a checkpoint."""
    match checkpoint.state:
        case m.Open():
            return CheckpointState.OPEN
        case m.Answered():
            return CheckpointState.ANSWERED
        case m.Closed():
            return CheckpointState.CLOSED
        case m.Lapsed():
            return CheckpointState.LAPSED
        case _:
            assert_never(checkpoint.state)


def progress(state: m.State, run: m.Run) -> str:
    """How far a run is: `execute 2/4`, `plan`, `succeeded`; an item left out counts as done."""
    if run.end:
        return str(run.end.outcome)
    if run.plan is None:
        return str(run.phase)
    settled = sum(isinstance(item.progress, m.ItemDone | m.ItemSkipped) for item in run.items.values())
    return f"{run.phase} {settled}/{len(run.plan.items)}"


def awaited_of_lead(run: m.Run) -> str:
    """What a run waits for from who leads it by itself: `the plan`; empty where nothing is."""
    if not run.led:
        return ""
    if run.phase is m.Phase.PLAN:
        return "the plan"
    change = "a change of the plan" if run.replan and run.replan.proposal is None else ""
    items = m.unordered(run)
    word = f"the word to begin {'item' if len(items) == 1 else 'items'} {', '.join(items)}" if items else ""
    return " and ".join(part for part in (change, word) if part)


def rfc3339(at: float) -> str:
    """`at`, in seconds since the epoch, as RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


LIMITS = {
    m.LimitKind.USAGE: "usage limit",
    m.LimitKind.RATE: "rate limit",
    m.LimitKind.AUTH: "not logged in",
}
"""Why an account is refused, for people."""


def clock(at: float, now: float, zone: tzinfo | None = None) -> str:
    """`at` as a clock on the wall shows it (None: here), as 14:05, with the date when that is not today's."""
    local, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def ago(seconds: float) -> str:
    """A length of time in one short word or two: `now`, `40 s`, `4 min`, `3 h`, `2 d`."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return "now"

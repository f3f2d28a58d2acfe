"""The whole state, and what is seen from it at once."""

from __future__ import annotations

from msgspec import Struct, field

from tmuxorch.core.model.agents import Agent, Turn
from tmuxorch.core.model.checkpoints import Checkpoint
from tmuxorch.core.model.life import Pause
from tmuxorch.core.model.runs import (
    ItemChecking,
    ItemCommitting,
    ItemDeciding,
    ItemDone,
    ItemFailed,
    ItemPending,
    ItemSkipped,
    ItemState,
    ItemWorking,
    Phase,
    Run,
)
from tmuxorch.core.model.work import Check, Worker
from tmuxorch.core.plan import ItemStatus


class Window(Struct, frozen=True, kw_only=True):
    """A window of ours: tmux's ids. `view` is the upper pane of an agent's window, else empty."""

    id: str
    pane: str
    view: str = ""
    opened: float = 0.0


class TmuxServer(Struct, frozen=True, kw_only=True):
    """Which tmux server and session the windows are in. A server is told by pid and start time.

    `socket` is the path for `tmux -S`, `session` tmux's id, `name` what people call it.
    """

    pid: int
    start: int
    session: str
    name: str
    socket: str = ""


class LogEntry(Struct, frozen=True, kw_only=True):
    """One entry of runs.md, with upstream's fields."""

    number: int
    at: float
    child: str
    intent: str
    result: str
    checks: str = ""
    artifacts: str = ""
    resume: str = ""
    next_step: str = ""


class State(Struct, frozen=True, kw_only=True):
    """Everything, as of the last recorded event. Every view is a projection of this.

    By account (Agent.account) are `pauses`, and `refusals`: the pauses since the last success.
    """

    counters: dict[str, int] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    tmux: TmuxServer | None = None
    pauses: dict[str, Pause] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    log: tuple[LogEntry, ...] = ()
    log_count: int = 0

    @property
    def run(self) -> Run | None:
        """The newest run."""
        return next(reversed(self.runs.values()), None)

    @property
    def jobs(self) -> list[Worker | Check]:
        """Every worker and check."""
        return [*self.workers.values(), *self.checks.values()]

    @property
    def active_run(self) -> Run | None:
        """The run that has not ended; there is never more than one."""
        run = self.run
        return run if run and run.active else None


def item_status(state: State, run: Run, item_id: str) -> ItemStatus:
    """The public word for how far an item is; blocked and ready are seen from its dependencies."""
    progress = run.items[item_id].progress if item_id in run.items else ItemPending()
    match progress:
        case ItemPending():
            return _pending_status(run, item_id)
        case ItemWorking() | ItemChecking():
            waits = any(c.is_open and c.item == item_id for c in state.checkpoints.values())
            return ItemStatus.WAITING if waits else ItemStatus.RUNNING
        case ItemCommitting():
            return ItemStatus.RUNNING
        case ItemDeciding():
            return ItemStatus.WAITING
        case ItemDone():
            return ItemStatus.DONE
        case ItemFailed():
            return ItemStatus.FAILED
        case ItemSkipped():
            return ItemStatus.SKIPPED


def _pending_status(run: Run, item_id: str) -> ItemStatus:
    if _is_hopeless(run, item_id):
        return ItemStatus.BLOCKED
    needed = (run.items.get(name, ItemState()).progress for name in _needs(run, item_id))
    ready = all(isinstance(progress, ItemDone | ItemSkipped) for progress in needed)
    return ItemStatus.READY if ready and run.phase is Phase.EXECUTE else ItemStatus.PENDING


def _needs(run: Run, item_id: str) -> tuple[str, ...]:
    item = run.plan.item(item_id) if run.plan else None
    return run.plan.needs(item) if run.plan and item else ()


def _is_hopeless(run: Run, item_id: str) -> bool:
    """Whether an item that it needs, directly or not, has failed."""
    reached, waiting = {item_id}, [item_id]
    while waiting:
        for name in _needs(run, waiting.pop()):
            progress = run.items.get(name, ItemState()).progress
            if isinstance(progress, ItemFailed):
                return True
            if isinstance(progress, ItemPending) and name not in reached:
                reached.add(name)
                waiting.append(name)
    return False

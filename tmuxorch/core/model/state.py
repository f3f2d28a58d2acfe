"""The whole state."""

from __future__ import annotations

from msgspec import Struct, field

from tmuxorch.core.model.agents import Agent, Turn
from tmuxorch.core.model.checkpoints import Checkpoint, FromAgent
from tmuxorch.core.model.life import Pause
from tmuxorch.core.model.patterns import PatternRun
from tmuxorch.core.model.runs import Run
from tmuxorch.core.model.work import Check, Worker


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


class News(Struct, frozen=True, kw_only=True):
    """Something that whoever leads the work may wait for: the `number`th, about a run, worker, pattern, checkpoint,
    turn or child. `wakes` when the lead waits for it, so that it is woken. What does not `matter` is told with the next
    that does, and ends nobody's wait.
    """

    number: int
    at: float
    about: str
    text: str
    wakes: bool = False
    matters: bool = True


class Lead(Struct, frozen=True, kw_only=True):
    """How the lead's Codex is used: `open` when people talk to it and it has our tools, `full` when it has no sandbox
    and asks nobody. `told` is the number of the newest news that it has heard of, `woken` of those that it was to be
    woken with.
    """

    open: bool = False
    full: bool = False
    told: int = 0
    woken: int = 0


class State(Struct, frozen=True, kw_only=True):
    """Everything, as of the last recorded event. Every view is a projection of this.

    By account (Agent.account) are `pauses`, and `refusals`: the pauses since the last success. By name are, in `muted`,
    agents and workers about whom nobody is called, and who wanted that. `news` are the newest ones of `news_count`.
    """

    counters: dict[str, int] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    patterns: dict[str, PatternRun] = field(default_factory=dict)
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    tmux: TmuxServer | None = None
    pauses: dict[str, Pause] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    muted: dict[str, str] = field(default_factory=dict)
    log: tuple[LogEntry, ...] = ()
    log_count: int = 0
    news: tuple[News, ...] = ()
    news_count: int = 0
    lead: Lead = Lead()

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


def given_up(state: State, agent: str) -> Checkpoint | None:
    """The open checkpoint about a server that cannot be kept up or reached."""
    asked = (one for one in state.checkpoints.values() if one.is_open and one.origin == FromAgent(agent))
    return next(asked, None)

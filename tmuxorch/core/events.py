"""What happened: the closed union of everything the journal can hold.

Past tense, frozen, one tag each. A new field gets a default, a tag is never renamed or reused: journals
written by any older version load for ever.
"""

from __future__ import annotations

from msgspec import Struct, field, json

from tmuxorch.core.model import (
    Answer,
    Brief,
    Card,
    Contract,
    Git,
    ItemProgress,
    Origin,
    Outcome,
    Pause,
    Phase,
    Place,
    Purpose,
    RepoFacts,
    Request,
    RunOutcome,
    Stage,
    TmuxServer,
    Tokens,
    TurnOutcome,
    Window,
    WorkerSpec,
)
from tmuxorch.core.plan import Plan


class ControllerStarted(Struct, frozen=True, kw_only=True, tag="controller_started"):
    """A controller took up its work."""

    pid: int
    version: str


class TmuxAttached(Struct, frozen=True, kw_only=True, tag="tmux_attached"):
    """The controller is attached to a tmux server; windows of another one are gone."""

    server: TmuxServer


class WindowOpened(Struct, frozen=True, kw_only=True, tag="window_opened"):
    """The window `key` exists."""

    key: str
    window: Window


class WindowClosed(Struct, frozen=True, kw_only=True, tag="window_closed"):
    """The window `key` is gone."""

    key: str


class AgentAdded(Struct, frozen=True, kw_only=True, tag="agent_added"):
    """A child (or the lead) belongs to the project, or its path or endpoint has changed."""

    name: str
    path: str
    endpoint: str = ""


class AgentRemoved(Struct, frozen=True, kw_only=True, tag="agent_removed"):
    """A child does not belong to the project any more."""

    name: str


class AgentWanted(Struct, frozen=True, kw_only=True, tag="agent_wanted"):
    """Its server should be up, or should not."""

    name: str
    wanted: bool
    by: str


class ServerStarting(Struct, frozen=True, kw_only=True, tag="server_starting"):
    """Written ahead: the server process `generation` is being started."""

    name: str
    generation: int


class ServerStarted(Struct, frozen=True, kw_only=True, tag="server_started"):
    """The server process runs."""

    name: str
    generation: int
    pid: int
    host_pid: int


class ServerStopping(Struct, frozen=True, kw_only=True, tag="server_stopping"):
    """The server process is being stopped."""

    name: str
    by: str


class ServerExited(Struct, frozen=True, kw_only=True, tag="server_exited"):
    """The server process has ended."""

    name: str
    generation: int
    outcome: Outcome
    code: int = -1
    reason: str = ""


class AgentReady(Struct, frozen=True, kw_only=True, tag="agent_ready"):
    """Its server answers and its thread is loaded."""

    name: str
    generation: int
    thread: str
    version: str = ""


class AgentUnready(Struct, frozen=True, kw_only=True, tag="agent_unready"):
    """The connection to a server that is not ours is gone."""

    name: str
    generation: int
    reason: str


class RepoSeen(Struct, frozen=True, kw_only=True, tag="repo_seen"):
    """What the tool found in an agent's repo."""

    name: str
    repo: RepoFacts


class Paused(Struct, frozen=True, kw_only=True, tag="paused"):
    """An account is refused: none of its agents is given work until then."""

    account: str
    pause: Pause


class Resumed(Struct, frozen=True, kw_only=True, tag="resumed"):
    """The agents of an account are given work again, by the clock or because somebody wants it."""

    account: str
    by: str


class GitSeen(Struct, frozen=True, kw_only=True, tag="git_seen"):
    """What git said of an agent's repo."""

    name: str
    git: Git


class TurnQueued(Struct, frozen=True, kw_only=True, tag="turn_queued"):
    """An agent is to be given a turn."""

    id: str
    agent: str
    purpose: Purpose
    run: str = ""
    item: str = ""
    text: str = ""
    writes: bool = False
    topic: str = ""


class TurnSending(Struct, frozen=True, kw_only=True, tag="turn_sending"):
    """Written ahead: the turn is being sent to the server process `generation`."""

    id: str
    generation: int


class TurnStarted(Struct, frozen=True, kw_only=True, tag="turn_started"):
    """Codex took the turn."""

    id: str
    codex_turn: str
    generation: int


class TurnRequeued(Struct, frozen=True, kw_only=True, tag="turn_requeued"):
    """The turn was lost with its server, or `paused` with its account, and is sent once more."""

    id: str
    reason: str
    paused: bool = False


class TurnEnded(Struct, frozen=True, kw_only=True, tag="turn_ended"):
    """The turn is over. `tokens` is the total of the agent's thread, as Codex counts; `touched`, `strays`, `moved`
    and `after` are what git saw (model.Turn).
    """

    id: str
    outcome: TurnOutcome
    message: str = ""
    error: str = ""
    seconds: float = 0.0
    tokens: Tokens | None = None
    touched: tuple[str, ...] = ()
    strays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    moved: str = ""
    after: Git | None = None


class SteerQueued(Struct, frozen=True, kw_only=True, tag="steer_queued"):
    """Somebody adds to an active turn."""

    turn: str
    number: int
    text: str


class SteerSent(Struct, frozen=True, kw_only=True, tag="steer_sent"):
    """Codex took it, or refused it for `error`."""

    turn: str
    number: int
    error: str = ""


class InterruptWanted(Struct, frozen=True, kw_only=True, tag="interrupt_wanted"):
    """Somebody wants an active turn to end."""

    turn: str
    by: str


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


class CheckpointOpened(Struct, frozen=True, kw_only=True, tag="checkpoint_opened"):
    """A human has to decide something."""

    id: str
    source: str
    item: str
    origin: Origin
    card: Card
    digest: str
    blocks: tuple[str, ...] = ()


class CheckpointAnswered(Struct, frozen=True, kw_only=True, tag="checkpoint_answered"):
    """A human has decided. `digest` is of the card that was shown."""

    id: str
    answer: Answer
    by: str
    digest: str


class CheckpointClosed(Struct, frozen=True, kw_only=True, tag="checkpoint_closed"):
    """The answer had its effect, or somebody answered elsewhere (`by`)."""

    id: str
    by: str = ""


class CheckpointLapsed(Struct, frozen=True, kw_only=True, tag="checkpoint_lapsed"):
    """What it asked for is gone."""

    id: str
    reason: str


class CheckpointChanged(Struct, frozen=True, kw_only=True, tag="checkpoint_changed"):
    """What it is about has changed while nobody had answered: this is its card now."""

    id: str
    card: Card
    digest: str


class CheckpointReopened(Struct, frozen=True, kw_only=True, tag="checkpoint_reopened"):
    """Its answer was lost before it had its effect; somebody has to answer again."""

    id: str
    reason: str


class RunStarted(Struct, frozen=True, kw_only=True, tag="run_started"):
    """A run began. `auto` when its plan needs no human approval."""

    id: str
    problem: str
    children: tuple[str, ...]
    auto: bool
    requests: tuple[Request, ...] = ()
    fresh: bool = False


class PhaseEntered(Struct, frozen=True, kw_only=True, tag="phase_entered"):
    """The run is in its next phase."""

    run: str
    phase: Phase


class BriefRecorded(Struct, frozen=True, kw_only=True, tag="brief_recorded"):
    """A child has described its repo in the state `fingerprint`; or had done so in the run `reused`."""

    run: str
    child: str
    brief: Brief
    fingerprint: str = ""
    reused: str = ""


class ContractsRecorded(Struct, frozen=True, kw_only=True, tag="contracts_recorded"):
    """The lead has named the interfaces between the repos."""

    run: str
    contracts: tuple[Contract, ...]
    parallel: tuple[str, ...]
    risks: tuple[str, ...]


class PlanRefused(Struct, frozen=True, kw_only=True, tag="plan_refused"):
    """A proposed plan cannot be executed, for these reasons."""

    run: str
    problems: tuple[str, ...]


class PlanProposed(Struct, frozen=True, kw_only=True, tag="plan_proposed"):
    """The run has a plan that can be executed."""

    run: str
    plan: Plan


class PlanEdited(Struct, frozen=True, kw_only=True, tag="plan_edited"):
    """A human edited plan.md, or accepted the lead's change (`by`); this is the plan now."""

    run: str
    plan: Plan
    by: str = ""


class ItemMoved(Struct, frozen=True, kw_only=True, tag="item_moved"):
    """An item is further, or elsewhere. Empty texts change nothing. `changed` are paths that it changed too,
    `restored` those of before that are as if it never had.
    """

    run: str
    item: str
    progress: ItemProgress
    fixing: bool = False
    decision: str = ""
    summary: str = ""
    changed: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class ItemFlagged(Struct, frozen=True, kw_only=True, tag="item_flagged"):
    """An item has to be looked at again, for `reason`; an empty one says that it was."""

    run: str
    item: str
    reason: str


class PlaceRecorded(Struct, frozen=True, kw_only=True, tag="place_recorded"):
    """Where a child's items are worked on."""

    run: str
    child: str
    place: Place


class WorktreeWanted(Struct, frozen=True, kw_only=True, tag="worktree_wanted"):
    """A child's items are to be worked on in a worktree of its repo."""

    run: str
    child: str
    by: str


class CommitWanted(Struct, frozen=True, kw_only=True, tag="commit_wanted"):
    """All that a run changed in a child's repo is proved, and to be committed."""

    run: str
    child: str


class WorkCommitted(Struct, frozen=True, kw_only=True, tag="work_committed"):
    """What an item (without one: the run) changed in a child's repo is committed; `left` are paths that are not,
    because they were dirty before. Without anything to commit, `commit` is empty.
    """

    run: str
    item: str
    child: str
    commit: str
    left: tuple[str, ...] = ()


class ContractChanged(Struct, frozen=True, kw_only=True, tag="contract_changed"):
    """A contract has another shape than its users were told, since `by` (an item, or who edited the plan)."""

    run: str
    contract: str
    shape: str
    by: str
    why: str


class ReplanWanted(Struct, frozen=True, kw_only=True, tag="replan_wanted"):
    """The plan has to be looked at again, for `cause`; `holds` do not begin until that is settled."""

    run: str
    cause: str
    holds: tuple[str, ...] = ()


class ReplanAsked(Struct, frozen=True, kw_only=True, tag="replan_asked"):
    """The lead is asked (in `turn`) for a change of the plan, for all causes so far."""

    run: str
    number: int
    turn: str


class ReplanRefused(Struct, frozen=True, kw_only=True, tag="replan_refused"):
    """The change cannot be executed, for these reasons; the lead is asked again in `turn`."""

    run: str
    problems: tuple[str, ...]
    turn: str


class ReplanProposed(Struct, frozen=True, kw_only=True, tag="replan_proposed"):
    """The lead's change of the plan, which could be executed."""

    run: str
    plan: Plan


class ReplanSettled(Struct, frozen=True, kw_only=True, tag="replan_settled"):
    """A human took the change, or keeps the plan."""

    run: str
    accepted: bool
    by: str


class VerdictReached(Struct, frozen=True, kw_only=True, tag="verdict_reached"):
    """The run will not succeed, for `reason`; it goes on to its report."""

    run: str
    outcome: RunOutcome
    reason: str


class ReportGiven(Struct, frozen=True, kw_only=True, tag="report_given"):
    """The lead's own words on the run."""

    run: str
    words: str


class RunEnded(Struct, frozen=True, kw_only=True, tag="run_ended"):
    """The run is over."""

    run: str
    outcome: RunOutcome
    reason: str = ""


Event = (
    ControllerStarted
    | TmuxAttached
    | WindowOpened
    | WindowClosed
    | AgentAdded
    | AgentRemoved
    | AgentWanted
    | ServerStarting
    | ServerStarted
    | ServerStopping
    | ServerExited
    | AgentReady
    | AgentUnready
    | GitSeen
    | RepoSeen
    | Paused
    | Resumed
    | TurnQueued
    | TurnSending
    | TurnStarted
    | TurnRequeued
    | TurnEnded
    | SteerQueued
    | SteerSent
    | InterruptWanted
    | WorkerQueued
    | CheckQueued
    | JobStarting
    | JobStarted
    | JobStopping
    | JobExited
    | WorkerSeen
    | CheckpointOpened
    | CheckpointAnswered
    | CheckpointClosed
    | CheckpointLapsed
    | CheckpointChanged
    | CheckpointReopened
    | RunStarted
    | PhaseEntered
    | BriefRecorded
    | ContractsRecorded
    | PlanRefused
    | PlanProposed
    | PlanEdited
    | ItemMoved
    | ItemFlagged
    | PlaceRecorded
    | WorktreeWanted
    | CommitWanted
    | WorkCommitted
    | ContractChanged
    | ReplanWanted
    | ReplanAsked
    | ReplanRefused
    | ReplanProposed
    | ReplanSettled
    | VerdictReached
    | ReportGiven
    | RunEnded
)

_encoder = json.Encoder()
_decoder: json.Decoder[Event] = json.Decoder(Event)


def encode(event: Event) -> bytes:
    """`event` as one JSON object (bytes without line breaks)."""
    return _encoder.encode(event)


def decode(data: bytes) -> Event:
    """The event that `encode` wrote. Raises msgspec.ValidationError on anything else."""
    return _decoder.decode(data)

"""The public objects of the command line contract (`--json`, the controller's API), made from the state.

Keys and words here are public: adding is free, changing is not. Text is verbatim, also where it came from an agent; who
prints it makes it harmless. What is not known, or not there, is null. Times are RFC 3339 in UTC.

Each shape refuses keys that it does not know, so `msgspec.convert(decoded, Status)` proves that an output is right;
`msgspec.json.schema(Status)` is its JSON Schema.
"""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, ItemStatus, PlanItem
from tmuxorch.ledger import public_checkpoints, public_workers, usage, words
from tmuxorch.ledger.public_checkpoints import Checkpoint
from tmuxorch.ledger.public_workers import PatternRun, Worker
from tmuxorch.ledger.words import ChildState, WorkerState, rfc3339


class Controller(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The controller's process."""

    pid: int
    since: str


class Project(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where everything is. `session` and `socket` are tmux's; `controller` is null when none runs."""

    dir: str
    session: str
    socket: str
    codex: str
    tmux: str
    controller: Controller | None


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item of a run's plan. `changed` are the paths its turns changed, by git; `flag` says why it has to be
    looked at again. `awaits_lead` when it could begin, and who leads the run has not said so.
    """

    item: str
    title: str
    owner: str
    depends: tuple[str, ...]
    status: ItemStatus
    attempts: int
    fixes: int
    contract: str | None
    changed: tuple[str, ...]
    commit: str | None
    flag: str | None
    awaits_lead: bool
    tokens: m.Tokens


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a child is worked on in a run; `commit` is what was committed there at the end."""

    child: str
    path: str
    branch: str | None
    worktree: bool
    commit: str | None


class Run(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pass from kickoff to report. `items` is empty until there is a plan. `reason` says why it did not
    succeed, `tokens` are those of all its turns. `led` is the agent that leads it by itself, null where tmuxorch asks
    the lead in turns.
    """

    id: str
    phase: m.Phase
    problem: str
    led: str | None
    started: str
    ended: str | None
    outcome: m.RunOutcome | None
    reason: str | None
    items: tuple[Item, ...]
    places: tuple[Place, ...]
    tokens: m.Tokens


class Child(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One repo and its App Server. `waiting` is the id of the checkpoint that it waits for. `docs`, `tests` and `build`
    are what the tool found in the repo; a command whose `source` is not `config` is a guess, which is never run.
    `endpoint` is where its App Server listens, if that is not ours. `since` is when its present turn began. Nobody is
    called about one that is `muted`.
    """

    name: str
    path: str
    window: str | None
    state: ChildState
    thread: str | None
    waiting: str | None
    since: str | None
    tokens: m.Tokens
    branch: str | None
    head: str | None
    endpoint: str | None
    docs: tuple[str, ...]
    tests: tuple[m.Found, ...]
    build: tuple[m.Found, ...]
    muted: bool


class Lead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lead: `open` when people talk to it in Codex's own TUI, `full` when it has no sandbox and asks nobody."""

    open: bool
    full: bool


class Paused(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account that is refused: null is that of this project's CODEX_HOME, else the endpoint that has another.

    `agents` are given no work until `until`. `by` is the agent or worker that was refused, `reason` what it was told;
    `title` says the kind in words.
    """

    account: str | None
    kind: m.LimitKind
    title: str
    reason: str
    since: str
    until: str
    by: str
    agents: tuple[str, ...]


class Counts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Children and workers at work; open checkpoints; workers in the queue; children and workers that failed."""

    running: int
    waiting: int
    queued: int
    failed: int


class Status(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything as it is `at` that time: the newest run, all children, workers and runs of patterns, the open
    checkpoints.
    """

    at: str
    project: Project
    lead: Lead
    run: Run | None
    children: tuple[Child, ...]
    workers: tuple[Worker, ...]
    patterns: tuple[PatternRun, ...]
    checkpoints: tuple[Checkpoint, ...]
    counts: Counts
    paused: Paused | None


def status(state: m.State, project: Project, now: float) -> Status:
    """The whole status."""
    children = tuple(child(state, agent) for name, agent in state.agents.items() if name != LEAD)
    workers = public_workers.workers(state)
    waiting = tuple(public_checkpoints.checkpoint(one) for one in state.checkpoints.values() if one.is_open)
    return Status(
        at=rfc3339(now),
        project=project,
        lead=Lead(open=state.lead.open, full=state.lead.full),
        run=run(state, state.run) if state.run else None,
        children=children,
        workers=workers,
        patterns=tuple(public_workers.pattern(state, one) for one in state.patterns.values()),
        checkpoints=waiting,
        counts=_counts(children, workers, len(waiting)),
        paused=paused(state),
    )


def paused(state: m.State) -> Paused | None:
    """The pause of our own account, else that of another."""
    if not state.pauses:
        return None
    account = m.OURS if m.OURS in state.pauses else next(iter(state.pauses))
    pause = state.pauses[account]
    return Paused(
        account=account or None,
        kind=pause.kind,
        title=words.LIMITS[pause.kind],
        reason=pause.reason,
        since=rfc3339(pause.since),
        until=rfc3339(pause.until),
        by=pause.by,
        agents=tuple(name for name, agent in state.agents.items() if agent.account == account),
    )


def _counts(children: tuple[Child, ...], workers: tuple[Worker, ...], waiting: int) -> Counts:
    at_work = (WorkerState.STARTING, WorkerState.RUNNING, WorkerState.WAITING, WorkerState.STOPPING)
    well = (None, m.Outcome.SUCCEEDED, m.Outcome.CANCELLED)
    return Counts(
        running=sum(one.state is ChildState.ACTIVE for one in children)
        + sum(one.state in at_work for one in workers),
        waiting=waiting,
        queued=sum(one.state is WorkerState.QUEUED for one in workers),
        failed=sum(one.state is ChildState.FAILED for one in children)
        + sum(one.outcome not in well for one in workers),
    )


def run(state: m.State, of: m.Run) -> Run:
    """A run with the items of its plan."""
    return Run(
        id=of.id,
        phase=of.phase,
        problem=of.problem,
        led=of.led or None,
        started=rfc3339(of.started),
        ended=rfc3339(of.end.at) if of.end else None,
        outcome=of.end.outcome if of.end else None,
        reason=(of.end.reason if of.end else of.reason) or None,
        items=tuple(item(state, of, one) for one in of.plan.items) if of.plan else (),
        places=tuple(
            Place(
                child=name,
                path=one.path,
                branch=one.branch or None,
                worktree=one.worktree,
                commit=of.commits.get(name) or None,
            )
            for name, one in of.places.items()
        ),
        tokens=usage.of_run(state, of),
    )


def item(state: m.State, of: m.Run, one: PlanItem) -> Item:
    """An item of a run's plan."""
    held, status = of.items.get(one.id, m.ItemState()), m.item_status(state, of, one.id)
    unsaid = bool(of.led) and one.human is None and one.id not in of.ordered
    return Item(
        item=one.id,
        title=one.title,
        owner=one.owner,
        depends=one.depends,
        status=status,
        attempts=held.attempts,
        fixes=held.fixes,
        contract=one.contract or None,
        changed=held.changed,
        commit=held.commit or None,
        flag=held.flag or None,
        awaits_lead=status is ItemStatus.READY and unsaid,
        tokens=usage.of_item(state, of, one.id),
    )


def child(state: m.State, agent: m.Agent) -> Child:
    """A child, or the lead."""
    waiting = words.waiting_for(state, agent.name)
    turn = words.current_turn(state, agent.name)
    return Child(
        name=agent.name,
        path=agent.path,
        window=_window(state, agent.name),
        state=words.child_state(state, agent),
        thread=agent.thread or None,
        waiting=waiting.id if waiting else None,
        since=rfc3339(turn.state.at) if turn and isinstance(turn.state, m.TurnActive) else None,
        tokens=agent.tokens,
        branch=agent.git.branch or None,
        head=agent.git.head or None,
        endpoint=agent.endpoint or None,
        docs=agent.repo.docs,
        tests=agent.repo.tests,
        build=agent.repo.build,
        muted=agent.name in state.muted,
    )


def _window(state: m.State, key: str) -> str | None:
    window = state.windows.get(key)
    return window.id if window else None

"""What should be true minus what is true: state + world → effects. Pure.

`World` is what the controller knows of the outside at this moment and never records: which connections are
up, which requests Codex holds open, whether tmux is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from tmuxorch.core import effects as f
from tmuxorch.core import model as m
from tmuxorch.core.decide.lead import to_wake
from tmuxorch.core.decide.patterns import Due, due
from tmuxorch.core.messages import job_id, job_ref, server_ref
from tmuxorch.core.plan import LEAD
from tmuxorch.core.secrets import awaited

FIXED_VIEWS = ("overview", "checkpoints", "controller")


class Link(Struct, frozen=True, kw_only=True):
    """A connection to an agent's server (one that is not ours: to that `endpoint`). `idle` when its thread has no
    active turn; `asking` are open requests.
    """

    generation: int
    endpoint: str = ""
    loaded: bool = False
    idle: bool = False
    asking: frozenset[int | str] = frozenset()


class World(Struct, frozen=True, kw_only=True):
    """The outside, now. `tmux` when windows can be opened: the `views` that people want to have; `keep_finished`
    windows of what has ended stay.

    `dismissed` are views of ours that somebody closed: they stay closed until the next `up`. `wakes`: whether an idle
    lead may be woken.
    """

    tmux: bool = False
    views: tuple[str, ...] = FIXED_VIEWS
    links: dict[str, Link] = {}
    keep_finished: int = 20
    dismissed: frozenset[str] = frozenset()
    wakes: bool = True


def reconcile(state: m.State, world: World) -> list[f.Effect]:
    """The effects that are due, in the order in which they should begin."""
    return [
        *_processes(state, world),
        *_windows(state, world),
        *_links(state, world),
        *_wire(state, world),
        *_repos(state),
        *_workers(state, world),
        *_lead(state, world),
    ]


def _live(state: m.State) -> Iterator[tuple[str, m.Life]]:
    """Reference and life of every process that may exist."""
    for agent in state.agents.values():
        if m.is_live(agent.server):
            yield server_ref(agent.name, agent.generation), agent.server
    for job in state.jobs:
        if m.is_live(job.life):
            yield job_ref(job), job.life


def agent_window(name: str) -> str:
    """The name of an agent's window."""
    return LEAD if name == LEAD else f"app-{name}"


def worker_window(worker: m.Worker) -> str:
    """The name of a worker's window."""
    return f"{worker.id}-{worker.spec.label}"


def check_window(check: m.Check) -> str:
    """The name of a check's window; the check's own id keeps the windows of several runs apart."""
    return f"check-{check.label}"


def window_key(ref: str) -> str:
    """What the window of a process is filed under: the process, less a server's generation or a worker's try."""
    return job_id(ref.partition("#")[0])


def _processes(state: m.State, world: World) -> Iterator[f.Effect]:
    for ref, life in _live(state):
        if isinstance(life, m.Starting) and world.tmux:
            yield f.OpenProcess(ref)
        elif isinstance(life, m.Stopping):
            yield f.StopProcess(ref)


def _windows(state: m.State, world: World) -> Iterator[f.Effect]:
    if not world.tmux:
        return
    for name in world.views:
        if name not in state.windows and name not in world.dismissed:
            yield f.OpenView(name)
    for ref, life in _live(state):
        if isinstance(life, m.Running | m.Stopping) and window_key(ref) not in state.windows:
            yield f.OpenView(window_key(ref))
    for agent in state.agents.values():
        shown = agent.name in state.windows or agent.name in world.dismissed
        if agent.endpoint and agent.is_connectable and not shown:
            yield f.OpenView(agent.name)
    jobs = ((key, state.workers.get(key) or state.checks.get(key)) for key in state.windows)
    ended = [(job.life.at, key) for key, job in jobs if job and isinstance(job.life, m.Exited)]
    for _, key in sorted(ended)[: -world.keep_finished or None]:
        yield f.CloseWindow(key)


def _links(state: m.State, world: World) -> Iterator[f.Effect]:
    for agent in state.agents.values():
        link = world.links.get(agent.name)
        connected = link is not None and (agent.endpoint or link.generation == agent.generation)
        if agent.is_connectable and not connected:
            yield f.Connect(agent.name, agent.generation)
    for name, link in world.links.items():
        known = state.agents.get(name)
        if link.endpoint and (known is None or known.endpoint != link.endpoint or not _is_used(known, link)):
            yield f.Disconnect(name)


def _is_used(agent: m.Agent, link: Link) -> bool:
    """Whether a connection to a server that is not ours is wanted, as far as it is known already."""
    return agent.wanted and (agent.ready or not link.loaded)


def _wire(state: m.State, world: World) -> Iterator[f.Effect]:
    for turn in state.turns.values():
        link = world.links.get(turn.agent)
        if link is None or not link.loaded:
            continue
        match turn.state:
            case m.TurnSent(generation=generation) if generation == link.generation and link.idle:
                if not awaited(state, turn):
                    yield f.SendTurn(turn.id)
            case m.TurnActive(interrupting=interrupting):
                yield from (f.SendSteer(turn.id, number, text) for number, text in turn.steers)
                if interrupting:
                    yield f.SendInterrupt(turn.id)
            case _:
                pass
    for checkpoint in state.checkpoints.values():
        origin = checkpoint.origin
        if isinstance(checkpoint.state, m.Answered) and isinstance(origin, m.FromServer):
            link = world.links.get(origin.agent)
            if link and link.generation == origin.generation and origin.request in link.asking:
                yield f.Reply(checkpoint.id)


def _lead(state: m.State, world: World) -> Iterator[f.Effect]:
    link = world.links.get(LEAD)
    if world.wakes and link and link.loaded and link.idle and to_wake(state):
        yield f.WakeLead()


def _repos(state: m.State) -> Iterator[f.Effect]:
    """Places that items need, and commits of what is proved; not while a human is asked about them."""
    run = state.active_run
    if run is None or run.plan is None or run.phase not in (m.Phase.EXECUTE, m.Phase.VERIFY):
        return
    asked = {
        checkpoint.origin
        for checkpoint in state.checkpoints.values()
        if isinstance(checkpoint.origin, m.FromPlace | m.FromCommit) and checkpoint.is_open
    }
    if run.phase is m.Phase.VERIFY:
        for child in run.committing:
            if m.FromCommit(run=run.id, item="", child=child) not in asked:
                yield f.CommitWork(run.id, "", child)
        return
    for child in m.owners(run):
        if child not in run.places and m.FromPlace(run=run.id, child=child) not in asked:
            yield f.PreparePlace(run.id, child)
    for item in run.plan.items:
        if isinstance(run.items[item.id].progress, m.ItemCommitting):
            yield f.CommitWork(run.id, item.id, item.owner)


def _workers(state: m.State, world: World) -> Iterator[f.Effect]:
    """Commands for workers that have ended; of runs of patterns, what they wait for."""
    for worker in state.workers.values():
        if worker.hook is m.Hook.DUE:
            yield f.RunHook(worker.id)
    for run in state.patterns.values():
        match due(state, run):
            case Due.STEP if world.tmux:
                yield f.PrepareStep(run.id, len(run.workers))
            case Due.RESULT:
                yield f.CurateResult(run.id)
            case _:
                pass

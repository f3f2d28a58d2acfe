"""What is true in every state of every story, and what none may hold twice."""

from __future__ import annotations

from collections import Counter

from tests.core import chance, chance_lead
from tests.core.play import Story
from tests.core.play_workers import wanted_of_patterns
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.leases import claims, overlap
from tmuxorch.core.plan import LEAD

LIMITS = msg.Settings(
    turns=2,
    exec_workers=2,
    checks=2,
    plan_repairs=1,
    crashes=1,
    retries=1,
    hook=True,
    tests={"mobile": ("t",)},
)


def lawful(story: Story) -> None:
    """What is true in every state."""
    state = story.state
    flying = [turn for turn in state.turns.values() if isinstance(turn.state, m.TurnSent | m.TurnActive)]
    assert max(Counter(turn.agent for turn in flying).values(), default=0) <= 1
    of_lead = (m.Purpose.WAKE, m.Purpose.TALK)
    assert sum(turn.purpose not in of_lead for turn in flying) <= LIMITS.turns
    live = [check.child for check in state.checks.values() if m.is_live(check.life)]
    assert len(live) == len(set(live)) <= LIMITS.checks
    assert sum(m.is_live(worker.life) for worker in state.workers.values()) <= LIMITS.exec_workers
    assert sum(run.active for run in state.runs.values()) <= 1
    for turn in flying:
        assert isinstance(turn.state, m.TurnSent | m.TurnActive)
        assert turn.state.generation == state.agents[turn.agent].generation
        if turn.run and not state.runs[turn.run].active and isinstance(turn.state, m.TurnActive):
            assert turn.state.interrupting, f"{turn.id} works on for a run that has ended"
    for checkpoint in state.checkpoints.values():
        if checkpoint.is_open:
            assert _has_an_asker(state, checkpoint.origin), checkpoint
    if state.active_run:
        assert _waits_for_something(story, state.active_run), state.active_run.phase
        lawful_work(story, state.active_run)
    lawful_leases(state)
    lawful_patterns(state)


def lawful_leases(state: m.State) -> None:
    """Nobody writes where somebody else does."""
    all_claims = claims(state)
    assert len({claim.holder for claim in all_claims}) == len(all_claims)
    held = [claim for claim in all_claims if claim.held]
    for number, claim in enumerate(held):
        assert not any(overlap(claim.paths, other.paths) for other in held[:number]), held


def lawful_patterns(state: m.State) -> None:
    """A run that has not ended waits for workers that have not, or for one thing that is due for it."""
    due = Counter(effect.pattern for effect in wanted_of_patterns(state))
    for run in state.patterns.values():
        busy = [one for one in run.all_workers if not isinstance(state.workers[one].life, m.Exited)]
        assert due[run.id] == (not run.end and not busy)
        assert not run.end or not busy
        assert len(run.workers) <= len(run.steps)


def lawful_work(story: Story, run: m.Run) -> None:
    """What is true of all work on items."""
    at_work = m.ItemWorking | m.ItemChecking | m.ItemCommitting
    owners = [
        item.owner
        for item in (run.plan.items if run.plan else ())
        if isinstance(run.items[item.id].progress, at_work)
    ]
    assert len(owners) == len(set(owners)), "two items of one owner at once"
    for turn in story.state.turns.values():
        if turn.run == run.id and turn.writes and turn.over is None:
            assert run.places[turn.agent].settled
    for check in story.state.checks.values():
        if check.run == run.id and check.stage is m.Stage.ITEM:
            assert check.cwd == run.places[check.child].path


def _has_an_asker(state: m.State, origin: m.Origin) -> bool:
    match origin:
        case m.FromServer(agent=name, generation=generation):
            agent = state.agents[name]
            return agent.generation == generation and (m.is_live(agent.server) or bool(agent.endpoint))
        case m.FromPlan(run=run):
            return state.runs[run].phase is m.Phase.GATE
        case m.FromHumanItem(run=run, item=item) | m.FromItem(run=run, item=item):
            return isinstance(state.runs[run].items[item].progress, m.ItemDeciding)
        case m.FromRun(run=run):
            return state.runs[run].active
        case m.FromPlace(run=run, child=child):
            return state.runs[run].phase is m.Phase.EXECUTE and child in m.owners(state.runs[run])
        case m.FromCommit(run=run, item="", child=child):
            return state.runs[run].phase is m.Phase.VERIFY and child in state.runs[run].committing
        case m.FromCommit(run=run, item=item):
            return isinstance(state.runs[run].items[item].progress, m.ItemDeciding)
        case m.FromReplan(run=run, number=number):
            replan = state.runs[run].replan
            return replan is not None and replan.number == number
        case m.FromPause(account=account):
            return account in state.refusals
        case m.FromAgent(agent=name):
            agent = state.agents[name]
            unreached = agent.is_connectable and not agent.ready
            return unreached or (agent.wanted and isinstance(agent.server, m.Exited))
        case m.FromWorker(worker=name):
            return isinstance(state.workers[name].life, m.Running)
        case m.FromLead(run=run):
            return not run or state.runs[run].active
        case m.FromWake():
            return state.lead.open


def _waits_for_something(story: Story, run: m.Run) -> bool:
    """Whether something outside is still to come; a run for which nothing is would be stuck for ever."""
    state = story.state
    return (
        bool(story.due())
        or any(turn.over is None for turn in state.turns.values())
        or any(not isinstance(check.life, m.Exited) for check in state.checks.values())
        or any(checkpoint.is_open for checkpoint in state.checkpoints.values())
        or bool(chance_lead.moves(run))
        or any(not state.agents[name].ready for name in (*run.children, LEAD))
    )


def happened_once(story: Story) -> None:
    """What no story may hold twice."""
    events = [event for _, event in story.journal]
    done = Counter(
        (x.run, x.item) for x in events if isinstance(x, e.ItemMoved) and isinstance(x.progress, m.ItemDone)
    )
    answered = Counter(x.id for x in events if isinstance(x, e.CheckpointAnswered))
    ended = Counter(x.id for x in events if isinstance(x, e.CheckpointClosed | e.CheckpointLapsed))
    over = Counter(x.id for x in events if isinstance(x, e.TurnEnded))
    exited = Counter(x.id for x in events if isinstance(x, e.JobExited))
    sent = Counter(x.id for x in events if isinstance(x, e.TurnSending))
    committed = Counter((x.run, x.item, x.child) for x in events if isinstance(x, e.WorkCommitted))
    servers = Counter((x.name, x.generation) for x in events if isinstance(x, e.ServerStarting))
    hooked = Counter(x.id for x in events if isinstance(x, e.HookWanted))
    assert set(hooked) == {job for job in exited if job in story.state.workers}
    queued = Counter(x.id for x in events if isinstance(x, e.WorkerQueued))
    patterns = Counter(x.id for x in events if isinstance(x, e.PatternEnded))
    steps = Counter(name for x in events if isinstance(x, e.StepBegun) for name in x.workers)
    for reopened in (
        x.id for x in events if isinstance(x, e.CheckpointReopened)
    ):  # once more for each secret lost
        answered[reopened] -= 1
        ended[reopened] -= 1
        origin = story.state.checkpoints[reopened].origin
        if isinstance(origin, m.FromHumanItem):
            done[origin.run, origin.item] -= 1
    for counted in (done, answered, ended, over, exited, servers, committed, hooked, queued, patterns, steps):
        assert max(counted.values(), default=0) <= 1, counted
    put_off = Counter(x.id for x in events if isinstance(x, e.TurnRequeued) and x.paused)
    assert max((sent - put_off).values(), default=0) <= 2
    nothing_is_begun_in_a_pause(events)
    chance_lead.leads_itself(events)
    writers = {x.id: x for x in events if isinstance(x, e.TurnQueued) and x.writes}
    planned = {item.owner for run in story.state.runs.values() if run.plan for item in run.plan.items}
    assert {turn.agent for turn in writers.values()} <= planned | set(chance.CHILDREN)


def nothing_is_begun_in_a_pause(events: list[e.Event]) -> None:
    """Of an account that is refused no turn is sent and no worker started."""
    paused, accounts, agents = set[str](), dict[str, str](), dict[str, str]()
    for event in events:
        match event:
            case e.Paused(account=account):
                paused.add(account)
            case e.Resumed(account=account):
                paused.discard(account)
            case e.AgentAdded(name=name, endpoint=endpoint):
                accounts[name] = endpoint or m.OURS
            case e.TurnQueued(id=turn, agent=agent):
                agents[turn] = agent
            case e.TurnSending(id=turn):
                assert accounts[agents[turn]] not in paused, event
            case e.JobStarting(id=job) if job.startswith("W"):
                assert m.OURS not in paused, event
            case _:
                pass

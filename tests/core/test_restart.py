"""Whatever happens in whatever order, the journal alone gives the state, and what must happen once happens
once.

Every step of these stories is also a restart: `Story.tell` folds the journal as it is on disk and compares.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core import chance
from tests.core.play import Story, executing
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.core.reconcile import Link, World, reconcile
from tmuxorch.errors import Bug, TmuxorchError

LIMITS = msg.Settings(turns=2, exec_workers=1, checks=2, plan_repairs=1, crashes=1, tests={"mobile": ("t",)})

STEPS = st.lists(st.integers(0, 2**16), min_size=20, max_size=80)
"""Each number chooses what happens next: mostly what brings the work on, often enough what disturbs it."""

CALM = st.sampled_from([1, 3, 9, 30])
"""One step of this many, and one more, disturbs."""

BEGINNINGS = st.sampled_from([None, *range(len(chance.PLANS))])
"""A project in which nothing happened yet, or a run that executes one of the plans."""


def play(beginning: int | None, steps: list[int], calm: int) -> Story:
    """The story of these steps."""
    if beginning is None:
        story = Story(LIMITS)
        story.project(*chance.CHILDREN)
    else:
        story = executing(*chance.PLANS[beginning], settings=LIMITS)
    for step in steps:
        forward, trouble = chance.messages(story)
        options = trouble if step % (calm + 1) == 0 or not forward else forward
        _happens(story, options[step // (calm + 1) % len(options)])
        lawful(story)
    return story


def _happens(story: Story, message: msg.Message) -> None:
    before = story.state
    try:
        story.tell(message)
    except Bug:
        raise
    except TmuxorchError:
        assert story.state == before


def lawful(story: Story) -> None:
    """What is true in every state."""
    state = story.state
    flying = [turn for turn in state.turns.values() if isinstance(turn.state, m.TurnSent | m.TurnActive)]
    assert max(Counter(turn.agent for turn in flying).values(), default=0) <= 1
    assert len(flying) <= LIMITS.turns
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
        assert _waits_for_something(state, state.active_run), state.active_run.phase


def _has_an_asker(state: m.State, origin: m.Origin) -> bool:
    match origin:
        case m.FromServer(agent=name, generation=generation):
            agent = state.agents[name]
            return agent.generation == generation and m.is_live(agent.server)
        case m.FromPlan(run=run):
            return state.runs[run].phase is m.Phase.GATE
        case m.FromHumanItem(run=run, item=item) | m.FromItem(run=run, item=item):
            return isinstance(state.runs[run].items[item].progress, m.ItemDeciding)
        case m.FromRun(run=run):
            return state.runs[run].active
        case m.FromPlace(run=run) | m.FromCommit(run=run):
            return state.runs[run].phase is m.Phase.EXECUTE
        case m.FromReplan(run=run, number=number):
            replan = state.runs[run].replan
            return replan is not None and replan.number == number
        case m.FromPause(account=account):
            return account in state.pauses
        case m.FromAgent(agent=name):
            return state.agents[name].wanted and isinstance(state.agents[name].server, m.Exited)
        case m.FromWorker():
            return False


def _waits_for_something(state: m.State, run: m.Run) -> bool:
    """Whether something outside is still to come; a run for which nothing is would be stuck for ever."""
    return (
        any(turn.over is None for turn in state.turns.values())
        or any(not isinstance(check.life, m.Exited) for check in state.checks.values())
        or any(checkpoint.is_open for checkpoint in state.checkpoints.values())
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
    servers = Counter((x.name, x.generation) for x in events if isinstance(x, e.ServerStarting))
    for counted in (done, answered, ended, over, exited, servers):
        assert max(counted.values(), default=0) <= 1, counted
    assert max(sent.values(), default=0) <= 2
    writers = {x.id: x for x in events if isinstance(x, e.TurnQueued) and x.writes}
    planned = {item.owner for run in story.state.runs.values() if run.plan for item in run.plan.items}
    assert {turn.agent for turn in writers.values()} <= planned | set(chance.CHILDREN)


def at_rest(story: Story) -> None:
    """A message that says nothing new causes nothing, and the effects that are due have one key each."""
    for agent in story.state.agents.values():
        assert story.tell(msg.SawGit(agent=agent.name, git=agent.git)) == []
    links = {
        name: Link(generation=agent.generation, loaded=True, idle=True)
        for name, agent in story.state.agents.items()
    }
    effects = reconcile(story.state, World(tmux=True, links=links))
    keys = [effect.key for effect in effects]
    assert len(keys) == len(set(keys))


@settings(max_examples=80)
@given(BEGINNINGS, STEPS, CALM)
def test_any_story_keeps_the_law(beginning: int | None, steps: list[int], calm: int) -> None:
    story = play(beginning, steps, calm)
    happened_once(story)
    at_rest(story)


@settings(max_examples=30)
@given(BEGINNINGS, STEPS, CALM)
def test_any_story_comes_to_its_end_once_nothing_disturbs_it(
    beginning: int | None, steps: list[int], calm: int
) -> None:
    story = play(beginning, steps, calm)
    for name in (*chance.CHILDREN, LEAD):
        if name in story.state.agents:
            story.tell(msg.WantAgent(name=name, wanted=True, by="ann"))
    for _ in range(300):
        forward, _ = chance.messages(story)
        if story.state.run and not story.state.run.active:
            return
        story.tell(forward[0])
    raise AssertionError(f"{story.run.id} is still in {story.run.phase}")

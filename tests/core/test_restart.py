"""Whatever happens in whatever order, the journal alone gives the state, and what must happen once happens
once.

Every step of these stories is also a restart: `Story.tell` folds the journal as it is on disk and compares.
"""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core import chance, chance_lead, chance_workers, play_led
from tests.core.lawful import LIMITS, happened_once, lawful
from tests.core.play import Story, accepted
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.core.reconcile import Link, World, reconcile
from tmuxorch.errors import Bug, Refused, TmuxorchError

CONFIGURATIONS = (
    LIMITS,
    replace(LIMITS, commit="item", dirty="worktree"),
    replace(LIMITS, isolation="worktree", commit="run"),
    replace(LIMITS, commit="item", dirty="proceed", attempts=1, read_timeout=5.0),
)
"""What may be in force, and may be edited while things happen."""

NO_WRITERS = replace(LIMITS, references=frozenset({"mobile"}))
"""With this no run can come to a good end, because mobile owns items."""

STEPS = st.lists(st.integers(0, 2**16), min_size=20, max_size=80)
"""Each number chooses what happens next: mostly what brings the work on, often enough what disturbs it."""

CALM = st.sampled_from([1, 3, 9, 30])
"""One step of this many, and one more, disturbs."""

LED = 100

BEGINNINGS = st.sampled_from([None, -1, *(n + led for n in range(len(chance.PLANS)) for led in (0, LED))])
"""A project in which nothing happened yet, or workers and patterns only; or a run that executes one of the plans; from
LED on, one that is led.
"""


def play(beginning: int | None, steps: list[int], calm: int, *configurations: msg.Settings) -> Story:
    """The story of these steps, with one configuration after the other."""
    first = configurations[len(steps) % len(configurations)]
    if beginning is None or beginning < 0:
        story = Story(first)
        story.project(*chance.CHILDREN)
        if beginning is not None:
            chance_workers.begin(story)
    else:
        story = (
            _led(beginning - LED) if beginning >= LED else accepted(*chance.PLANS[beginning], settings=LIMITS)
        )
        story.settings = first
        if len(steps) % 2:
            chance_workers.begin(story)
    for step in steps:
        if step % 37 == 0:
            story.settings = configurations[step // 37 % len(configurations)]
        forward, trouble = chance.messages(story)
        options = trouble if step % (calm + 1) == 0 or not forward else forward
        _happens(story, options[step // (calm + 1) % len(options)])
        lawful(story)
    return story


def _led(plan: int) -> Story:
    """A led run that executes that plan; people talk to the lead."""
    by = chance_lead.LEADERS[1 + plan % 2]
    story = play_led.executing(*chance.PLANS[plan], contracts=(play_led.TOKEN,), by=by, settings=LIMITS)
    return play_led.opened(story)


def _happens(story: Story, message: msg.Message) -> None:
    before = story.state
    try:
        story.tell(message)
    except Bug:
        raise
    except TmuxorchError:
        assert story.state == before
    else:
        due = story.alarm()
        assert due is None or due > story.now, "the clock is asked for what is past"
        chance_lead.tells_who_leads(before, story.state)


def at_rest(story: Story) -> None:
    """A message that says nothing new causes nothing, and the effects that are due have one key each."""
    for agent in story.state.agents.values():
        story.now -= 1  # no time passes, in which something could become due
        assert story.tell(msg.SawGit(agent=agent.name, git=agent.git)) == []
    links = {
        name: Link(generation=agent.generation, loaded=True, idle=True)
        for name, agent in story.state.agents.items()
    }
    effects = reconcile(story.state, World(tmux=True, links=links))
    keys = [effect.key for effect in effects]
    assert len(keys) == len(set(keys))


@settings(max_examples=50)
@given(BEGINNINGS, STEPS, CALM)
def test_any_story_keeps_the_law(beginning: int | None, steps: list[int], calm: int) -> None:
    story = play(beginning, steps, calm, *CONFIGURATIONS)
    happened_once(story)
    at_rest(story)


@settings(max_examples=12)
@given(BEGINNINGS, STEPS, CALM)
def test_nobody_ever_writes_in_a_reference(beginning: int | None, steps: list[int], calm: int) -> None:
    story = play(beginning, steps, calm, NO_WRITERS)
    happened_once(story)
    at_rest(story)
    assert not [turn for turn in story.state.turns.values() if turn.writes and turn.agent == "mobile"]


def _all_over(state: m.State) -> bool:
    """Whether every job and every run of a pattern has ended."""
    jobs = all(isinstance(job.life, m.Exited) for job in state.jobs)
    return jobs and all(run.end for run in state.patterns.values())


def _kept(story: Story, refused: msg.Message) -> msg.Message:
    """What a human does with a change of the plan that does not fit any more: keeps the plan, as the hint says."""
    assert isinstance(refused, msg.AnswerCheckpoint)
    assert isinstance(story.state.checkpoints[refused.id].origin, m.FromReplan)
    return replace(refused, answer=m.Answer(choice="keep"))


@settings(max_examples=20)
@given(BEGINNINGS, STEPS, CALM)
@example(4, [0, 0, 0, 0, 30553, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], 3)  # a change that does not fit
def test_any_story_comes_to_its_end_once_nothing_disturbs_it(
    beginning: int | None, steps: list[int], calm: int
) -> None:
    story = play(beginning, steps, calm, *CONFIGURATIONS)
    for name in (*chance.CHILDREN, LEAD):
        if name in story.state.agents:
            story.tell(msg.WantAgent(name=name, wanted=True, by="ann"))
    for _ in range(300):
        forward, _ = chance.messages(story)
        if story.state.run and not story.state.run.active and _all_over(story.state):
            return
        try:
            story.tell(forward[0])
        except Refused:
            story.tell(_kept(story, forward[0]))
    raise AssertionError(f"{story.run.id} is still in {story.run.phase}")

"""A plan of 60 items: everybody works as much as they may, nothing is begun too early, and it reads back whole."""

from __future__ import annotations

from tests.core.play import Story, executing, task
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.ledger import plan_md

CHILDREN = ("backend", "mobile", "web")
COUNT = 60
TURNS = 2


def _tasks() -> list[tuple[str, str, tuple[str, ...]]]:
    """Id, owner, dependencies: each waits for its owner's item before, every tenth for all three before it."""
    found = []
    for number in range(1, COUNT + 1):
        before = range(number - 3, number) if number % 10 == 0 else (number - 3,)
        depends = tuple(str(one) for one in before if one > 0)
        found.append((str(number), CHILDREN[number % 3], depends))
    return found


def test_sixty_items_are_done_in_order_by_as_many_as_may() -> None:
    tasks = _tasks()
    settings = msg.Settings(turns=TURNS)
    story = executing(
        *(task(name, owner, *depends) for name, owner, depends in tasks), children=CHILDREN, settings=settings
    )
    busiest = 0
    while story.run.phase is m.Phase.EXECUTE:
        working = [turn for turn in story.state.turns.values() if turn.over is None]
        owners = [turn.agent for turn in working]
        assert len(set(owners)) == len(owners) <= TURNS
        busiest = max(busiest, len(owners))
        if working:
            story.finishes(owners[0])
        else:
            story.check_ends(True)
    assert busiest == TURNS
    _each_began_after_what_it_needs(story, {name: depends for name, _, depends in tasks})
    _ends_well(story)


def _each_began_after_what_it_needs(story: Story, needs: dict[str, tuple[str, ...]]) -> None:
    done: set[str] = set()
    for _, event in story.journal:
        if isinstance(event, e.TurnQueued) and event.item:
            assert done >= set(needs[event.item]), event.item
        elif isinstance(event, e.ItemMoved) and isinstance(event.progress, m.ItemDone):
            done.add(event.item)
    assert len(done) == COUNT


def _ends_well(story: Story) -> None:
    while story.run.phase is m.Phase.VERIFY:
        story.check_ends(True)
    story.finishes(LEAD, "All is done.")
    assert story.run.end is not None
    assert story.run.end.outcome is m.RunOutcome.SUCCEEDED


def test_sixty_items_read_back_as_they_were_written() -> None:
    story = executing(*(task(name, owner, *depends) for name, owner, depends in _tasks()), children=CHILDREN)
    plan = story.run.plan
    assert plan is not None
    assert len(plan.items) == COUNT
    assert plan_md.parse(plan_md.render(plan)) == plan

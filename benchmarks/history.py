"""What a project that is long in use has recorded: workers that came and went, and a run with a plan."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve import evolve
from tmuxorch.core.plan import Plan, PlanItem

NOW = 1_763_683_200.0
EVENTS_EACH = 5


def events(workers: int) -> Iterator[e.Event]:
    """Everything recorded of that many workers, one after the other; EVENTS_EACH of each."""
    for number in range(1, workers + 1):
        worker, thread = f"W{number}", f"019aa1b2-0000-7000-8000-{number:012d}"
        task = f"Look for what breaks when a device of generation {number} asks for its token twice in a row."
        spec = m.WorkerSpec(label="tokens", role="reviewer", task=task, cwd="/srv/repos/backend")
        tokens = m.Tokens(input=40_000 + number, cached=30_000, output=900)
        yield e.WorkerQueued(id=worker, spec=spec)
        yield e.JobStarting(id=worker)
        yield e.JobStarted(id=worker, pid=10_000 + number, host_pid=20_000 + number)
        yield e.WorkerSeen(id=worker, thread=thread)
        yield e.JobExited(
            id=worker, outcome=m.Outcome.SUCCEEDED, code=0, seconds=81.5, tokens=tokens, thread=thread
        )


@cache
def state(workers: int) -> m.State:
    """The state after `events(workers)`, the windows of the newest 20 still open."""
    found = m.State()
    for number, event in enumerate(events(workers)):
        found = evolve(found, event, NOW + number)
    for number in range(max(1, workers - 19), workers + 1):
        window = m.Window(id=f"@{number}", pane=f"%{number}")
        found = evolve(found, e.WindowOpened(key=f"W{number}", window=window), NOW)
    return found


CHILDREN = ("backend", "edge", "frontend")


@cache
def executing(items: int) -> m.State:
    """A run in the middle of a plan of that many items: half of them are done, the next ones can begin."""
    found = m.State()
    for number, event in enumerate(_run(items)):
        found = evolve(found, event, NOW + number)
    return found


def _run(items: int) -> Iterator[e.Event]:
    each = len(CHILDREN)
    planned = tuple(
        PlanItem(
            id=str(number),
            title=f"Step {number}",
            owner=CHILDREN[number % each],
            depends=(str(number - each),) if number > each else (),
            scope=("src",),
            verification=("make test",),
        )
        for number in range(1, items + 1)
    )
    yield e.RunStarted(id="R1", problem="they disagree", children=CHILDREN, auto=True)
    for name in CHILDREN:
        yield e.AgentAdded(name=name, path=f"/srv/repos/{name}")
        yield e.AgentWanted(name=name, wanted=False, by="ann")
    for phase in (m.Phase.UNDERSTAND, m.Phase.PLAN):
        yield e.PhaseEntered(run="R1", phase=phase)
    yield e.PlanProposed(run="R1", plan=Plan(objective="Make them agree", items=planned))
    for phase in (m.Phase.GATE, m.Phase.EXECUTE):
        yield e.PhaseEntered(run="R1", phase=phase)
    for name in CHILDREN:
        place = m.Place(path=f"/srv/repos/{name}", branch="main", head="0" * 40)
        yield e.PlaceRecorded(run="R1", child=name, place=place)
    for number, item in enumerate(planned[: items // 2], 1):
        yield from _done(f"T{number}", f"K{number}", item)


def _done(turn: str, check: str, item: PlanItem) -> Iterator[e.Event]:
    yield e.TurnQueued(id=turn, agent=item.owner, purpose=m.Purpose.ITEM, run="R1", item=item.id, writes=True)
    yield e.ItemMoved(run="R1", item=item.id, progress=m.ItemWorking(turn=turn))
    yield e.TurnEnded(id=turn, outcome=m.TurnOutcome.COMPLETED, message="I did it.")
    yield e.CheckQueued(
        id=check,
        run="R1",
        stage=m.Stage.ITEM,
        item=item.id,
        number=1,
        child=item.owner,
        cwd=f"/srv/repos/{item.owner}",
        command="make test",
    )
    yield e.ItemMoved(run="R1", item=item.id, progress=m.ItemChecking(checks=(check,)), changed=("src/a.py",))
    yield e.JobExited(id=check, outcome=m.Outcome.SUCCEEDED, code=0, seconds=1.0)
    yield e.ItemMoved(run="R1", item=item.id, progress=m.ItemDone())

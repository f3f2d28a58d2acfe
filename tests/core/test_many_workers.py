"""Hundreds of workers wait, and thousands have ended: what happens is decided as fast as ever."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from time import process_time

from msgspec.structs import replace

from tests.core.play import Story
from tests.core.play_workers import PASSING, REFUSED, spec, worker
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import decide
from tmuxorch.core.leases import claims, waits_for
from tmuxorch.core.reconcile import World, reconcile
from tmuxorch.core.schedule import next_due

ENDED, WAITING = 5000, 300
SETTINGS = msg.Settings(exec_workers=1000)

QUICK = 0.05
"""Seconds that a decision may take here: several times what it takes, and a tenth of what comparing all takes."""


@cache
def crowd() -> m.State:
    """Who could begin has begun; W5301 is the next one."""
    workers = {}
    for number in range(1, ENDED + WAITING + 1):
        of = spec(f"/r/p{number % 40}/a", f"/r/q{number % 30}")
        life: m.Life = m.Exited(at=1.0, outcome=m.Outcome.SUCCEEDED)
        if number > ENDED:
            life = m.Queued(at=float(number))
        name = f"W{number}"
        workers[name] = m.Worker(id=name, spec=of, life=life, queued=float(number))
    state = m.State(workers=workers, counters={"W": ENDED + WAITING})
    state, _ = decide(state, msg.Tick(), SETTINGS, 1e5)
    return state


def takes(message: msg.Message) -> float:
    """Seconds that it takes to decide about `message`, at its best: others may use this machine too."""
    return min(_taken(message) for _ in range(5))


def _taken(message: msg.Message) -> float:
    before = process_time()
    state, _ = decide(crowd(), message, SETTINGS, 1e5)
    next_due(state, SETTINGS)
    return process_time() - before


def test_whatever_happens_in_a_crowd_is_decided_at_once() -> None:
    live = next(one for one in crowd().workers.values() if m.is_live(one.life))
    ended = msg.ProcessEnded(ref=live.id, outcome=m.Outcome.SUCCEEDED)
    assert takes(msg.Tick()) < QUICK
    assert takes(worker("W5301", "/r")) < QUICK
    assert takes(ended) < QUICK
    assert takes(replace(ended, **PASSING)) < QUICK
    assert takes(replace(ended, **REFUSED)) < QUICK


def test_the_crowd_waits_for_whom_it_should() -> None:
    state = crowd()
    all_claims = claims(state)
    live = [one.id for one in state.workers.values() if m.is_live(one.life)]
    assert len(all_claims) == WAITING
    assert live
    for one in all_claims:
        assert bool(waits_for(all_claims, one.holder)) == (one.holder not in live)
    assert len(reconcile(state, World(tmux=True))) >= len(live)


def test_of_many_on_one_path_each_has_its_turn() -> None:
    story = Story()
    names = [f"W{number}" for number in range(1, 61)]
    for name in names:
        story.tell(worker(name, "/r"))
    while live := [one.id for one in story.state.workers.values() if m.is_live(one.life)]:
        (name,) = live
        story.ends(name)
    begun = [event.id for _, event in story.journal if isinstance(event, e.JobStarting)]
    assert begun == names
    ends = [at for at, event in story.journal if isinstance(event, e.JobExited)]
    assert all(one < other for one, other in pairwise(ends))

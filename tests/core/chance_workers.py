"""What could happen next to workers and patterns; see chance."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tests.core.play import Story
from tests.core.play_workers import (
    MISFIT,
    PASSING,
    REFUSED,
    done,
    mend,
    prepared,
    review,
    spec,
    wanted_of_patterns,
    worker,
)
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m

LEASES = ((), ("/repos/backend",), ("/repos/backend/src", "/elsewhere"), ("/repos",), ("/trees/mobile",))


def begin(story: Story) -> None:
    """Two patterns and a worker are under way."""
    story.tell(mend("/repos/backend", "one", "two"))
    story.tell(review("errors", "tests"))
    for run in ("P1", "P2"):
        story.tell(prepared(story.state, story.state.patterns[run]))
    story.tell(worker("W5", "/repos/backend/src"))


def forward(story: Story) -> Iterator[msg.Message]:
    """What brings them on."""
    for effect in wanted_of_patterns(story.state):
        yield done(story.state, effect)
    for one in story.state.workers.values():
        if one.hook is m.Hook.DUE:
            yield msg.HookDone(id=one.id)
        if isinstance(one.life, m.Running):
            yield from (replace(_ended(one), **how) for how in (PASSING, MISFIT))


def trouble(story: Story) -> Iterator[msg.Message]:
    """What disturbs: more of them, and all that may go wrong."""
    state, number = story.state, len(story.state.workers) + 1
    yield worker(f"W{number}", *LEASES[len(story.journal) % len(LEASES)])
    yield worker(f"W{number + 2}", resume="t0")
    yield review("errors", "tests")
    yield mend("/repos/backend", "one", "two")
    for one in state.workers.values():
        yield from _of_worker(story, one)
    for run in state.patterns.values():
        yield from _of_pattern(state, run)


def _of_worker(story: Story, one: m.Worker) -> Iterator[msg.Message]:
    if m.is_live(one.life):
        for how in (PASSING, MISFIT, REFUSED):
            yield replace(_ended(one), **how, tokens=m.Tokens(len(story.journal), 1, 2))
        yield replace(_ended(one), ref=one.id, outcome=m.Outcome.SUCCEEDED)  # of its first try
    yield msg.WorkerTold(id=one.id, thread=f"t{one.attempt}")
    yield msg.WorkerSilent(id=one.id, since=story.now - 1000)
    yield msg.WorkerSpoke(id=one.id)
    yield msg.WorkerHasNoPlace(id=one.id, reason="no commit yet")
    yield msg.HookDone(id=one.id, problem="exit status 1")
    place = m.WorkerPlace(repo="/repos", path=f"/state/{one.id}", branch=f"tmuxorch/{one.id}", base="b" * 40)
    yield msg.WorkerHasPlace(id=one.id, place=place)


def _ended(one: m.Worker) -> msg.ProcessEnded:
    return msg.ProcessEnded(ref=msg.job_ref(one), outcome=m.Outcome.LOST)


def _of_pattern(state: m.State, run: m.PatternRun) -> Iterator[msg.Message]:
    yield msg.StopPattern(id=run.id, by="ann")
    yield msg.StepImpossible(pattern=run.id, reason="no such role")
    yield msg.PatternCurated(pattern=run.id, failed="the verdict is fail")
    if len(run.workers) < len(run.steps):
        yield prepared(state, run)
    first = (f"W{len(state.workers) + 1}", spec())
    yield msg.StepPrepared(pattern=run.id, step=0, workers=(first,))

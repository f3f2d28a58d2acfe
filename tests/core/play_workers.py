"""What stories tell of workers and patterns."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.core.play import Story
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.pattern import Answer, Parameter, Pattern, Step, parts
from tmuxorch.core.reconcile import World, reconcile

PASSING: dict[str, Any] = {"outcome": m.Outcome.FAILED, "code": 1, "reason": "at capacity", "passing": True}
"""A try that failed by what another one may overcome."""

LOST: dict[str, Any] = {"outcome": m.Outcome.LOST, "reason": "its host is gone"}
"""A try that nobody saw the end of."""

REFUSED: dict[str, Any] = {
    "outcome": m.Outcome.FAILED,
    "code": 1,
    "reason": "usage limit",
    "limit": m.Limit(kind=m.LimitKind.USAGE),
}
"""A try whose account was refused."""

DONE: dict[str, Any] = {"outcome": m.Outcome.SUCCEEDED, "code": 0}
"""A try that came to its end."""

MISFIT: dict[str, Any] = {"outcome": m.Outcome.SUCCEEDED, "thread": "t1", "misfit": "no JSON"}
"""A try whose answer has another form than was asked for."""

REVIEW = Pattern(
    name="review",
    title="Review",
    about="Several look at one thing, and one says what it comes to.",
    parameters={"lens": Parameter(about="what to look for", min=1, max=4)},
    steps=(
        Step(name="look", role="reviewer", task="{{task}}", over="lens", answer=Answer.FINDINGS),
        Step(name="sum-up", role="free", task="Sum up.", needs=("look",), answer=Answer.BRIEF),
    ),
)

MEND = Pattern(
    name="mend",
    title="Mend",
    about="Each section is mended, then all is looked at.",
    parameters={"section": Parameter(about="what to mend", min=1, max=4)},
    steps=(
        Step(name="mend", role="implementer", task="{{section}}", over="section", edit=True),
        Step(name="verify", role="verifier", task="{{task}}", needs=("mend",), answer=Answer.VERDICT),
    ),
)


def spec(*lease: str, **more: Any) -> m.WorkerSpec:
    """A scout that reads; with a lease, somebody who may edit there."""
    kind = {"label": "fix", "role": "implementer", "scope": "edit"} if lease else {}
    scout = m.WorkerSpec(label="scout", role="scout", task="find the token", cwd="/repos", lease=lease)
    return replace(scout, **{**kind, **more})


def worker(id: str, *lease: str, **more: Any) -> msg.QueueWorker:
    """Somebody wants a worker: one that reads, or with a lease, one that edits there."""
    return msg.QueueWorker(id=id, spec=spec(*lease, **more))


def at_work(*lease: str, settings: msg.Settings | None = None, **more: Any) -> Story:
    """W1 runs."""
    story = Story(settings)
    story.tell(worker("W1", *lease, **more))
    story.starts("W1")
    return story


def one(story: Story, name: str = "W1") -> m.Worker:
    """The worker of that name."""
    return story.state.workers[name]


def exited(events: list[e.Event]) -> e.JobExited:
    """The only end of a job among the events."""
    (found,) = [event for event in events if isinstance(event, e.JobExited)]
    return found


def lives(story: Story) -> dict[str, type[m.Life]]:
    """How far every worker and check is."""
    return {job.id: type(job.life) for job in story.state.jobs}


def review(*lenses: str) -> msg.StartPattern:
    """Somebody wants a review under these lenses."""
    wanted = m.PatternSpec(pattern=REVIEW, task="Review it", cwd="/repos/a", given={"lens": lenses})
    return msg.StartPattern(spec=wanted)


def mend(lease: str, *sections: str) -> msg.StartPattern:
    """Somebody wants these sections to be mended, below the path."""
    given = {"section": sections}
    wanted = m.PatternSpec(pattern=MEND, task="Mend it", cwd="/repos/a", given=given, lease=(lease,))
    return msg.StartPattern(spec=wanted)


def prepared(state: m.State, run: m.PatternRun) -> msg.StepPrepared:
    """The prompts of the run's next step are on disk."""
    number = len(run.workers)
    step, first = run.steps[number], state.counters.get("W", 0) + 1
    lease = run.spec.lease if step.edit else ()
    told = tuple(
        (
            f"W{name}",
            spec(
                *lease, label=step.name, answer=step.answer, pattern=run.id, step=step.name, about=part.about
            ),
        )
        for name, part in enumerate(parts(step, run.spec.task, run.spec.given), first)
    )
    return msg.StepPrepared(pattern=run.id, step=number, workers=told)


def wanted_of_patterns(state: m.State) -> list[f.PrepareStep | f.CurateResult]:
    """What is due for runs of patterns."""
    effects = reconcile(state, World(tmux=True))
    return [effect for effect in effects if isinstance(effect, f.PrepareStep | f.CurateResult)]


def done(state: m.State, effect: f.PrepareStep | f.CurateResult) -> msg.Message:
    """It has been done."""
    if isinstance(effect, f.PrepareStep):
        return prepared(state, state.patterns[effect.pattern])
    return msg.PatternCurated(pattern=effect.pattern, summary="two things")

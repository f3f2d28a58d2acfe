"""Runs of patterns: one step after the other, each with all its workers at once, one result in the end."""

from __future__ import annotations

from msgspec.structs import replace

from tests.core.play import Story
from tests.core.play_workers import (
    MISFIT,
    PASSING,
    REFUSED,
    lives,
    mend,
    one,
    prepared,
    review,
    wanted_of_patterns,
    worker,
)
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import decide
from tmuxorch.core.evolve import evolve
from tmuxorch.core.reconcile import World, reconcile

OUT, FAILED = m.Outcome, m.PatternOutcome.FAILED
STEP = [[f.PrepareStep("P1", 0)], [f.PrepareStep("P1", 1)]]
RESULT = [f.CurateResult("P1")]


def wanted(story: Story) -> list[f.PrepareStep | f.CurateResult]:
    """What is due for the run: for this controller, and for one that starts now and reads the journal."""
    state = m.State()
    for at, event in story.journal:
        state = evolve(state, event, at)
    anew, events = decide(state, msg.Woke(pid=2, version="1"), story.settings, story.now)
    assert events == [e.ControllerStarted(pid=2, version="1")], "a start alone changes nothing"
    due = wanted_of_patterns(story.state)
    assert wanted_of_patterns(anew) == due
    return due


def run(story: Story) -> m.PatternRun:
    return story.state.patterns["P1"]


def ended(story: Story) -> tuple[m.PatternOutcome, str]:
    end = run(story).end
    assert end is not None
    assert wanted(story) == []
    return end.outcome, end.reason


def goes_on(story: Story) -> list[e.Event]:
    """The next step's workers are told what to do."""
    return story.tell(prepared(story.state, run(story)))


def looking(*lenses: str, settings: msg.Settings | None = None) -> Story:
    """A review whose first step, W1 and so on, is at work."""
    story = Story(settings)
    story.tell(review(*lenses))
    goes_on(story)
    return story


def summing_up() -> Story:
    """A review of two lenses whose second step, W3, is at work."""
    story = looking("errors", "tests")
    story.ends("W1")
    story.ends("W2")
    goes_on(story)
    return story


def result_due() -> Story:
    """A review whose workers have all succeeded."""
    story = summing_up()
    story.ends("W3")
    return story


def curated(**more: str) -> msg.PatternCurated:
    return replace(msg.PatternCurated(pattern="P1"), **more)


# -- a whole life


def test_the_life_of_a_pattern() -> None:
    story = Story()
    asked = review("errors", "tests")
    story.on(asked, e.PatternStarted(id="P1", spec=asked.spec))
    assert wanted(story) == STEP[0]
    told = prepared(story.state, run(story))
    story.on(
        told,
        *(e.WorkerQueued(id=name, spec=of) for name, of in told.workers),
        e.StepBegun(pattern="P1", workers=("W1", "W2")),
        e.JobStarting(id="W1"),
        e.JobStarting(id="W2"),
    )
    assert [one(story, name).spec.about for name in ("W1", "W2")] == ["errors", "tests"]
    for name in ("W1", "W2"):
        assert wanted(story) == []
        story.ends(name)
    assert wanted(story) == STEP[1]
    goes_on(story)
    assert (lives(story)["W3"], wanted(story)) == (m.Starting, [])
    story.ends("W3")
    assert wanted(story) == RESULT
    done = e.PatternEnded(id="P1", outcome=m.PatternOutcome.SUCCEEDED, summary="two things")
    story.on(curated(summary="two things"), done)
    assert run(story) == m.PatternRun(
        id="P1",
        spec=asked.spec,
        started=1001.0,
        workers=(("W1", "W2"), ("W3",)),
        end=m.PatternEnd(at=story.now, outcome=m.PatternOutcome.SUCCEEDED, summary="two things"),
    )
    assert ended(story) == (m.PatternOutcome.SUCCEEDED, "")
    assert [f"{one(story, name).spec.pattern}/{one(story, name).spec.step}" for name in ("W1", "W3")] == [
        "P1/look",
        "P1/sum-up",
    ]


def test_each_run_has_an_id_of_its_own_and_goes_on_for_itself() -> None:
    story = looking("errors")
    story.tell(review("tests"))
    assert list(story.state.patterns) == ["P1", "P2"]
    assert wanted(story) == [f.PrepareStep("P2", 0)]
    story.ends("W1")
    assert wanted(story) == [f.PrepareStep("P1", 1), f.PrepareStep("P2", 0)]


def test_a_step_is_prepared_only_where_its_windows_can_be_opened_and_a_result_everywhere() -> None:
    story = Story()
    story.tell(review("errors"))
    assert reconcile(story.state, World()) == []
    assert RESULT[0] in reconcile(result_due().state, World())


def test_workers_that_are_tried_again_are_waited_for() -> None:
    story = looking("errors")
    for how in (PASSING, REFUSED, MISFIT):
        story.ends("W1", **how)
        assert wanted(story) == []
        story.clock(max(one(story).earliest, story.now + 60))
    story.ends("W1")
    assert wanted(story) == STEP[1]


def test_workers_over_the_limit_wait_their_turn_and_the_step_waits_for_them() -> None:
    story = looking("a", "b", "c", settings=msg.Settings(exec_workers=2))
    assert lives(story) == {"W1": m.Starting, "W2": m.Starting, "W3": m.Queued}
    story.ends("W1")
    story.ends("W2")
    assert wanted(story) == []
    story.ends("W3")
    assert wanted(story) == STEP[1]


def test_workers_of_a_step_that_edits_are_one_after_the_other() -> None:
    story = Story()
    story.tell(worker("W1", "/repos/a/src"))
    story.tell(mend("/repos/a", "one", "two"))
    goes_on(story)
    assert [life for name, life in lives(story).items() if name != "W1"] == [m.Queued, m.Queued]
    assert story.ends("W1")[-1] == e.JobStarting(id="W2")
    assert story.ends("W2")[-1] == e.JobStarting(id="W3")
    assert wanted(story) == []
    story.ends("W3")
    assert wanted(story) == STEP[1]


# -- failures


def test_a_step_goes_on_if_one_of_its_workers_came_to_something() -> None:
    story = looking("a", "b", "c")
    story.ends("W1", OUT.FAILED, 1)
    story.tell(msg.StopJob(id="W3", by="ann"))
    story.ends("W3", OUT.KILLED)
    assert (run(story).end, wanted(story)) == (None, [])
    story.ends("W2")
    assert wanted(story) == STEP[1]


def test_a_step_of_which_nobody_came_to_anything_is_the_end() -> None:
    story = looking("a", "b")
    story.ends("W2", OUT.KILLED, reason="killed by SIGKILL")
    assert run(story).end is None
    story.ends("W1", OUT.FAILED, 1, reason="no idea")
    assert ended(story) == (FAILED, "step look: W1 failed: no idea")


def test_a_last_step_that_fails_is_the_end() -> None:
    story = summing_up()
    story.ends("W3", OUT.SPAWN_FAILED)
    assert ended(story) == (FAILED, "step sum-up: W3 spawn_failed")


def test_a_step_that_cannot_be_prepared_is_the_end() -> None:
    story = looking("a")
    story.ends("W1")
    reason = "step sum-up cannot begin: no such role"
    story.on(
        msg.StepImpossible(pattern="P1", reason=reason),
        e.PatternEnded(id="P1", outcome=FAILED, reason=reason),
    )
    assert ended(story) == (FAILED, reason)


def test_a_result_that_is_none_to_rely_on_is_a_failure() -> None:
    story = result_due()
    story.tell(curated(failed="the verdict is fail", summary="two things"))
    assert ended(story) == (FAILED, "the verdict is fail")
    assert run(story).end == m.PatternEnd(
        at=story.now, outcome=FAILED, reason="the verdict is fail", summary="two things"
    )

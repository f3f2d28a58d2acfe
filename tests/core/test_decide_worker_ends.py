"""What is told of a worker late, where it works, and the command that is run when it has ended."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.core.play import Story
from tests.core.play_workers import MISFIT, PASSING, REFUSED, at_work, exited, one, spec, worker
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.reconcile import World, reconcile

OUT = m.Outcome

# -- what is told late


def test_each_try_is_a_process_of_its_own() -> None:
    story = at_work()
    story.ends("W1", **PASSING)
    story.clock(one(story).earliest)
    assert msg.job_ref(one(story)) == "W1.2"
    assert msg.job_id("W1.2") == msg.job_id("W1") == "W1"
    due = reconcile(story.state, World(tmux=True))
    assert f.OpenProcess("W1.2") in due
    story.tell(msg.StopJob(id="W1", by="ann"))
    assert f.StopProcess("W1.2") in reconcile(story.state, World())


@pytest.mark.parametrize("starting", [False, True])
def test_what_is_told_late_of_a_former_try_changes_nothing(starting: bool) -> None:
    story = at_work()
    story.ends("W1", **PASSING, thread="t1")
    if starting:
        story.clock(one(story).earliest)
    else:
        story.now -= 1  # so that its time does not come meanwhile
    for late in (
        msg.ProcessStarted(ref="W1", pid=9, host_pid=8),
        msg.ProcessEnded(ref="W1", outcome=OUT.SUCCEEDED, code=0),
        msg.ProcessEnded(ref="W1", outcome=OUT.LOST),
        msg.WorkerTold(id="W1", thread="t0"),
        msg.WorkerSilent(id="W1", since=0.0),
        msg.WorkerSpoke(id="W1"),
    ):
        story.now -= 1
        story.on(late)
    assert one(story).thread == "t1"


def test_the_process_of_a_try_that_is_yet_to_come_is_not_believed() -> None:
    story = at_work()
    story.on(msg.ProcessEnded(ref="W1.2", outcome=OUT.SUCCEEDED, code=0))


def test_what_is_told_after_its_end_changes_nothing() -> None:
    story = at_work()
    story.ends("W1", thread="t1")
    story.on(msg.WorkerTold(id="W1", thread="t0"))
    story.on(msg.WorkerHasNoPlace(id="W1", reason="gone"))
    assert one(story).thread == "t1"


# -- its place

PLACE = m.WorkerPlace(repo="/repos", path="/state/W1/repos", branch="tmuxorch/W1", base="b" * 40)


def test_it_works_in_its_worktree_in_all_its_tries() -> None:
    story = Story()
    story.tell(worker("W1", "/state/W1/repos", worktree=True, cwd="/repos/a/b"))
    assert one(story).cwd == "/repos/a/b"
    story.on(msg.WorkerHasPlace(id="W1", place=PLACE), e.WorkerPlaced(id="W1", place=PLACE))
    story.on(msg.WorkerHasPlace(id="W1", place=replace(PLACE, branch="other")))
    story.ends("W1", **PASSING)
    story.clock(one(story).earliest)
    assert (one(story).place, one(story).cwd) == (PLACE, "/state/W1/repos/a/b")
    assert replace(one(story), spec=spec(cwd="/repos")).cwd == "/state/W1/repos"


def test_it_goes_on_in_the_worktree_of_another() -> None:
    story = Story()
    story.tell(worker("W2", "/state/W1/repos", place=PLACE))
    assert one(story, "W2").place == PLACE


def test_without_a_place_it_cannot_be_started() -> None:
    story = Story()
    story.tell(worker("W1", "/r", worktree=True))
    ended = exited(story.tell(msg.WorkerHasNoPlace(id="W1", reason="no commit yet")))
    assert (ended.outcome, ended.reason) == (OUT.SPAWN_FAILED, "no commit yet")


def test_one_that_runs_has_its_place_whatever_is_told() -> None:
    story = at_work("/r", worktree=True)
    story.on(msg.WorkerHasNoPlace(id="W1", reason="its directory is gone"))


# -- the command for workers that have ended

HOOKED = msg.Settings(hook=True, retries=1)


def hooks(story: Story) -> int:
    return sum(isinstance(event, e.HookWanted) for _, event in story.journal)


def test_the_command_is_run_once_at_the_real_end() -> None:
    story = at_work(settings=HOOKED)
    for how in (PASSING, REFUSED, MISFIT):
        story.ends("W1", **how)
        story.clock(max(one(story).earliest, story.now + 60))
        assert (hooks(story), one(story).hook) == (0, m.Hook.NONE)
    story.ends("W1")
    assert (hooks(story), one(story).hook) == (1, m.Hook.DUE)
    assert f.RunHook("W1") in reconcile(story.state, World())
    story.on(msg.HookDone(id="W1", problem="exit status 1"), e.HookRan(id="W1", problem="exit status 1"))
    story.on(msg.HookDone(id="W1"))
    assert f.RunHook("W1") not in reconcile(story.state, World())
    assert hooks(story) == 1


def test_the_command_is_run_for_every_worker_that_ends_however() -> None:
    story = Story(replace(HOOKED, exec_workers=2))
    for name in ("W1", "W2", "W3"):
        story.tell(worker(name))
    story.tell(msg.StopJob(id="W3", by="ann"))
    story.tell(msg.WorkerHasNoPlace(id="W1", reason="gone"))
    story.ends("W2", OUT.KILLED)
    assert [effect for effect in reconcile(story.state, World()) if isinstance(effect, f.RunHook)] == [
        f.RunHook("W1"),
        f.RunHook("W2"),
        f.RunHook("W3"),
    ]


def test_without_a_command_none_is_run() -> None:
    story = at_work()
    story.ends("W1")
    story.on(msg.HookDone(id="W1"))
    assert one(story).hook is m.Hook.NONE

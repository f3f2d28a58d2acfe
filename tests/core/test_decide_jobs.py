"""Workers and checks: within the limits, in order, each process started and ended once."""

from __future__ import annotations

import pytest

from tests.core.play import Story, executing, started, task
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import NotFound, Refused

OUTCOME = m.Outcome
SPEC = m.WorkerSpec(label="scout", role="scout", task="find the token", cwd="/repos")


def worker(id: str) -> msg.QueueWorker:
    return msg.QueueWorker(id=id, spec=SPEC)


def lives(story: Story) -> dict[str, type[m.Life]]:
    workers = {worker.id: type(worker.life) for worker in story.state.workers.values()}
    return workers | {check.id: type(check.life) for check in story.state.checks.values()}


def test_the_life_of_a_worker() -> None:
    story = Story()
    story.on(worker("W1"), e.WorkerQueued(id="W1", spec=SPEC), e.JobStarting(id="W1"))
    story.refuses(worker("W1"), Refused, "worker W1 exists already")
    story.on(msg.ProcessStarted(ref="W1", pid=9, host_pid=8), e.JobStarted(id="W1", pid=9, host_pid=8))
    story.on(msg.ProcessStarted(ref="W1", pid=9, host_pid=8))
    story.on(msg.WorkerTold(id="W1", thread="t"), e.WorkerSeen(id="W1", thread="t"))
    story.on(msg.WorkerTold(id="W1", thread="t"))
    ended = msg.ProcessEnded(ref="W1", outcome=OUTCOME.SUCCEEDED, code=0, tokens=m.Tokens(3, 2, 1))
    story.on(ended, e.JobExited(id="W1", outcome=OUTCOME.SUCCEEDED, code=0, tokens=m.Tokens(3, 2, 1)))
    story.on(ended)
    assert story.state.workers["W1"] == m.Worker(
        id="W1",
        spec=SPEC,
        life=m.Exited(at=1007.0, outcome=OUTCOME.SUCCEEDED, code=0),
        queued=1001.0,
        started=1003.0,
        thread="t",
        tokens=m.Tokens(3, 2, 1),
    )


def test_workers_over_the_limit_wait_their_turn() -> None:
    story = Story(msg.Settings(exec_workers=2))
    for number in (1, 2, 3, 4):
        story.tell(worker(f"W{number}"))
    assert lives(story) == {"W1": m.Starting, "W2": m.Starting, "W3": m.Queued, "W4": m.Queued}
    assert story.ends("W2")[-1] == e.JobStarting(id="W3")
    assert lives(story) == {"W1": m.Starting, "W2": m.Exited, "W3": m.Starting, "W4": m.Queued}


def test_checks_run_one_per_child_and_few_in_all() -> None:
    tests = {"a": ("1", "2"), "b": ("3",), "c": ("4",)}
    story = started("a", "b", "c", settings=msg.Settings(checks=2, tests=tests))
    assert lives(story) == {"K1": m.Starting, "K2": m.Queued, "K3": m.Starting, "K4": m.Queued}
    assert story.ends("K3")[-1] == e.JobStarting(id="K4")
    assert story.ends("K1")[-1] == e.JobStarting(id="K2")


# -- stopping


def test_what_waits_is_cancelled_at_once() -> None:
    story = Story(msg.Settings(exec_workers=0))
    story.tell(worker("W1"))
    story.on(
        msg.StopJob(id="W1", by="ann"),
        e.JobExited(id="W1", outcome=OUTCOME.CANCELLED, reason="stopped by ann"),
    )
    story.on(msg.StopJob(id="W1", by="ann"))


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize(
    ("ended", "outcome", "reason"),
    [
        (OUTCOME.KILLED, OUTCOME.CANCELLED, "stopped by ann"),
        (OUTCOME.FAILED, OUTCOME.CANCELLED, "stopped by ann"),
        (OUTCOME.LOST, OUTCOME.CANCELLED, "stopped by ann"),
        (OUTCOME.SUCCEEDED, OUTCOME.SUCCEEDED, ""),
        (OUTCOME.SPAWN_FAILED, OUTCOME.SPAWN_FAILED, ""),
    ],
)
def test_what_lives_is_stopped_and_cancelled_unless_it_was_done(
    running: bool, ended: m.Outcome, outcome: m.Outcome, reason: str
) -> None:
    story = Story()
    story.tell(worker("W1"))
    if running:
        story.tell(msg.ProcessStarted(ref="W1", pid=9, host_pid=8))
    story.on(msg.StopJob(id="W1", by="ann"), e.JobStopping(id="W1", by="ann"))
    story.on(msg.StopJob(id="W1", by="bob"))
    story.on(msg.ProcessStarted(ref="W1", pid=9, host_pid=8))
    story.on(
        msg.ProcessEnded(ref="W1", outcome=ended, code=3),
        e.JobExited(id="W1", outcome=outcome, code=3, reason=reason),
    )


def test_a_worker_that_dies_by_itself_is_not_cancelled() -> None:
    story = Story()
    story.tell(worker("W1"))
    story.on(
        msg.ProcessEnded(ref="W1", outcome=OUTCOME.SPAWN_FAILED, reason="no codex"),
        e.JobExited(id="W1", outcome=OUTCOME.SPAWN_FAILED, reason="no codex"),
    )


def test_only_what_there_is_can_be_stopped() -> None:
    Story().refuses(msg.StopJob(id="W1", by="ann"), NotFound, "no worker or check 'W1'")
    Story().on(msg.WorkerTold(id="W1", thread="t"))


def test_a_stopped_check_proves_nothing() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend")
    check = story.check().id
    story.tell(msg.StopJob(id=check, by="ann"))
    story.ends(check, OUTCOME.KILLED)
    assert story.state.checks[check].life == m.Exited(
        at=story.now, outcome=OUTCOME.CANCELLED, code=0, reason="stopped by ann"
    )
    assert not story.state.checks[check].passed
    assert story.status("1") == ["waiting"], "nobody can mend what was not proved wrong: a human decides"
    assert not [turn for turn in story.state.turns.values() if turn.purpose is m.Purpose.FIX]

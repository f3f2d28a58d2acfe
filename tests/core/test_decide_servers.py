"""Servers: started when wanted, again when they die, a human's matter when they keep dying."""

from __future__ import annotations

import pytest

from tests.core.play import Story, asks, executing, started
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import NotFound, Refused

KILLED = m.Outcome.KILLED


@pytest.fixture
def one() -> Story:
    """A project of one child, whose server is starting."""
    story = Story()
    story.tell(msg.AddAgent(name="backend", path="/repos/backend"))
    return story


def test_a_server_starts_with_its_agent_and_is_ready_with_its_thread() -> None:
    story = Story()
    story.on(
        msg.AddAgent(name="backend", path="/repos/backend"),
        e.AgentAdded(name="backend", path="/repos/backend"),
        e.ServerStarting(name="backend", generation=1),
    )
    story.on(msg.AddAgent(name="backend", path="/repos/backend"))
    story.on(
        msg.ProcessStarted(ref="backend#1", pid=7, host_pid=6),
        e.ServerStarted(name="backend", generation=1, pid=7, host_pid=6),
    )
    story.on(msg.ProcessStarted(ref="backend#1", pid=7, host_pid=6))
    loaded = msg.ThreadLoaded(agent="backend", generation=1, thread="t", version="0.163.0")
    story.on(loaded, e.AgentReady(name="backend", generation=1, thread="t", version="0.163.0"))
    story.on(loaded)


def test_an_agent_whose_repo_has_moved_keeps_its_server(one: Story) -> None:
    one.on(msg.AddAgent(name="backend", path="/other"), e.AgentAdded(name="backend", path="/other"))


def test_a_server_that_dies_is_started_as_its_next_generation(one: Story) -> None:
    one.up("backend")
    one.on(
        msg.ProcessEnded(ref="backend#1", outcome=KILLED, code=-9, reason="signal 9"),
        e.ServerExited(name="backend", generation=1, outcome=KILLED, code=-9, reason="signal 9"),
        e.ServerStarting(name="backend", generation=2),
    )
    one.on(msg.ProcessEnded(ref="backend#1", outcome=KILLED, code=-9, reason="signal 9"))
    one.tell(msg.ProcessStarted(ref="backend#2", pid=8, host_pid=6))
    one.on(msg.ThreadLoaded(agent="backend", generation=1, thread="t"))
    assert not one.state.agents["backend"].ready


@pytest.mark.parametrize("ref", ["nobody#1", "backend#9", "W9", "K9"])
def test_processes_that_nobody_knows_say_nothing(one: Story, ref: str) -> None:
    one.on(msg.ProcessStarted(ref=ref, pid=1, host_pid=1))
    one.on(msg.ProcessEnded(ref=ref, outcome=KILLED))


def crash_loop(story: Story) -> m.Checkpoint:
    for _ in range(story.settings.crashes):
        assert isinstance(story.dies("backend")[-1], e.ServerStarting)
    story.dies("backend", "no space left")
    return story.the_checkpoint()


def test_a_server_that_keeps_dying_is_a_matter_for_a_human(one: Story) -> None:
    checkpoint = crash_loop(one)
    assert one.state.agents["backend"].generation == 3
    assert checkpoint.origin == m.FromAgent(agent="backend")
    assert (checkpoint.card.kind, checkpoint.card.body) == (m.CheckpointKind.FAILURE, "no space left")
    assert [choice.key for choice in checkpoint.card.choices] == ["retry", "abort"]
    one.on(msg.SawGit(agent="backend", git=m.Git()))  # it is not opened again


def test_a_completed_turn_forgives_the_crashes_before_it(one: Story) -> None:
    for _ in range(2 * one.settings.crashes):
        one.up("backend")
        one.tell(msg.Ask(agent="backend", text="how far?"))
        one.finishes("backend")
        one.dies("backend")
    assert one.state.agents["backend"].crashes == 1
    assert one.opened() == []


def test_retry_starts_the_server_anew(one: Story) -> None:
    checkpoint = crash_loop(one)
    one.on(
        one.reply("retry"),
        e.CheckpointAnswered(id="C1", answer=m.Answer(choice="retry"), by="ann", digest=checkpoint.digest),
        e.AgentWanted(name="backend", wanted=True, by="ann"),
        e.CheckpointClosed(id="C1"),
        e.ServerStarting(name="backend", generation=4),
    )


def test_starting_or_stopping_the_server_settles_the_matter_too(one: Story) -> None:
    crash_loop(one)
    one.on(
        msg.WantAgent(name="backend", wanted=True, by="ann"),
        e.AgentWanted(name="backend", wanted=True, by="ann"),
        e.ServerStarting(name="backend", generation=4),
        e.CheckpointLapsed(id="C1", reason="the server was started, stopped or reached"),
    )
    crash_loop(one)
    one.on(
        msg.WantAgent(name="backend", wanted=False, by="ann"),
        e.AgentWanted(name="backend", wanted=False, by="ann"),
        e.CheckpointLapsed(id="C2", reason="the server was started, stopped or reached"),
    )
    one.on(msg.RemoveAgent(name="backend"), e.AgentRemoved(name="backend"))


def test_abort_ends_the_run_too_and_the_report_waits_for_nobody_else() -> None:
    story = started("backend")
    crash_loop(story)
    assert story.the_checkpoint().blocks == ("R1",)
    story.answers("abort")
    assert not story.state.agents["backend"].wanted
    assert (story.run.phase, story.run.verdict) == (m.Phase.REPORT, m.RunOutcome.FAILED)
    story.finishes(LEAD, "It could not be kept up.")
    assert story.run.end == m.RunEnd(
        story.now, m.RunOutcome.FAILED, "backend cannot be kept up (aborted by ann)"
    )


def test_a_run_whose_lead_cannot_be_kept_up_ends_without_its_words() -> None:
    story = executing()
    for _ in range(3):
        story.dies(LEAD)
    story.answers("abort")
    story.finishes("backend", outcome=m.TurnOutcome.INTERRUPTED)
    assert story.run.end is not None
    assert (story.run.end.outcome, story.run.words) == (m.RunOutcome.FAILED, "")


def test_a_lead_that_cannot_be_kept_up_during_the_report_ends_the_run() -> None:
    story = executing()
    story.fails("backend")
    story.answers("abort")
    assert story.turn(LEAD).purpose is m.Purpose.REPORT
    for _ in range(3):
        story.dies(LEAD)
    story.answers("abort")
    assert story.run.end is not None


def test_stop_and_start(one: Story) -> None:
    one.up("backend")
    one.on(
        msg.WantAgent(name="backend", wanted=False, by="ann"),
        e.AgentWanted(name="backend", wanted=False, by="ann"),
        e.ServerStopping(name="backend", by="ann"),
    )
    one.on(msg.WantAgent(name="backend", wanted=False, by="ann"))
    one.on(
        msg.ProcessEnded(ref="backend#1", outcome=m.Outcome.SUCCEEDED, code=0),
        e.ServerExited(name="backend", generation=1, outcome=m.Outcome.SUCCEEDED, code=0),
    )
    one.on(
        msg.WantAgent(name="backend", wanted=True, by="ann"),
        e.AgentWanted(name="backend", wanted=True, by="ann"),
        e.ServerStarting(name="backend", generation=2),
    )


def test_restart_is_neither_a_crash_nor_unexpected(one: Story) -> None:
    one.up("backend")
    one.on(msg.RestartAgent(name="backend", by="ann"), e.ServerStopping(name="backend", by="ann"))
    one.on(msg.RestartAgent(name="backend", by="ann"))
    one.on(
        msg.ProcessEnded(ref="backend#1", outcome=m.Outcome.SUCCEEDED, code=0),
        e.ServerExited(name="backend", generation=1, outcome=m.Outcome.SUCCEEDED, code=0),
        e.ServerStarting(name="backend", generation=2),
    )
    assert (one.state.agents["backend"].crashes, one.state.log) == (0, ())


def test_restart_starts_what_was_stopped(one: Story) -> None:
    one.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    one.dies("backend")
    one.on(
        msg.RestartAgent(name="backend", by="ann"),
        e.AgentWanted(name="backend", wanted=True, by="ann"),
        e.ServerStarting(name="backend", generation=2),
    )


def test_a_server_stopped_before_it_has_started_still_ends_once(one: Story) -> None:
    one.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    one.on(msg.ProcessStarted(ref="backend#1", pid=7, host_pid=6))
    one.on(
        msg.ProcessEnded(ref="backend#1", outcome=KILLED),
        e.ServerExited(name="backend", generation=1, outcome=KILLED),
    )


def test_a_child_is_removed_only_when_nothing_needs_it() -> None:
    story = started("backend")
    story.refuses(msg.RemoveAgent(name="mobile"), NotFound, "no agent named 'mobile'; there are: backend")
    story.refuses(msg.RemoveAgent(name="backend"), Refused, "backend takes part in R1")
    story.refuses(msg.RemoveAgent(name=LEAD), Refused, "orchestrator takes part in R1")
    story.tell(msg.CancelRun(run="R1", by="ann"))
    story.refuses(msg.RemoveAgent(name="backend"), Refused, "the server of backend runs")


def test_what_a_removed_child_was_asked_is_given_up(one: Story) -> None:
    one.tell(msg.Ask(agent="backend", text="how far?"))
    one.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    one.dies("backend")
    one.on(
        msg.RemoveAgent(name="backend"),
        e.TurnEnded(id="T1", outcome=m.TurnOutcome.CANCELLED, error="cancelled by the removal of its agent"),
        e.AgentRemoved(name="backend"),
    )


def test_a_child_that_comes_back_counts_its_servers_on(one: Story) -> None:
    """A host starts once per directory, so a generation is never used twice."""
    one.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    one.dies("backend")
    one.tell(msg.RemoveAgent(name="backend"))
    one.on(
        msg.AddAgent(name="backend", path="/repos/backend"),
        e.AgentAdded(name="backend", path="/repos/backend"),
        e.ServerStarting(name="backend", generation=2),
    )


def test_requests_lapse_with_the_server_that_asked(one: Story) -> None:
    one.up("backend")
    one.tell(asks("backend", 0))
    one.tell(asks("backend", 1))
    one.tell(msg.AnswerCheckpoint(id="C2", answer=m.Answer(choice="accept"), by="ann"))
    assert one.dies("backend") == [
        e.ServerExited(name="backend", generation=1, outcome=KILLED, code=-1, reason="signal 9"),
        e.CheckpointLapsed(id="C1", reason="the server that asked is gone"),
        e.CheckpointLapsed(id="C2", reason="the server that asked is gone"),
        e.ServerStarting(name="backend", generation=2),
    ]


def test_a_request_heard_after_the_end_of_its_server_is_nobodys(one: Story) -> None:
    one.up("backend")
    one.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    one.dies("backend")
    one.on(asks("backend"))

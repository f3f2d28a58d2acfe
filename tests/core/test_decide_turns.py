"""Turns: one in flight per agent, few in all, each given to Codex once unless it was really lost."""

from __future__ import annotations

import pytest

from tests.core.play import Story, asks, codex_turn, started
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import mark
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import NotFound, Refused

OUTCOME = m.TurnOutcome


@pytest.fixture
def one() -> Story:
    """A child whose server is ready."""
    story = Story()
    story.tell(msg.AddAgent(name="backend", path="/repos/backend"))
    story.up("backend")
    return story


@pytest.fixture
def sent(one: Story) -> Story:
    """Its turn T1 is being sent."""
    one.tell(msg.Ask(agent="backend", text="how far?"))
    return one


@pytest.fixture
def active(sent: Story) -> Story:
    """Codex works on T1."""
    sent.begins("backend")
    return sent


def seen(turn: m.Turn, outcome: m.TurnOutcome | None, message: str = "") -> msg.SeenTurn:
    return msg.SeenTurn(codex_turn=codex_turn(turn), mark=mark(turn), outcome=outcome, message=message)


def test_a_turn_is_written_ahead_sent_and_over(one: Story) -> None:
    one.on(
        msg.Ask(agent="backend", text="how far?"),
        e.TurnQueued(id="T1", agent="backend", purpose=m.Purpose.ASK, text="how far?", writes=False),
        e.TurnSending(id="T1", generation=1),
    )
    one.on(msg.TurnBegan(id="T1", codex_turn="u1"), e.TurnStarted(id="T1", codex_turn="u1", generation=1))
    one.on(msg.TurnBegan(id="T1", codex_turn="u1"))
    tokens = m.Tokens(input=10, cached=4, output=2)
    finished = msg.TurnFinished(
        agent="backend",
        codex_turn="u1",
        outcome=OUTCOME.COMPLETED,
        message="half",
        seconds=3.0,
        tokens=tokens,
    )
    one.on(
        finished,
        e.TurnEnded(id="T1", outcome=OUTCOME.COMPLETED, message="half", seconds=3.0, tokens=tokens),
    )
    one.on(finished)
    assert one.state.agents["backend"].tokens == one.state.turns["T1"].tokens == tokens


def test_tokens_of_a_turn_are_what_its_thread_grew_by(active: Story) -> None:
    def ends(codex: str, tokens: m.Tokens) -> None:
        active.tell(
            msg.TurnFinished(agent="backend", codex_turn=codex, outcome=OUTCOME.COMPLETED, tokens=tokens)
        )

    ends("codex-T1-1", m.Tokens(10, 5, 1))
    active.tell(msg.Ask(agent="backend", text="and now?"))
    active.begins("backend")
    ends("codex-T2-1", m.Tokens(25, 15, 4))
    assert active.state.turns["T2"].tokens == m.Tokens(15, 10, 3)
    assert active.state.agents["backend"].tokens == m.Tokens(25, 15, 4)


def test_an_agent_has_one_turn_at_a_time(sent: Story) -> None:
    sent.on(
        msg.Ask(agent="backend", text="and now?"),
        e.TurnQueued(id="T2", agent="backend", purpose=m.Purpose.ASK, text="and now?", writes=False),
    )
    assert sent.finishes("backend")[-1] == e.TurnSending(id="T2", generation=1)


def test_turns_wait_for_their_agent_to_be_ready() -> None:
    story = Story()
    story.tell(msg.AddAgent(name="backend", path="/repos/backend"))
    assert len(story.tell(msg.Ask(agent="backend", text="how far?"))) == 1
    story.tell(msg.ProcessStarted(ref="backend#1", pid=1, host_pid=1))
    assert story.loads("backend")[-1] == e.TurnSending(id="T1", generation=1)


def test_turns_in_flight_are_limited_over_all_agents() -> None:
    story = started("a", "b", "c", settings=msg.Settings(turns=2))
    states = [type(turn.state) for turn in story.state.turns.values()]
    assert states == [m.TurnSent, m.TurnSent, m.TurnPending]
    assert e.TurnSending(id="T3", generation=1) in story.finishes("a")


def test_a_turn_that_codex_refuses_is_over(sent: Story) -> None:
    sent.on(
        msg.TurnRefused(id="T1", error="input too large"),
        e.TurnEnded(id="T1", outcome=OUTCOME.FAILED, error="input too large"),
    )
    sent.on(msg.TurnRefused(id="T1", error="input too large"))


def test_the_end_of_a_turn_that_is_not_ours_says_nothing(active: Story) -> None:
    active.on(msg.TurnFinished(agent="backend", codex_turn="typed in the TUI", outcome=OUTCOME.COMPLETED))


# -- a controller that was away


def test_a_sent_turn_that_is_in_the_thread_was_started_and_is_not_sent_again(sent: Story) -> None:
    turn = sent.turn("backend")
    assert sent.loads("backend", seen(turn, None)) == [
        e.TurnStarted(id="T1", codex_turn="codex-T1-1", generation=1)
    ]
    assert sent.loads("backend", seen(turn, None)) == []


def test_a_sent_turn_that_is_not_in_the_thread_stays_to_be_sent(sent: Story) -> None:
    other = msg.SeenTurn(codex_turn="u0", mark="", outcome=OUTCOME.COMPLETED)
    assert sent.loads("backend", other) == []
    assert sent.turn("backend").state == m.TurnSent(at=sent.now - 1, generation=1)


@pytest.mark.parametrize("outcome", [OUTCOME.COMPLETED, OUTCOME.FAILED, OUTCOME.INTERRUPTED])
def test_a_sent_turn_that_ended_while_nobody_listened(sent: Story, outcome: m.TurnOutcome) -> None:
    assert sent.loads("backend", seen(sent.turn("backend"), outcome, "done")) == [
        e.TurnStarted(id="T1", codex_turn="codex-T1-1", generation=1),
        e.TurnEnded(id="T1", outcome=outcome, message="done"),
    ]


def test_an_active_turn_that_ended_while_nobody_listened(active: Story) -> None:
    assert active.loads("backend", seen(active.turn("backend"), OUTCOME.COMPLETED, "done")) == [
        e.TurnEnded(id="T1", outcome=OUTCOME.COMPLETED, message="done")
    ]


# -- a server that dies


@pytest.mark.parametrize("taken", [False, True])
def test_a_turn_lost_with_its_server_is_sent_once_more_and_then_given_up(sent: Story, taken: bool) -> None:
    if taken:
        sent.begins("backend")
    assert e.TurnRequeued(id="T1", reason="signal 9") in sent.dies("backend")
    sent.up("backend")
    again = sent.turn("backend")
    assert (again.id, again.attempt, mark(again)) == ("T1", 2, "tmuxorch-T1-2")
    gone = e.TurnEnded(id="T1", outcome=OUTCOME.LOST, error="the server is gone: signal 9")
    assert gone in sent.dies("backend")
    assert sent.opened() == []


def test_a_lost_turn_of_a_run_becomes_a_checkpoint_after_its_second_loss() -> None:
    story = started("backend")
    for _ in range(2):
        assert story.opened() == []
        story.dies("backend")
        story.up("backend")
    checkpoint = story.the_checkpoint()
    assert checkpoint.origin == m.FromRun(run="R1", turn="T1")
    assert checkpoint.card.title == "discover place turn of backend: lost"


def test_a_turn_cut_short_with_its_server_is_sent_once_more(active: Story) -> None:
    turn = active.turn("backend")
    active.dies("backend")
    active.tell(msg.ProcessStarted(ref="backend#2", pid=1, host_pid=1))
    loaded = active.loads("backend", seen(turn, OUTCOME.INTERRUPTED))
    assert loaded[1:] == [e.TurnSending(id="T1", generation=2)]


@pytest.mark.parametrize("outcome", [OUTCOME.COMPLETED, OUTCOME.FAILED])
def test_a_turn_that_ended_before_its_server_did_is_not_sent_again(
    active: Story, outcome: m.TurnOutcome
) -> None:
    """A server that drains ends the turn, and the news of it may not get out any more."""
    turn = active.turn("backend")
    active.dies("backend")
    active.tell(msg.ProcessStarted(ref="backend#2", pid=1, host_pid=1))
    assert active.loads("backend", seen(turn, outcome, "done"))[1:] == [
        e.TurnEnded(id="T1", outcome=outcome, message="done")
    ]


def test_an_interrupted_turn_whose_server_dies_is_not_sent_again(active: Story) -> None:
    active.tell(msg.Interrupt(agent="backend", by="ann"))
    gone = e.TurnEnded(id="T1", outcome=OUTCOME.LOST, error="the server is gone: signal 9")
    assert gone in active.dies("backend")


# -- steer and interrupt


def test_what_is_added_to_a_turn_is_sent_once(active: Story) -> None:
    active.on(
        msg.Steer(agent="backend", text="look here"), e.SteerQueued(turn="T1", number=1, text="look here")
    )
    active.on(
        msg.Steer(agent="backend", text="and there"), e.SteerQueued(turn="T1", number=2, text="and there")
    )
    active.on(msg.SteerEnded(turn="T1", number=1), e.SteerSent(turn="T1", number=1))
    active.on(msg.SteerEnded(turn="T1", number=1))
    assert active.turn("backend").steers == ((2, "and there"),)
    active.on(
        msg.SteerEnded(turn="T1", number=2, error="no active turn"),
        e.SteerSent(turn="T1", number=2, error="no active turn"),
    )


def test_interrupt(active: Story) -> None:
    active.on(msg.Interrupt(agent="backend", by="ann"), e.InterruptWanted(turn="T1", by="ann"))
    active.on(msg.Interrupt(agent="backend", by="ann"))
    active.on(
        msg.TurnFinished(agent="backend", codex_turn="codex-T1-1", outcome=OUTCOME.INTERRUPTED),
        e.TurnEnded(id="T1", outcome=OUTCOME.INTERRUPTED),
    )


@pytest.mark.parametrize(
    "message", [msg.Steer(agent="backend", text="x"), msg.Interrupt(agent="backend", by="ann")]
)
def test_only_an_active_turn_is_steered_or_interrupted(sent: Story, message: msg.Message) -> None:
    sent.refuses(message, Refused, "backend has no active turn")


def test_nobody_is_asked_who_is_not_there(one: Story) -> None:
    for message in (
        msg.Ask(agent="nobody", text="x"),
        msg.Steer(agent="nobody", text="x"),
        msg.Interrupt(agent="nobody", by="ann"),
    ):
        one.refuses(message, NotFound, "no agent named 'nobody'")
    one.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    one.refuses(msg.Ask(agent="backend", text="x"), Refused, "backend is stopped")


def test_the_request_of_a_turn_ends_with_it(active: Story) -> None:
    active.tell(asks("backend", 0, codex_turn="codex-T1-1"))
    active.tell(asks("backend", 1, codex_turn="codex-T1-1"))
    active.tell(msg.AnswerCheckpoint(id="C1", answer=m.Answer(choice="accept"), by="ann"))
    assert active.finishes("backend")[1:] == [
        e.CheckpointClosed(id="C1"),
        e.CheckpointLapsed(id="C2", reason="the turn that asked has ended"),
    ]


def test_no_turn_writes_before_the_plan_was_accepted() -> None:
    story = started()
    assert not any(turn.writes for turn in story.state.turns.values())
    assert LEAD not in {turn.agent for turn in story.state.turns.values()}

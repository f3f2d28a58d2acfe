"""A refused account: all its agents pause together, nothing is lost, and work goes on by itself."""

from __future__ import annotations

import pytest

from tests.core.play import Story, codex_turn, executing, started, task
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.refusals import LONGEST
from tmuxorch.core.decide.turns import mark
from tmuxorch.core.schedule import next_due
from tmuxorch.errors import Refused

USAGE, RATE = m.LimitKind.USAGE, m.LimitKind.RATE
FAR = "ws://127.0.0.1:4500"
THREE = ("backend", "mobile", "web")


def limit(story: Story, kind: m.LimitKind = USAGE, ahead: float | None = None) -> m.Limit:
    """A limit that ends `ahead` seconds after it is told."""
    return m.Limit(kind=kind, until=None if ahead is None else story.now + 1 + ahead)


def refused(story: Story, agent: str, kind: m.LimitKind = USAGE, ahead: float | None = None) -> list[e.Event]:
    """Codex ends the agent's turn, because the provider refuses its account."""
    turn = story.turn(agent)
    if isinstance(turn.state, m.TurnSent):
        turn = story.begins(agent)
    return story.tell(
        msg.TurnFinished(
            agent=agent,
            codex_turn=codex_turn(turn),
            outcome=m.TurnOutcome.FAILED,
            error="usage limit",
            limit=limit(story, kind, ahead),
        )
    )


def pause(story: Story, account: str = m.OURS) -> m.Pause:
    return story.state.pauses[account]


def due(story: Story) -> float | None:
    return next_due(story.state, story.settings)


def wait(story: Story, until: float) -> list[e.Event]:
    """The clock reaches `until`."""
    story.now = until - 1  # telling takes a second
    return story.tell(msg.Tick())


def sendings(events: list[e.Event]) -> list[str]:
    return [event.id for event in events if isinstance(event, e.TurnSending)]


@pytest.fixture
def three() -> Story:
    """Three children whose first turns are sent, of a run."""
    return started(*THREE)


# -- the pause


def test_a_refused_turn_waits_and_the_others_are_not_sent(three: Story) -> None:
    events = refused(three, "backend", ahead=3)
    until = three.now + 3
    told = m.Pause(kind=USAGE, reason="usage limit", since=three.now, until=until, by="backend")
    turn = next(iter(three.state.turns))
    assert events == [
        e.Paused(account=m.OURS, pause=told),
        e.TurnRequeued(id=turn, reason="usage limit", paused=True),
    ]
    assert three.state.turns[turn].lost == 0
    assert due(three) == until


def test_active_turns_go_on_and_what_comes_next_waits(three: Story) -> None:
    refused(three, "backend", ahead=60)
    events = three.finishes("mobile")
    assert isinstance(events[0], e.TurnEnded)
    assert sendings(events) == []
    assert [turn.agent for turn in three.state.turns.values() if isinstance(turn.state, m.TurnPending)] == [
        "backend",
        "mobile",
    ]


def test_it_goes_on_by_itself_when_the_time_is_over(three: Story) -> None:
    refused(three, "backend", ahead=60)
    refused(three, "mobile", ahead=60)
    until = pause(three).until
    assert wait(three, until - 1) == []
    events = wait(three, until)
    assert events[0] == e.Resumed(account=m.OURS, by="the clock")
    assert len(sendings(events)) == 2
    assert due(three) is None or due(three) > until  # type: ignore[operator]


def test_a_turn_is_sent_again_as_often_as_it_is_refused(three: Story) -> None:
    for _ in range(5):
        refused(three, "backend", ahead=10)
        wait(three, pause(three).until)
    turn = three.turn("backend")
    assert (turn.attempt, turn.lost) == (6, 0)
    assert isinstance(three.finishes("backend", "I have read it.")[0], e.TurnEnded)


def test_a_refusal_does_not_use_up_the_one_try_after_a_lost_server(three: Story) -> None:
    refused(three, "backend", ahead=10)
    wait(three, pause(three).until)
    three.begins("backend")
    assert any(isinstance(event, e.TurnRequeued) for event in three.dies("backend"))


def test_a_second_refusal_can_only_prolong_the_pause(three: Story) -> None:
    refused(three, "backend", RATE, ahead=100)
    first = pause(three)
    refused(three, "mobile", USAGE, ahead=10)
    assert pause(three) == first
    refused(three, "web", USAGE, ahead=500)
    longer = pause(three)
    assert (longer.kind, longer.by, longer.since, longer.tries) == (USAGE, "web", first.since, 1)
    assert longer.until == three.now + 500


def test_accounts_pause_for_themselves() -> None:
    story = Story()
    story.project("backend")
    story.tell(msg.AddAgent(name="far", path="/repos/far", endpoint=FAR))
    story.up("backend")
    story.loads("far")
    for name, account in (("far", FAR), ("backend", m.OURS)):
        assert sendings(story.tell(msg.Ask(agent=name, text="how far?")))
        refused(story, name, ahead=60)
        assert account in story.state.pauses
    assert len(story.state.pauses) == 2
    assert wait(story, pause(story, FAR).until) == [e.Resumed(account=FAR, by="the clock")]
    assert sendings(story.tell(msg.Ask(agent="far", text="and now?")))


def test_who_waits_for_an_answer_is_told_at_once(three: Story) -> None:
    three.tell(msg.CancelRun(run="R1", by="ann"))
    for name in THREE:
        three.finishes(name, outcome=m.TurnOutcome.INTERRUPTED)
    three.tell(msg.Ask(agent="backend", text="how far?"))
    ended = refused(three, "backend", ahead=60)[-1]
    assert isinstance(ended, e.TurnEnded)
    assert (ended.outcome, ended.error) == (m.TurnOutcome.FAILED, "usage limit")
    three.refuses(
        msg.Ask(agent="mobile", text="and you?"), Refused, "account of mobile is refused: usage limit"
    )


def test_a_turn_that_was_to_end_is_not_sent_again(three: Story) -> None:
    turn = three.begins("backend")
    three.tell(msg.Interrupt(agent="backend", by="ann"))
    refused(three, "backend", ahead=60)
    assert three.state.turns[turn.id].over
    assert m.OURS in three.state.pauses


# -- how long, when nobody tells


def test_pauses_grow_while_nothing_succeeds(three: Story) -> None:
    lengths = []
    for _ in range(7):
        refused(three, "backend")
        lengths.append(pause(three).until - three.now)
        wait(three, pause(three).until)
    assert lengths == [30, 60, 120, 240, 480, LONGEST, LONGEST]
    three.finishes("backend", "I have read it.")
    refused(three, "mobile")
    assert pause(three).until - three.now == 30


def test_what_was_begun_before_the_pause_proves_nothing(three: Story) -> None:
    refused(three, "backend")
    three.finishes("mobile")
    wait(three, pause(three).until)
    refused(three, "backend")
    assert pause(three).tries == 2


def test_a_told_time_that_is_over_is_not_believed(three: Story) -> None:
    refused(three, "backend", ahead=-5)
    assert pause(three).until == three.now + 30


# -- restarts


def test_a_controller_that_was_killed_in_a_pause_finds_it(three: Story) -> None:
    refused(three, "backend", ahead=60)
    turn = next(iter(three.state.turns.values()))
    last = msg.SeenTurn(
        codex_turn="codex-T1-1",
        mark=f"tmuxorch-{turn.id}-1",
        outcome=m.TurnOutcome.FAILED,
        error="usage limit",
        limit=limit(three, ahead=50),
    )
    assert three.tell(msg.Woke(pid=2, version="1")) == [e.ControllerStarted(pid=2, version="1")]
    assert sendings(three.loads("backend", last)) == []
    assert isinstance(three.state.turns[turn.id].state, m.TurnPending)
    events = wait(three, pause(three).until)
    assert turn.id in sendings(events)


def test_a_pause_that_ended_meanwhile_is_over_at_once(three: Story) -> None:
    refused(three, "backend", ahead=60)
    three.now += 100
    events = three.tell(msg.Woke(pid=2, version="1"))
    assert e.Resumed(account=m.OURS, by="the clock") in events
    assert sendings(events)


def test_a_refusal_that_nobody_heard_is_found_in_the_thread(three: Story) -> None:
    turn = three.begins("backend")
    seen = msg.SeenTurn(
        codex_turn=codex_turn(turn),
        mark=mark(turn),
        outcome=m.TurnOutcome.FAILED,
        error="usage limit",
        limit=limit(three, ahead=60),
    )
    events = three.loads("backend", seen)
    assert e.TurnRequeued(id=turn.id, reason="usage limit", paused=True) in events
    assert pause(three).by == "backend"


# -- what people do


def test_somebody_lets_it_go_on_now(three: Story) -> None:
    refused(three, "backend", ahead=9000)
    events = three.tell(msg.ResumeNow(by="ann"))
    assert events[0] == e.Resumed(account=m.OURS, by="ann")
    assert sendings(events)
    three.on(msg.ResumeNow(by="ann"))


def test_a_run_can_be_cancelled_in_a_pause(three: Story) -> None:
    refused(three, "backend", ahead=9000)
    three.finishes("mobile")
    three.tell(msg.CancelRun(run="R1", by="ann"))
    assert three.run.end
    assert three.run.end.outcome is m.RunOutcome.CANCELLED
    assert [t.agent for t in three.state.turns.values() if t.over is None] == [
        "web"
    ]  # interrupted, not over yet
    refused(three, "web", ahead=9000)
    assert all(turn.over for turn in three.state.turns.values())


# -- workers


def test_a_refused_worker_pauses_the_account_too(three: Story) -> None:
    three.tell(msg.QueueWorker(id="W1", spec=m.WorkerSpec(label="scout", cwd="/repos")))
    three.tell(msg.ProcessStarted(ref="W1", pid=2, host_pid=1))
    refusal = msg.ProcessEnded(
        ref="W1", outcome=m.Outcome.FAILED, code=1, reason="usage limit", limit=limit(three, ahead=60)
    )
    three.tell(refusal)
    assert pause(three).by == "W1"
    events = three.tell(msg.QueueWorker(id="W2", spec=m.WorkerSpec(label="scout", cwd="/repos")))
    assert not any(isinstance(event, e.JobStarting) for event in events)
    assert e.JobStarting(id="W2") in wait(three, pause(three).until)
    three.ends("W2")
    assert three.state.refusals == {}


def test_checks_need_no_account(three: Story) -> None:
    story = started("backend", settings=msg.Settings(tests={"backend": ("make test", "make lint")}))
    refused(story, "backend", ahead=900)
    assert e.JobStarting(id="K2") in story.ends("K1")


# -- the time limit of turns


def test_a_read_only_turn_has_its_time(three: Story) -> None:
    turn = three.begins("backend")
    assert isinstance(turn.state, m.TurnActive)
    assert due(three) == turn.state.at + three.settings.read_timeout
    events = wait(three, turn.state.at + three.settings.read_timeout)
    assert [type(event) for event in events] == [e.InterruptWanted]
    assert due(three) is None
    ended = three.finishes("backend", "half", m.TurnOutcome.INTERRUPTED)[0]
    assert isinstance(ended, e.TurnEnded)
    assert ended.outcome is m.TurnOutcome.TIMED_OUT


def test_a_turn_that_writes_has_no_limit() -> None:
    story = executing(task("1", "backend"), children=("backend",))
    story.begins("backend")
    assert due(story) is None

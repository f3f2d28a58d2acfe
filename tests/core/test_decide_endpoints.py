"""Servers that are not ours: connected to, lost and found again, let go of, never started or ended."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.core.play import Story, asks, codex_turn
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.core.reconcile import Link, World, reconcile
from tmuxorch.errors import Refused

FAR = "unix:///run/far.sock"
REASON = "no App Server answers"
LINK = Link(generation=1, endpoint=FAR, loaded=True, idle=True)


@pytest.fixture
def far() -> Story:
    """A project whose one child has a server that is not ours; it is connected."""
    story = Story()
    story.tell(msg.AddAgent(name="far", path="/repos/far", endpoint=FAR))
    loads(story, anew=True)
    return story


def agent(story: Story) -> m.Agent:
    return story.state.agents["far"]


def loads(story: Story, *turns: msg.SeenTurn, anew: bool = False) -> list[e.Event]:
    """The server answers: the same process as before, or another one."""
    generation = agent(story).generation + anew
    return story.tell(msg.ThreadLoaded(agent="far", generation=generation, thread="t", turns=turns))


def breaks(story: Story) -> list[e.Event]:
    """The connection is gone."""
    return story.tell(msg.LinkDown(agent="far", generation=agent(story).generation, reason="no close frame"))


def silent(story: Story, reason: str = REASON) -> list[e.Event]:
    """Trying again does not help."""
    return story.tell(msg.Unreachable(agent="far", generation=agent(story).generation, reason=reason))


def active(story: Story) -> m.Turn:
    """Codex works on a turn of it."""
    story.tell(msg.Ask(agent="far", text="how far?"))
    return story.begins("far")


def seen(turn: m.Turn, outcome: m.TurnOutcome | None) -> msg.SeenTurn:
    return msg.SeenTurn(
        codex_turn=codex_turn(turn),
        mark=f"tmuxorch-{turn.id}-{turn.attempt}",
        outcome=outcome,
        message="done",
    )


def due(story: Story, link: Link | None = None) -> list[f.Effect]:
    """What is to be done, with that connection."""
    return reconcile(story.state, World(tmux=False, links={"far": link} if link else {}))


def test_it_is_connected_to_and_nothing_is_started() -> None:
    story = Story()
    story.on(
        msg.AddAgent(name="far", path="/repos/far", endpoint=FAR),
        e.AgentAdded(name="far", path="/repos/far", endpoint=FAR),
    )
    assert due(story) == [f.Connect("far", 0)]
    assert loads(story, anew=True) == [e.AgentReady(name="far", generation=1, thread="t")]
    assert due(story, LINK) == []
    assert not m.is_live(agent(story).server)
    assert story.tell(msg.ThreadLoaded(agent="far", generation=3, thread="t")) == [], "of nobody"


def test_its_window_is_there_while_it_is_wanted(far: Story) -> None:
    assert f.OpenView("far") in reconcile(far.state, World(tmux=True, links={"far": LINK}))
    shut = World(tmux=True, links={"far": LINK}, dismissed=frozenset({"far"}))
    assert f.OpenView("far") not in reconcile(far.state, shut)
    far.tell(msg.WantAgent(name="far", wanted=False, by="ann"))
    assert f.OpenView("far") not in reconcile(far.state, World(tmux=True))


def test_stop_lets_go_of_it_and_its_turn_is_found_again(far: Story) -> None:
    turn = active(far)
    far.on(
        msg.WantAgent(name="far", wanted=False, by="ann"),
        e.AgentWanted(name="far", wanted=False, by="ann"),
        e.AgentUnready(name="far", generation=1, reason="let go of by ann"),
    )
    assert due(far, LINK) == [f.Disconnect("far")]
    assert due(far) == []
    assert loads(far) == [], "it was let go of"
    far.on(msg.WantAgent(name="far", wanted=True, by="ann"), e.AgentWanted(name="far", wanted=True, by="ann"))
    assert due(far) == [f.Connect("far", 1)]
    loads(far, seen(turn, m.TurnOutcome.COMPLETED))
    assert (over := far.state.turns[turn.id].over) is not None
    assert (over.outcome, over.message) == (m.TurnOutcome.COMPLETED, "done")


def test_restart_connects_anew(far: Story) -> None:
    far.on(
        msg.RestartAgent(name="far", by="ann"),
        e.AgentUnready(name="far", generation=1, reason="let go of by ann"),
    )
    assert due(far, LINK) == [f.Disconnect("far")]
    assert due(far) == [f.Connect("far", 1)]
    assert due(far, Link(generation=1, endpoint=FAR)) == [], "it is being loaded"


def test_a_turn_and_its_question_outlive_the_connection(far: Story) -> None:
    turn = active(far)
    far.tell(asks("far", 0, codex_turn=codex_turn(turn)))
    assert breaks(far) == [e.AgentUnready(name="far", generation=1, reason="no close frame")]
    assert breaks(far) == []
    loads(far, seen(turn, None))
    far.on(asks("far", 0, codex_turn=codex_turn(turn)))
    assert far.the_checkpoint().origin == m.FromServer(
        agent="far",
        generation=1,
        request=0,
        method="item/commandExecution/requestApproval",
        params="{}",
        turn=turn.id,
    )
    assert isinstance(far.turn("far").state, m.TurnActive)


@pytest.mark.parametrize("listed", [True, False])
def test_a_turn_that_a_new_process_does_not_have_is_sent_once_more(far: Story, listed: bool) -> None:
    turn = active(far)
    far.tell(asks("far", 0, codex_turn=codex_turn(turn)))
    breaks(far)
    turns = [seen(turn, m.TurnOutcome.INTERRUPTED)] if listed else []
    assert loads(far, *turns, anew=True) == [
        e.CheckpointLapsed(id="C1", reason="the server that asked is gone"),
        e.AgentReady(name="far", generation=2, thread="t"),
        e.TurnRequeued(id=turn.id, reason="its server was started anew"),
        e.TurnSending(id=turn.id, generation=2),
    ]
    breaks(far)
    loads(far, anew=True)
    assert (over := far.state.turns[turn.id].over) is not None
    assert over.outcome is m.TurnOutcome.LOST


def test_a_turn_that_a_new_process_knows_as_ended_is_taken(far: Story) -> None:
    turn = active(far)
    breaks(far)
    loads(far, seen(turn, m.TurnOutcome.COMPLETED), anew=True)
    assert (over := far.state.turns[turn.id].over) is not None
    assert over.outcome is m.TurnOutcome.COMPLETED


def test_a_turn_that_somebody_interrupted_meanwhile_is_not_sent_again(far: Story) -> None:
    turn = active(far)
    breaks(far)
    loads(far, seen(turn, m.TurnOutcome.INTERRUPTED))
    assert (over := far.state.turns[turn.id].over) is not None
    assert over.outcome is m.TurnOutcome.INTERRUPTED


def test_a_turn_that_may_not_have_arrived_is_sent_by_the_same_process_only(far: Story) -> None:
    far.tell(msg.Ask(agent="far", text="how far?"))
    breaks(far)
    loads(far)
    assert due(far, LINK) == [f.SendTurn("T1")]
    assert far.turn("far").attempt == 1


def test_a_new_question_with_an_old_number_is_another_one(far: Story) -> None:
    turn = active(far)
    far.tell(asks("far", 0, codex_turn=codex_turn(turn)))
    other = replace(asks("far", 0), params='{"itemId":"b"}', digest="d2")
    lapsed, opened = far.tell(other)
    assert lapsed == e.CheckpointLapsed(id="C1", reason="the server that asked is gone")
    assert isinstance(opened, e.CheckpointOpened)
    far.tell(msg.ServerResolved(agent="far", generation=1, request=0))
    assert isinstance(far.state.checkpoints["C2"].state, m.Closed)


def test_one_that_stays_silent_is_a_matter_for_a_human_until_it_answers(far: Story) -> None:
    breaks(far)
    silent(far)
    card = far.the_checkpoint().card
    assert (card.kind, card.body) == (m.CheckpointKind.FAILURE, REASON)
    assert [choice.key for choice in card.choices] == ["retry", "abort"]
    far.refuses(msg.Ask(agent="far", text="how far?"), Refused, "no connection to the thread of far")
    assert silent(far) == []
    (changed,) = silent(far, "it wants a token")
    assert isinstance(changed, e.CheckpointChanged)
    assert far.the_checkpoint().card.body == "it wants a token"
    assert due(far) == [f.Connect("far", 1)]
    assert loads(far) == [
        e.AgentReady(name="far", generation=1, thread="t"),
        e.CheckpointLapsed(id="C1", reason="the server was started, stopped or reached"),
    ]


def test_a_connection_that_turns_out_to_be_gone_makes_it_unready(far: Story) -> None:
    assert silent(far)[0] == e.AgentUnready(name="far", generation=1, reason=REASON)


def test_retry_and_start_try_it_again_and_ask_again(far: Story) -> None:
    silent(far)
    far.answers("retry")
    assert far.opened() == []
    silent(far)
    far.on(
        msg.WantAgent(name="far", wanted=True, by="ann"),
        e.AgentWanted(name="far", wanted=True, by="ann"),
        e.CheckpointLapsed(id="C2", reason="it is tried again, as ann wants"),
    )
    silent(far)
    assert far.the_checkpoint().id == "C3"


def test_a_server_of_ours_whose_thread_another_process_holds() -> None:
    story = Story()
    story.tell(msg.AddAgent(name="backend", path="/repos/backend"))
    story.tell(msg.ProcessStarted(ref="backend#1", pid=7, host_pid=6))
    story.tell(msg.Unreachable(agent="backend", generation=1, reason="held by process 9"))
    assert story.the_checkpoint().card.body == "held by process 9"
    story.tell(msg.RestartAgent(name="backend", by="ann"))
    assert story.opened() == []
    story.tell(msg.Unreachable(agent="backend", generation=1, reason="held by process 9"))
    assert story.opened() == [], "it is being stopped"


def test_abort_ends_the_run_and_nobody_waits_for_its_turn() -> None:
    story = Story()
    story.tell(msg.AddAgent(name="far", path="/repos/far", endpoint=FAR))
    story.tell(msg.AddAgent(name=LEAD, path="/project"))
    story.up(LEAD)
    loads(story, anew=True)
    story.tell(msg.StartRun(problem="p", children=("far",)))
    turn = story.begins("far")
    breaks(story)
    silent(story)
    story.answers("abort")
    assert not agent(story).wanted
    assert (over := story.state.turns[turn.id].over) is not None
    assert over.error == f"nobody is connected any more to {FAR}"
    assert story.run.phase is m.Phase.REPORT
    story.finishes(LEAD, "It was gone.")
    assert story.run.end is not None


def test_a_turn_that_may_not_have_arrived_is_given_up_with_its_run() -> None:
    story = Story()
    story.tell(msg.AddAgent(name="far", path="/repos/far", endpoint=FAR))
    story.tell(msg.AddAgent(name=LEAD, path="/project"))
    story.up(LEAD)
    loads(story, anew=True)
    story.tell(msg.StartRun(problem="p", children=("far",)))
    turn = story.turn("far")
    assert isinstance(turn.state, m.TurnSent)
    story.tell(msg.WantAgent(name="far", wanted=False, by="ann"))
    story.tell(msg.CancelRun(run="R1", by="ann"))
    assert story.state.turns[turn.id].over


def test_it_is_removed_when_it_was_let_go_of(far: Story) -> None:
    turn = active(far)
    far.refuses(msg.RemoveAgent(name="far"), Refused, "the server of far runs")
    far.tell(msg.WantAgent(name="far", wanted=False, by="ann"))
    far.tell(msg.RemoveAgent(name="far"))
    assert far.state.turns[turn.id].over
    assert due(far, LINK) == [f.Disconnect("far")]


def test_a_child_gets_another_server(far: Story) -> None:
    turn = active(far)
    far.on(
        msg.AddAgent(name="far", path="/repos/far", endpoint="ws://localhost:1"),
        e.AgentAdded(name="far", path="/repos/far", endpoint="ws://localhost:1"),
        e.TurnRequeued(id=turn.id, reason="it has another server now"),
    )
    assert due(far, LINK) == [f.Disconnect("far")]
    assert due(far, replace(LINK, loaded=False)) == [f.Disconnect("far")], "it is to the old one"
    assert due(far) == [f.Connect("far", 1)]
    assert isinstance(far.tell(msg.AddAgent(name="far", path="/repos/far"))[-1], e.ServerStarting)
    far.up("far")
    assert isinstance(far.turn("far").state, m.TurnSent)
    far.on(
        msg.AddAgent(name="far", path="/repos/far", endpoint=FAR),
        e.AgentAdded(name="far", path="/repos/far", endpoint=FAR),
        e.TurnEnded(
            id=turn.id, outcome=m.TurnOutcome.LOST, error="the server is gone: it has another server now"
        ),
        e.ServerStopping(name="far", by="the configuration"),
    )
    assert due(far) == [f.StopProcess("far#2")], "and only then it is connected to"

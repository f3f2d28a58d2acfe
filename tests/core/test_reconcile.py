"""Effects are what should be true less what is true: due until the world shows that it is done."""

from __future__ import annotations

import pytest

from tests.core.play import Story, asks, executing, started, task
from tmuxorch.core import effects as f
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.core.reconcile import (
    FIXED_VIEWS,
    Link,
    World,
    agent_window,
    check_window,
    reconcile,
    window_key,
    worker_window,
)

SPEC = m.WorkerSpec(label="scout", cwd="/repos")


def linked(*names: str, idle: bool = True, **more: frozenset[int | str]) -> World:
    links = {
        name: Link(generation=1, loaded=True, idle=idle, asking=more.get("asking", frozenset()))
        for name in names
    }
    return World(links=links)


def sees(story: Story, *keys: str) -> None:
    """These windows exist."""
    for key in keys:
        window = m.Window(id=f"@{key}", pane=f"%{key}")
        story.tell(msg.SawWindow(key=key, window=window))


@pytest.fixture
def one() -> Story:
    """A project of one child whose server is starting."""
    story = Story()
    story.tell(msg.AddAgent(name="backend", path="/repos/backend"))
    return story


TMUX = World(tmux=True)


def test_the_windows_that_only_show_are_opened_once_there_is_a_tmux() -> None:
    story = Story()
    assert reconcile(story.state, World()) == []
    assert reconcile(story.state, TMUX) == [f.OpenView(name) for name in FIXED_VIEWS]
    sees(story, "overview", "checkpoints", "controller")
    assert reconcile(story.state, TMUX) == []


def test_a_view_that_somebody_closed_is_not_forced_upon_them() -> None:
    story = Story()
    sees(story, "checkpoints", "controller")
    assert reconcile(story.state, World(tmux=True, dismissed=frozenset({"overview"}))) == []
    assert reconcile(story.state, World(tmux=True, views=("controller",))) == []


def test_a_starting_process_gets_its_window_until_its_host_is_heard_of(one: Story) -> None:
    sees(one, *FIXED_VIEWS)
    assert reconcile(one.state, World()) == []
    assert reconcile(one.state, TMUX) == [f.OpenProcess("backend#1")]
    sees(one, "backend")
    assert reconcile(one.state, TMUX) == [f.OpenProcess("backend#1")]
    one.tell(msg.ProcessStarted(ref="backend#1", pid=2, host_pid=1))
    assert reconcile(one.state, TMUX) == [f.Connect("backend", 1)]


def test_a_process_whose_window_is_gone_gets_one_to_look_at(one: Story) -> None:
    one.up("backend")
    sees(one, *FIXED_VIEWS, "backend")
    world = World(tmux=True, links=linked("backend").links)
    assert reconcile(one.state, world) == []
    one.tell(msg.SawWindow(key="backend", window=None))
    assert reconcile(one.state, world) == [f.OpenView("backend")]


def test_stopping_goes_on_until_nothing_is_alive(one: Story) -> None:
    one.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    assert reconcile(one.state, World()) == [f.StopProcess("backend#1")]
    one.dies("backend")
    assert reconcile(one.state, World()) == []


def test_workers_and_checks_are_processes_too() -> None:
    story = executing(task("1", "backend"), settings=msg.Settings(exec_workers=1))
    story.finishes("backend")
    story.tell(msg.QueueWorker(id="W1", spec=SPEC))
    story.tell(msg.QueueWorker(id="W2", spec=SPEC))
    sees(story, *FIXED_VIEWS, "backend", "mobile", LEAD)
    world = World(tmux=True, links=linked("backend", "mobile", LEAD).links)
    assert reconcile(story.state, world) == [f.OpenProcess("W1"), f.OpenProcess("K1")]
    story.ends("W1")
    story.tell(msg.StopJob(id="K1", by="ann"))
    assert reconcile(story.state, world) == [f.OpenProcess("W2"), f.StopProcess("K1"), f.OpenView("K1")]


@pytest.mark.parametrize(("kept", "closed"), [(0, ["W1", "W3", "W2"]), (1, ["W1", "W3"]), (3, []), (9, [])])
def test_windows_of_what_has_ended_stay_up_to_a_number(kept: int, closed: list[str]) -> None:
    story = Story()
    for number in (1, 2, 3, 4, 5):
        story.tell(msg.QueueWorker(id=f"W{number}", spec=SPEC))
    for worker in ("W1", "W3", "W2", "W4"):
        story.ends(worker)
    sees(story, *FIXED_VIEWS, "W1", "W2", "W3", "W5")
    effects = reconcile(story.state, World(tmux=True, keep_finished=kept))
    assert effects == [f.OpenProcess("W5"), *map(f.CloseWindow, closed)]


def test_the_window_of_a_server_that_is_down_stays(one: Story) -> None:
    one.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    one.dies("backend")
    sees(one, *FIXED_VIEWS, "backend")
    assert reconcile(one.state, World(tmux=True, keep_finished=0)) == []


# -- the wire


def test_a_running_server_is_connected_to_until_there_is_a_link_to_this_very_one(one: Story) -> None:
    one.tell(msg.ProcessStarted(ref="backend#1", pid=2, host_pid=1))
    assert reconcile(one.state, World()) == [f.Connect("backend", 1)]
    assert reconcile(one.state, World(links={"backend": Link(generation=1)})) == []
    one.dies("backend")
    one.tell(msg.ProcessStarted(ref="backend#2", pid=2, host_pid=1))
    old = World(links={"backend": Link(generation=1, loaded=True)})
    assert reconcile(one.state, old) == [f.Connect("backend", 2)]


@pytest.fixture
def active() -> Story:
    """The child's turn T1 is being sent."""
    return started("backend")


@pytest.mark.parametrize(
    "link",
    [
        Link(generation=1, loaded=False, idle=True),
        Link(generation=1, loaded=True, idle=False),
        Link(generation=2, loaded=True, idle=True),
    ],
)
def test_a_turn_is_sent_only_to_an_idle_thread_of_its_server(active: Story, link: Link) -> None:
    others = linked(LEAD).links
    assert f.SendTurn("T1") not in reconcile(active.state, World(links=others))
    assert f.SendTurn("T1") not in reconcile(active.state, World(links={"backend": link, **others}))


def test_a_turn_is_sent_until_codex_took_it(active: Story) -> None:
    world = linked("backend", LEAD)
    assert reconcile(active.state, world) == [f.SendTurn("T1")]
    active.begins("backend")
    assert reconcile(active.state, world) == []


def test_additions_and_interruptions_are_sent_until_they_have_arrived(active: Story) -> None:
    world = linked("backend", LEAD, idle=False)
    active.begins("backend")
    active.tell(msg.Steer(agent="backend", text="look here"))
    active.tell(msg.Steer(agent="backend", text="and there"))
    active.tell(msg.Interrupt(agent="backend", by="ann"))
    assert reconcile(active.state, world) == [
        f.SendSteer("T1", 1, "look here"),
        f.SendSteer("T1", 2, "and there"),
        f.SendInterrupt("T1"),
    ]
    active.tell(msg.SteerEnded(turn="T1", number=1))
    assert reconcile(active.state, world) == [f.SendSteer("T1", 2, "and there"), f.SendInterrupt("T1")]
    active.finishes("backend", outcome=m.TurnOutcome.INTERRUPTED)
    assert reconcile(active.state, world) == []


def test_an_answer_is_sent_while_codex_waits_for_it(active: Story) -> None:
    waits = linked("backend", LEAD, idle=False, asking=frozenset({0}))
    active.begins("backend")
    active.tell(asks("backend", codex_turn=active.turn_id("backend")))
    assert reconcile(active.state, waits) == []
    active.answers("accept")
    assert reconcile(active.state, waits) == [f.Reply("C1")]
    assert reconcile(active.state, linked("backend", LEAD, idle=False, asking=frozenset({1}))) == []
    later = World(links={**waits.links, "backend": Link(generation=2, asking=frozenset({0}))})
    assert f.Reply("C1") not in reconcile(active.state, later)
    active.tell(msg.ServerResolved(agent="backend", generation=1, request=0))
    assert reconcile(active.state, waits) == []


def test_an_answer_to_us_is_not_sent_anywhere() -> None:
    story = executing()
    story.begins("backend")
    story.fails("backend")
    story.answers("retry")
    assert not any(isinstance(effect, f.Reply) for effect in reconcile(story.state, linked("backend")))


def test_effects_of_one_moment_have_different_keys() -> None:
    story = executing(task("1", "backend"), task("2", "mobile"))
    story.begins("backend")
    story.tell(msg.Steer(agent="backend", text="a"))
    story.tell(msg.Steer(agent="backend", text="a"))
    story.tell(msg.Interrupt(agent="backend", by="ann"))
    story.tell(msg.QueueWorker(id="W1", spec=SPEC))
    story.tell(msg.StopJob(id="W1", by="ann"))
    world = World(tmux=True, links=linked("backend", "mobile").links)
    keys = [effect.key for effect in reconcile(story.state, world)]
    assert len(keys) == len(set(keys)) >= 9


def test_windows_are_named_after_what_is_in_them() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend")
    story.tell(msg.QueueWorker(id="W1", spec=SPEC))
    assert (agent_window("backend"), agent_window(LEAD)) == ("app-backend", "orchestrator")
    assert worker_window(story.state.workers["W1"]) == "W1-scout"
    assert check_window(story.check()) == "check-1-1"
    assert [window_key(ref) for ref in ("backend#3", "W1", "W1.2")] == ["backend", "W1", "W1"]

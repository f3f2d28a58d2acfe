"""What recorded events change beside statuses: ids, windows, tokens, and the entries of the log."""

from __future__ import annotations

import shlex

import pytest
from msgspec import json
from msgspec.structs import replace

from tests.core import golden_v2
from tests.core.play import Story, executing, started, task, understood
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.evolve import LOG_KEPT, evolve
from tmuxorch.core.evolve.note import paste
from tmuxorch.core.plan import LEAD


def test_an_event_never_changes_the_state_it_was_applied_to() -> None:
    state = m.State()
    for at, event in executing().journal:
        before = json.encode(state)
        after = evolve(state, event, at)
        assert json.encode(state) == before
        state = after


# -- ids


def test_ids_are_never_used_twice() -> None:
    story = executing(task("1", "backend"), task("2", LEAD))
    story.tell(msg.CancelRun(run="R1", by="ann"))
    story.tell(msg.StartRun(problem="again", children=("backend",)))
    events = [event for _, event in story.journal]
    for kind in (e.TurnQueued, e.CheckpointOpened, e.RunStarted):
        ids = [event.id for event in events if isinstance(event, kind)]
        assert ids == [f"{ids[0][0]}{number}" for number in range(1, len(ids) + 1)]


def test_an_id_that_was_given_from_outside_counts() -> None:
    story = Story()
    spec = m.WorkerSpec(label="scout", cwd="/repos")
    story.tell(msg.QueueWorker(id="W7", spec=spec))
    story.tell(msg.QueueWorker(id="W3", spec=spec))
    assert story.state.counters == {"W": 7}


# -- windows

HOME = m.TmuxServer(pid=1, start=2, session="$1", name="tmuxorch")
WINDOW = m.Window(id="@1", pane="%1")


@pytest.fixture
def windows() -> Story:
    """One window on one tmux server."""
    story = Story()
    story.on(msg.SawTmux(server=HOME), e.TmuxAttached(server=HOME))
    story.on(msg.SawTmux(server=HOME))
    story.on(msg.SawWindow(key="overview", window=WINDOW), e.WindowOpened(key="overview", window=WINDOW))
    story.on(msg.SawWindow(key="overview", window=WINDOW))
    return story


def test_a_window_that_is_gone_is_forgotten(windows: Story) -> None:
    windows.on(msg.SawWindow(key="overview", window=None), e.WindowClosed(key="overview"))
    windows.on(msg.SawWindow(key="overview", window=None))
    assert windows.state.windows == {}


def test_a_renamed_session_keeps_its_windows(windows: Story) -> None:
    windows.tell(msg.SawTmux(server=replace(HOME, name="other")))
    assert windows.state.windows == {"overview": WINDOW}


@pytest.mark.parametrize("other", [replace(HOME, pid=9), replace(HOME, start=9)])
def test_windows_go_with_their_server(windows: Story, other: m.TmuxServer) -> None:
    windows.on(msg.SawTmux(server=other), e.TmuxAttached(server=other))
    assert windows.state.windows == {}


def test_git_is_recorded_when_it_has_changed() -> None:
    story = started("backend")
    git = m.Git(branch="main", head="a" * 40)
    story.on(msg.SawGit(agent="backend", git=git), e.GitSeen(name="backend", git=git))
    story.on(msg.SawGit(agent="backend", git=git))
    story.on(msg.SawGit(agent="nobody", git=git))


# -- the log


def last(story: Story) -> m.LogEntry:
    return story.state.log[-1]


def test_the_log_tells_a_run_in_facts() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend", "Done \x1b[31m✔\nwith\tcare")
    assert last(story) == m.LogEntry(
        number=16,
        at=story.now,
        child="backend",
        intent="item (item 1)",
        result="completed in 0.0 s\nIts words: Done ✔\nwith    care",
        artifacts="branch main",
        resume="tmuxorch tui backend -C /repos/orchestrator",
        next_step="Its checks: `make test`",
    )
    story.check_ends(passes=False)
    assert last(story) == m.LogEntry(
        number=17,
        at=story.now,
        child="backend",
        intent="check 1-1 (K1)",
        result="fail: exit status 2 in 2.0 s",
        checks="`make test` in /repos/backend, sandboxed: fail",
        artifacts=".orchestrator/checks/K1/output.log",
        resume="tmuxorch logs K1 -C /repos/orchestrator",
        next_step="backend is given one turn to mend it, with this output.",
    )


def test_the_log_tells_what_git_saw_of_a_turn_and_what_it_took() -> None:
    story = executing(task("1", "backend"))
    turn = story.turn("backend")
    assert isinstance(turn.state, m.TurnActive | m.TurnSent)
    story.begins("backend")
    active = story.turn("backend").state
    assert isinstance(active, m.TurnActive)
    story.tell(
        msg.TurnFinished(
            agent="backend",
            codex_turn=active.codex_turn,
            outcome=m.TurnOutcome.COMPLETED,
            message='{"summary":"Mended.","contract_changes":[],"open_questions":[]}',
            tokens=m.Tokens(30, 10, 5),
            touched=("src/a.py", "src/b.py"),
        )
    )
    entry = next(one for one in reversed(story.state.log) if one.intent == "item (item 1)")
    assert entry.result == "completed in 0.0 s\nIts words: Mended."
    assert entry.artifacts.splitlines() == [
        "branch main",
        "changed files src/a.py, src/b.py",
        "tokens 30 in, 5 out",
    ]


def test_what_is_pasted_works_from_anywhere() -> None:
    story = Story()
    story.tell(msg.AddAgent(name=LEAD, path="/my repos/it's"))
    assert shlex.split(paste(story.state, "tui", "a b")) == ["tmuxorch", "tui", "a b", "-C", "/my repos/it's"]


def test_the_log_tells_a_run_that_is_planned_again() -> None:
    state, said = m.State(), list[tuple[str, str, str]]()
    for number, event in enumerate(golden_v2.EVENTS):
        state = evolve(state, event, 1000.0 + number)
        if state.log and len(said) < state.log_count:
            said.append((state.log[-1].child, state.log[-1].intent, state.log[-1].result.splitlines()[0]))
    assert [entry for entry in said if "turn" not in entry[1]] == [
        ("backend", "account limit", "usage limit: usage limit"),
        ("orchestrator", "account limit", "Work goes on, by the clock."),
        ("orchestrator", "R1: they disagree", "Started with backend, web."),
        ("backend", "brief (R1)", "As in R0: the repo has not changed since."),
        ("orchestrator", "R1: plan the work", "A plan of 3 items."),
        ("orchestrator", "checkpoint C1 · plan: the plan", "Answered by ann: answer=(secret)"),
        ("orchestrator", "checkpoint C1 · plan: the plan", "Open again: the controller was restarted"),
        ("backend", "place to work in (R1)", "A worktree was made."),
        ("backend", "item (item 1)", "completed in 0.0 s"),
        ("orchestrator", "R1: contract token", "Changed by item 1: {token, until}"),
        ("backend", "commit (item 1)", f"Committed as {'b' * 40}."),
        ("orchestrator", "R1: look at the plan again", "Cause: token has changed"),
        ("orchestrator", "R1: change of the plan", "The lead proposes a change."),
        ("orchestrator", "R1: change of the plan", "Accepted, by ann."),
        ("orchestrator", "R1: change of the plan", "The change accepted by ann is in force."),
    ]


def test_the_log_keeps_an_agents_words_short() -> None:
    story = executing(task("1", "backend"))
    story.finishes("backend", "word " * 1000)
    assert len(last(story).result) < 700
    assert last(story).result.endswith("…")


def test_the_log_tells_workers_questions_and_dead_servers() -> None:
    story = started("backend")
    spec = m.WorkerSpec(label="scout", role="scout", task="find the token", cwd="/repos")
    story.tell(msg.QueueWorker(id="W1", spec=spec))
    story.ends("W1", m.Outcome.FAILED, 1)
    assert (last(story).child, last(story).intent) == ("W1-scout", "find the token")
    assert last(story).result == "failed, exit status 1"
    assert last(story).resume == "tmuxorch result W1 -C /repos/orchestrator"
    story.tell(msg.Ask(agent=LEAD, text="how far?"))
    story.fails(LEAD, "quota exceeded")
    assert (last(story).intent, last(story).result) == (
        "ask (on request): how far?",
        "failed in 0.0 s: quota exceeded",
    )
    story.dies("backend", "signal 9")
    assert last(story).result == "Ended unexpectedly: signal 9."


def test_the_log_is_quiet_about_what_is_no_step_of_the_work() -> None:
    story = Story()
    story.project("backend")
    story.up("backend", LEAD)
    story.tell(msg.SawTmux(server=HOME))
    story.tell(msg.Woke(pid=1, version="1"))
    story.tell(msg.WantAgent(name="backend", wanted=False, by="ann"))
    story.dies("backend")
    assert (story.state.log, story.state.log_count) == ((), 0)


def test_the_log_holds_the_newest_entries_and_numbers_all() -> None:
    story = understood()
    count = story.state.log_count
    for _ in range(LOG_KEPT):
        story.tell(msg.Ask(agent="backend", text="how far?"))
        story.finishes("backend")
    assert story.state.log_count == count + LOG_KEPT
    assert [entry.number for entry in story.state.log] == list(range(count + 1, count + LOG_KEPT + 1))

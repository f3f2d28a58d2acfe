"""The public objects: their keys are the contract's, their words too, and no secret is in them."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from tests.ledger.samples import states
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.ledger import public, public_checkpoints, public_workers, words
from tmuxorch.ledger.words import ChildState, WorkerState

PROJECT = public.Project(
    dir="/p", session="tmuxorch", socket="/s", codex="0.163.0", tmux="3.3a", controller=None
)


def test_every_state_of_the_whole_story_makes_valid_objects() -> None:
    for state in states():
        status = msgspec.json.encode(public.status(state, PROJECT, 2000.0))
        assert msgspec.json.decode(status, type=public.Status) == public.status(state, PROJECT, 2000.0)
        for one in state.checkpoints.values():
            shown = public_checkpoints.checkpoint_shown(one)
            assert (
                msgspec.json.decode(msgspec.json.encode(shown), type=public_checkpoints.CheckpointShown)
                == shown
            )


def keys(shape: type[msgspec.Struct]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(shape)]


@pytest.mark.parametrize(
    ("shape", "contract"),
    [
        (public.Status, "project run children workers checkpoints counts paused patterns"),
        (public.Project, "dir session socket codex tmux controller"),
        (public.Controller, "pid since"),
        (public.Run, "id phase problem started ended outcome items reason places tokens"),
        (public.Item, "item title owner depends status attempts fixes changed commit tokens"),
        (public.Child, "name path window state thread waiting tokens branch head"),
        (m.Tokens, "input cached output"),
        (public_workers.Worker, "id label role window state outcome exit_code thread started ended tokens"),
        (public_workers.Worker, "task cwd reason queued scope paths waits_for attempts retry_at changed"),
        (public_workers.Worker, "violations worktree branch merge parent pattern step"),
        (public_workers.PatternRun, "id pattern title task state outcome reason summary started ended steps"),
        (public_workers.PatternStep, "name status workers"),
        (public_checkpoints.Checkpoint, "id kind source item state opened title digest tried"),
        (public_checkpoints.CheckpointShown, "body do expect blocks choices answer answered_by attempts"),
        (public_checkpoints.Attempt, "at by how"),
        (public.Counts, "running waiting queued failed"),
    ],
)
def test_the_contracts_keys_are_there(shape: type[msgspec.Struct], contract: str) -> None:
    assert set(contract.split()) <= set(keys(shape))


def test_times_are_rfc3339_in_utc() -> None:
    assert words.rfc3339(1763683200.25) == "2025-11-21T00:00:00.250Z"


def test_the_newest_run_with_its_items() -> None:
    state = next(state for state in states() if state.run and state.run.phase == "execute")
    run = public.status(state, PROJECT, 0.0).run
    assert run is not None
    assert (run.id, run.phase, run.outcome, run.ended) == ("R1", m.Phase.EXECUTE, None, None)
    assert [(item.item, item.owner, item.status) for item in run.items][:2] == [
        ("1", "backend", "ready"),
        ("2", "mobile", "pending"),
    ]
    ended = public.run(states()[-1], states()[-1].runs["R1"])
    assert ended.phase is m.Phase.ENDED
    assert ended.outcome is not None
    assert ended.ended is not None


AGENT = m.Agent(name="backend", path="/b", server=m.Running(at=1.0, pid=2, host_pid=1), ready=True)
EXITED = m.Exited(at=1.0, outcome=m.Outcome.FAILED, code=1)
CARD = m.Card(kind=m.CheckpointKind.QUESTION, title="t", body="b", do="d", expect="e")
POINT = m.Checkpoint(
    id="C1", source="backend", item="", origin=m.FromAgent("x"), card=CARD, digest="f", blocks=(), opened=1.0
)


def of(agent: m.Agent, *points: m.Checkpoint, turns: tuple[m.Turn, ...] = ()) -> m.State:
    return m.State(
        agents={agent.name: agent},
        checkpoints={point.id: point for point in points},
        turns={turn.id: turn for turn in turns},
    )


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, ChildState.IDLE),
        ({"ready": False}, ChildState.STARTING),
        ({"ready": False, "crashes": 1}, ChildState.RESTARTING),
        ({"server": m.Starting(at=1.0)}, ChildState.STARTING),
        ({"server": EXITED}, ChildState.STARTING),
        ({"server": EXITED, "crashes": 2}, ChildState.RESTARTING),
        ({"server": EXITED, "wanted": False}, ChildState.STOPPED),
        ({"server": m.Stopping(at=1.0, by="ann")}, ChildState.RESTARTING),
        ({"server": m.Stopping(at=1.0, by="ann"), "wanted": False}, ChildState.STOPPED),
    ],
)
def test_the_word_for_a_child(changes: dict[str, object], word: ChildState) -> None:
    agent = replace(AGENT, **changes)
    assert words.child_state(of(agent), agent) is word


def test_a_child_with_a_turn_is_active_and_one_with_an_open_checkpoint_waits() -> None:
    active = m.TurnActive(at=1.0, generation=1, codex_turn="c")
    turn = m.Turn(id="T1", agent="backend", purpose=m.Purpose.ASK, state=active)
    assert public.child(of(AGENT, turns=(turn,)), AGENT).state is ChildState.ACTIVE
    waits = public.child(of(AGENT, POINT, turns=(turn,)), AGENT)
    assert (waits.state, waits.waiting) == (ChildState.WAITING, "C1")
    answered = replace(POINT, state=m.Closed(at=2.0, by="ann", answer=m.Answer()))
    assert public.child(of(AGENT, answered), AGENT).state is ChildState.IDLE
    given_up = replace(POINT, origin=m.FromAgent("backend"))
    down = replace(AGENT, server=EXITED, crashes=3)
    assert public.child(of(down, given_up), down).state is ChildState.FAILED


@pytest.mark.parametrize(
    ("life", "word"),
    [
        (m.Queued(at=1.0), WorkerState.QUEUED),
        (m.Starting(at=1.0), WorkerState.STARTING),
        (m.Running(at=1.0, pid=2, host_pid=1), WorkerState.RUNNING),
        (m.Stopping(at=1.0, by="ann"), WorkerState.STOPPING),
        (EXITED, WorkerState.EXITED),
    ],
)
def test_the_word_for_a_worker(life: m.Life, word: WorkerState) -> None:
    worker = m.Worker(id="W1", spec=m.WorkerSpec(label="l", cwd="/"), life=life, queued=0.0)
    assert public_workers.worker(m.State(), worker).state is word
    silent = m.State(checkpoints={"C1": replace(POINT, source="W1", origin=m.FromWorker("W1"))})
    waits = words.worker_state(silent, worker) is WorkerState.WAITING
    assert waits == (word is WorkerState.RUNNING)


def test_an_ended_worker_says_how_and_why() -> None:
    ended = m.Exited(at=3.0, outcome=m.Outcome.SPAWN_FAILED, reason="no such program")
    worker = m.Worker(id="W1", spec=m.WorkerSpec(label="l", cwd="/"), life=ended, queued=0.0)
    shown = public_workers.worker(m.State(), worker)
    assert (shown.outcome, shown.exit_code, shown.reason) == (m.Outcome.SPAWN_FAILED, None, "no such program")
    assert shown.started is None


def test_counts_and_the_lead_is_no_child() -> None:
    lead = replace(AGENT, name=LEAD)
    spec = m.WorkerSpec(label="l", cwd="/")
    lives: tuple[m.Life, ...] = (m.Queued(at=1.0), m.Running(at=1.0, pid=2, host_pid=1), EXITED)
    workers = {
        f"W{n}": m.Worker(id=f"W{n}", spec=spec, life=life, queued=0.0) for n, life in enumerate(lives)
    }
    state = m.State(agents={"backend": AGENT, LEAD: lead}, workers=workers, checkpoints={"C1": POINT})
    status = public.status(state, PROJECT, 0.0)
    assert [child.name for child in status.children] == ["backend"]
    assert status.counts == public.Counts(running=1, waiting=1, queued=1, failed=1)


def test_a_secret_that_was_answered_is_not_shown() -> None:
    fields = (m.Field(id="token", label="Token", secret=True), m.Field(id="name", label="Name"))
    answer = m.Answer(choice="accept", text="hunter2", values={"token": "hunter2", "name": "ann"})
    for state in (m.Answered(at=2.0, by="ann", answer=answer), m.Closed(at=2.0, by="ann", answer=answer)):
        shown = public_checkpoints.checkpoint_shown(
            replace(POINT, card=replace(CARD, fields=fields), state=state)
        )
        assert shown.answer == m.Answer(
            choice="accept",
            text=public_checkpoints.SECRET,
            values={"token": public_checkpoints.SECRET, "name": "ann"},
        )
        assert b"hunter2" not in msgspec.json.encode(shown)


def test_a_lapsed_checkpoint_says_why_and_has_no_answer() -> None:
    shown = public_checkpoints.checkpoint_shown(
        replace(POINT, state=m.Lapsed(at=2.0, reason="the server is gone"))
    )
    assert (shown.state, shown.answer, shown.answered_by, shown.reason) == (
        "lapsed",
        None,
        None,
        "the server is gone",
    )


def test_of_a_crowd_the_first_few_that_are_waited_for_are_named() -> None:
    spec = m.WorkerSpec(label="l", cwd="/a", scope="edit", lease=("/a",))
    workers = {
        f"W{n}": m.Worker(id=f"W{n}", spec=spec, life=m.Queued(at=float(n)), queued=float(n))
        for n in range(1, 20)
    }
    *_, last = public_workers.workers(m.State(workers=workers))
    assert last.waits_for == tuple(f"W{n}" for n in range(1, 1 + public_workers.NAMED))


def test_a_worker_that_has_ended_is_told_anew_when_something_of_it_has_changed() -> None:
    worker = m.Worker(id="W1", spec=m.WorkerSpec(label="l", cwd="/a"), life=EXITED, queued=1.0)
    window = m.Window(id="@7", pane="%7")

    def told(one: m.Worker, windows: dict[str, m.Window]) -> public_workers.Worker:
        return public_workers.workers(m.State(workers={"W1": one}, windows=windows))[0]

    assert told(worker, {}).window is None
    assert told(worker, {"W1": window}).window == "@7"
    assert told(replace(worker, thread="t"), {"W1": window}).thread == "t"

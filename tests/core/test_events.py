"""What is recorded can be read again: now, and when it was written by the first version."""

from __future__ import annotations

from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, ValidationError, json
from msgspec.structs import fields

from tests.core import golden, golden_v2, golden_v3, golden_v4, golden_v5
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve import evolve
from tmuxorch.core.plan import LEAD

KINDS: tuple[type[Struct], ...] = get_args(e.Event)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@cache
def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of that type, as the types of the model are made."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return st.one_of(*map(values, args))
    if origin is tuple and args[-1] is ...:
        return st.lists(values(args[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, args))
    if origin is dict:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=2)
    if issubclass(kind, Struct):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: values(hints[field.name]) for field in fields(kind)})
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    simple: dict[type, st.SearchStrategy[Any]] = {
        str: TEXT,
        bool: st.booleans(),
        int: st.integers(-(2**31), 2**53),
        float: st.floats(allow_nan=False, allow_infinity=False),
        NoneType: st.none(),
    }
    return simple[kind]


@settings(max_examples=300)
@given(st.sampled_from(KINDS).flatmap(values))
def test_every_event_is_read_as_it_was_written(event: Any) -> None:
    written = e.encode(event)
    assert b"\n" not in written
    assert e.decode(written) == event
    assert type(e.decode(written)) is type(event)


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b'{"type":"no_such_event"}', b'{"type":"phase_entered"}'])
def test_anything_else_is_no_event(data: bytes) -> None:
    with pytest.raises((ValidationError, ValueError)):
        e.decode(data)


def test_members_that_a_later_version_adds_are_passed_over() -> None:
    assert e.decode(b'{"type":"window_closed","key":"W1","later":[1]}') == e.WindowClosed(key="W1")


def folded() -> m.State:
    state = m.State()
    for record in golden.read():
        state = evolve(state, e.decode(bytes(record.event)), record.at)
    return state


def test_every_sort_of_event_is_in_a_journal_that_is_kept() -> None:
    lines = b"".join(path.read_bytes() for path in golden.FILE.parent.glob("journal_v*.jsonl")).splitlines()
    held = {json.decode(json.decode(line, type=golden.Record).event)["type"] for line in lines}
    assert held == {kind.__struct_config__.tag for kind in KINDS}


def test_the_journal_of_the_fifth_version_gives_the_same_state_for_ever() -> None:
    state = m.State()
    for record in golden_v5.read():
        state = evolve(state, e.decode(bytes(record.event)), record.at)
    assert state.lead == m.Lead(open=True, full=False, told=2, woken=5)
    assert [(one.number, one.about, one.wakes) for one in state.news] == [
        (1, "R1", False),
        (2, "R1", True),
        (3, "R1", False),
        (4, "R1", True),
        (5, "C1", False),
        (6, "C1", False),
        (7, "W1", True),
    ]
    run, opened = state.runs["R1"], state.checkpoints["C1"]
    assert (run.led, run.ordered, run.asked, {*run.holds}) == (LEAD, ("1",), {"C1": ("1",)}, {"1"})
    assert opened.attempts == (m.Attempt(at=1016.0, by="backend", how="asked the controller"),)
    assert (state.turns["T1"].purpose, state.turns["T2"].news) == (m.Purpose.TALK, (3, 5))


def test_the_journal_of_the_fourth_version_gives_the_same_state_for_ever() -> None:
    state = m.State()
    for record in golden_v4.read():
        state = evolve(state, e.decode(bytes(record.event)), record.at)
    assert (state.muted, list(state.agents), list(state.workers)) == (
        {"backend": "notify.mute"},
        ["backend"],
        ["W1"],
    )


def test_the_journal_of_the_third_version_gives_the_same_state_for_ever() -> None:
    state = m.State()
    for record in golden_v3.read():
        state = evolve(state, e.decode(bytes(record.event)), record.at)
    assert state.workers["W1"] == m.Worker(
        id="W1",
        spec=golden_v3.EDITS,
        life=m.Exited(at=1007.0, outcome=m.Outcome.SUCCEEDED, code=0),
        queued=1000.0,
        started=1003.0,
        thread="t2",
        tokens=m.Tokens(12, 2, 5),
        attempt=2,
        kind=m.Kind.AGAIN,
        earliest=1010.0,
        reason="at capacity",
        retries=1,
        spent=m.Tokens(5, 1, 2),
        place=golden_v3.PLACE,
        changed=("src/a.py", "src/b.py"),
        violations=("Makefile", "README.md"),
        hook=m.Hook.RAN,
    )
    assert state.workers["W2"] == m.Worker(
        id="W2",
        spec=golden_v3.READS,
        life=m.Exited(at=1014.0, outcome=m.Outcome.CANCELLED, reason="stopped by ann"),
        queued=1011.0,
    )
    assert state.patterns == {
        "P1": m.PatternRun(
            id="P1",
            spec=golden_v3.SPEC,
            started=1010.0,
            workers=(("W2",),),
            stopped_by="ann",
            end=m.PatternEnd(
                at=1015.0,
                outcome=m.PatternOutcome.CANCELLED,
                reason="stopped by ann",
                summary="none",
            ),
        )
    }
    assert state.counters == {"W": 2, "P": 1}
    assert [entry.child for entry in state.log] == ["W1-fix", "W1-fix", "W2-look-errors", LEAD]


def test_the_journal_of_the_second_version_gives_the_same_state_for_ever() -> None:
    state = m.State()
    for record in golden_v2.read():
        state = evolve(state, e.decode(bytes(record.event)), record.at)
    (run,) = state.runs.values()
    assert run.plan == golden_v2.PLAN
    assert run.places["backend"] == m.Place(
        path="/state/R1/backend", branch="tmuxorch/R1", head="b" * 40, worktree=True
    )
    assert (run.worktrees, run.fresh, run.fingerprints) == (("backend",), True, {"backend": "f" * 16})
    assert (run.replan, run.replans, run.causes, run.held, run.contract_changes) == (None, 1, (), (), {})
    assert run.items["2"].flag == "token has changed"
    turn = state.turns["T1"]
    assert (turn.attempt, turn.lost, turn.touched, turn.strays) == (2, 0, ("api.md",), {"web": ("y",)})
    assert state.checkpoints["C1"].is_open
    assert (state.pauses, state.agents["web"].account) == ({}, "ws://127.0.0.1:4500")


def test_the_journal_of_the_first_version_gives_the_same_state_for_ever() -> None:
    state = folded()
    (run,) = state.runs.values()
    assert (run.phase, run.words, run.briefs["mobile"].role) == (
        m.Phase.ENDED,
        "It was given up.",
        "the service",
    )
    assert run.end == m.RunEnd(1067.0, m.RunOutcome.FAILED, "item 4 was given up (aborted by ann)")
    assert run.items == {
        "1": m.ItemState(
            progress=m.ItemDone(),
            attempts=1,
            fixes=1,
            tries=2,
            summary="Mended.",
            changed=("src/token.py",),
        ),
        "2": m.ItemState(progress=m.ItemSkipped(by="ann"), attempts=1),
        "3": m.ItemState(progress=m.ItemDone(), decisions=("a green light",)),
        "4": m.ItemState(progress=m.ItemFailed(reason="given up by ann"), attempts=1),
    }
    assert run.plan is not None
    assert [(item.id, item.owner, item.depends) for item in run.plan.items] == [
        ("1", "backend", ()),
        ("2", "mobile", ("1",)),
        ("3", LEAD, ("2",)),
        ("4", "mobile", ("3",)),
    ]
    assert {agent.name: (agent.generation, agent.ready, agent.thread) for agent in state.agents.values()} == {
        "backend": (2, True, "thread of backend"),
        "mobile": (1, True, "thread of mobile"),
        LEAD: (1, True, f"thread of {LEAD}"),
    }
    assert [(check.id, check.label, check.passed) for check in state.checks.values()] == [
        ("K1", "before-1", True),
        ("K2", "1-1", False),
        ("K3", "1-2", True),
    ]
    assert [(point.id, point.card.kind.value, type(point.state)) for point in state.checkpoints.values()] == [
        ("C1", "plan", m.Closed),
        ("C2", "approval", m.Closed),
        ("C3", "approval", m.Lapsed),
        ("C4", "failure", m.Closed),
        ("C5", "human", m.Closed),
        ("C6", "failure", m.Closed),
    ]
    assert state.workers["W1"].life == m.Exited(1033.0, m.Outcome.CANCELLED, 0, "stopped by ann")
    assert state.agents["backend"].tokens == m.Tokens(1000, 800, 50)
    assert (list(state.windows), state.tmux and state.tmux.pid) == (["backend"], 6)
    assert (state.log_count, state.log[-1].result) == (
        27,
        "Ended: failed. item 4 was given up (aborted by ann)",
    )

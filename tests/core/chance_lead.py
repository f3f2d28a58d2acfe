"""What could happen next to leads, their runs and their questions, and people who type to agents; see chance. And what
is true of all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from msgspec import json
from msgspec.structs import replace

from tests.core.play import Story
from tests.core.play_led import CLAUDE, OF_THE_ENGINE
from tmuxorch.core import answers as a
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.lead import to_wake
from tmuxorch.core.decide.led import is_asked
from tmuxorch.core.plan import LEAD, ItemStatus

LEADERS = ("", LEAD, CLAUDE)
"""Who leads one run after the other."""

ASKED = m.Card(
    kind=m.CheckpointKind.HUMAN,
    title="which colour",
    body="",
    do="Say.",
    expect="A colour.",
    fields=(m.Field(id="answer", label="your answer"),),
)


def forward(story: Story, plan: str) -> Iterator[msg.Message]:
    """What brings a led run on; `plan` is one that may be proposed."""
    state, run = story.state, story.state.run
    if to_wake(state):
        yield msg.WakeLead()
    if run is None or not run.led:
        return
    if run.phase is m.Phase.PLAN:
        yield msg.ProposePlan(plan=plan, by=run.led)
    elif run.phase is m.Phase.EXECUTE and is_asked(run):
        assert run.plan is not None
        same = json.encode(a.as_answer(run.plan, a.ReplanAnswer)).decode()
        yield msg.RevisePlan(plan=same, reason="", by=run.led)
        yield msg.RevisePlan(plan=changed(story, run), reason="", by=run.led)
    elif run.phase is m.Phase.EXECUTE and _unordered(run):
        yield msg.OrderItems(items=(), by=run.led)
    elif run.end and not run.words:
        yield msg.GiveReport(run=run.id, words="Done.", by=run.led)


def trouble(story: Story, plan: str) -> Iterator[msg.Message]:
    """What disturbs: leads that come and go, ask and change their minds, and people who type to their agents."""
    state, number = story.state, len(story.journal)
    yield msg.OpenLead(full=bool(number % 2), by="ann")
    yield msg.CloseLead(by="ann")
    yield msg.WakeLead()
    for agent in state.agents.values():
        typed = f"codex-T{state.counters.get('T', 0) + 1}-1"
        yield msg.TurnSeen(agent=agent.name, generation=agent.generation, codex_turn=typed)
        yield msg.TurnSeen(agent=agent.name, generation=agent.generation - 1, codex_turn=typed)
        if isinstance(agent_turn := _active(state, agent.name), m.TurnActive):
            yield msg.TellNews(upto=state.news_count, codex_turn=agent_turn.codex_turn)
    for checkpoint in state.checkpoints.values():
        yield msg.AttemptSeen(checkpoint=checkpoint.id, by="mobile", how=f"way {number % 7}")
    yield msg.AskHuman(card=ASKED, blocks=(), by=LEAD)
    if run := state.run:
        yield from _of_run(story, run, plan)


def _of_run(story: Story, run: m.Run, plan: str) -> Iterator[msg.Message]:
    by = run.led or LEAD
    yield msg.ProposePlan(plan=plan, by=by)
    yield msg.ProposePlan(plan="no plan", by=by)
    yield msg.GiveReport(run=run.id, words=f"words {len(story.journal)}", by=by)
    if run.plan:
        items = tuple(item.id for item in run.plan.items)
        yield msg.OrderItems(items=items, by=by)
        yield msg.OrderItems(items=items[-1:], by=by)
        yield msg.AskHuman(card=ASKED, blocks=items[-1:], by=by)
        yield msg.AskHuman(card=ASKED, blocks=items[:1], by=by)
        yield msg.RevisePlan(plan=changed(story, run), reason=f"reason {len(story.journal)}", by=by)


def _active(state: m.State, agent: str) -> m.TurnState | None:
    return next((turn.state for turn in state.turns.values() if turn.agent == agent and turn.in_flight), None)


def proposal(answer: str) -> str:
    """A plan turn's answer as who leads gives it, with the contracts that its items name."""
    said = json.decode(answer, type=a.ReplanAnswer)
    named = {item.contract for item in said.items} - {""}
    contracts = (
        a.ContractAnswer(name=name, producer="backend", consumers=("mobile",), shape="POST /token → {token}")
        for name in named
    )
    return json.encode(replace(said, contracts=tuple(contracts))).decode()


def changed(story: Story, run: m.Run) -> str:
    """The plan in force, with another risk of what has not begun, and something new or something gone."""
    assert run.plan is not None
    number = len(story.journal)
    items = [
        item if item.id in run.begun else replace(item, risk=f"risk {number}") for item in run.plan.items
    ]
    if number % 3 == 0:
        items.append(replace(run.plan.items[0], id=f"n{number}", depends=()))
    elif number % 3 == 1:
        del items[-1]
    return json.encode(a.as_answer(replace(run.plan, items=tuple(items)), a.ReplanAnswer)).decode()


# -- what is true of it


def _unordered(run: m.Run) -> list[str]:
    """The items of a child that could begin, if who leads said so."""
    assert run.plan is not None
    ready = [item for item, status in m.pending(run).items() if status is ItemStatus.READY]
    return [
        name for name in ready if name not in run.ordered and (item := run.plan.item(name)) and not item.human
    ]


def moves(run: m.Run | None) -> set[object]:
    """What who leads a run has to do now; nothing moves as long as it does not."""
    found = set[object]()
    if run is None or not run.led:
        return found
    if run.phase is m.Phase.PLAN:
        found.add("plan")
    if run.phase is m.Phase.EXECUTE:
        found.update(_unordered(run))
    if run.replan and is_asked(run):
        found.add((run.replan.number, run.replan.causes))
    return found


def tells_who_leads(before: m.State, after: m.State) -> None:
    """Whoever has something to do that it had not before is told so; the lead is woken for it."""
    run = after.active_run
    was = before.runs.get(run.id) if run else None
    if run is None or not moves(run) - moves(was):
        return
    fresh = islice(reversed(after.news), after.news_count - before.news_count)
    assert any(one.wakes or run.led != LEAD for one in fresh), moves(run) - moves(was)


def leads_itself(events: list[e.Event]) -> None:
    """No lead that leads by itself is asked for anything in a turn, and nothing begins that it has not ordered."""
    led, ordered = set[str](), set[tuple[str, str]]()
    for event in events:
        match event:
            case e.RunStarted(id=run) if event.led:
                led.add(run)
            case e.ItemsOrdered(run=run, items=items):
                ordered |= {(run, item) for item in items}
            case e.PlanProposed(run=run, plan=plan) | e.PlanEdited(run=run, plan=plan):
                ordered -= {(name, item) for name, item in ordered if name == run and not plan.item(item)}
            case e.TurnQueued(run=run, purpose=purpose, item=item) if run in led:
                assert purpose not in OF_THE_ENGINE, event
                assert not item or (run, item) in ordered, event
            case _:
                pass

"""Methods of whoever leads the work: what it reads, and what it gives."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec import Struct, json, to_builtins

from tmuxorch.controller import digest
from tmuxorch.controller.api.context import May, Nothing, method, shown
from tmuxorch.controller.api.runs import OptionalRun, find
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import answers, text
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import NotFound, TimedOut, UsageError

MOST = 50
"""News that are told at once: what is cut off on the way is told to nobody, and so nobody would be woken for it."""

CHOICES = 12
"""Answers that a checkpoint of a lead can offer."""


class News(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """News after the number `since`, the oldest MOST of them; with `about` (ids of runs, workers, patterns,
    checkpoints, turns; children), at least one of all about any of these, else one that matters. Waits at most
    `timeout` seconds. `codex_turn` is the lead's turn that asks.
    """

    since: int
    about: tuple[str, ...] = ()
    timeout: float = 0.0
    codex_turn: str = ""


class Proposed(Struct, frozen=True, forbid_unknown_fields=True):
    """A plan, as JSON in the shape of core.answers.ReplanAnswer."""

    plan: dict[str, Any]


class Revised(Struct, frozen=True, forbid_unknown_fields=True):
    """A change of the plan in force."""

    plan: dict[str, Any]
    reason: str = ""


class Ordered(Struct, frozen=True, forbid_unknown_fields=True):
    """Items that are to begin; none: all that are ready."""

    items: tuple[str, ...] = ()


class Report(Struct, frozen=True, forbid_unknown_fields=True):
    """The lead's words on a run that has ended; on the newest one, if none is named."""

    words: str
    id: str = ""


class Offered(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer that is offered."""

    key: str
    label: str = ""


class Asked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a human is asked: what to do, what is expected back; the `choices`, or else an answer in words. The items
    `blocks` do not begin meanwhile.
    """

    title: str
    do: str
    expect: str
    body: str = ""
    choices: tuple[Offered, ...] = ()
    blocks: tuple[str, ...] = ()


@method("news", News, May.ANYBODY)
async def news(app: App, caller: Caller, params: News) -> object:
    """What has happened since, in numbers and in words, up to `cursor`, and whether there is more; nothing but the same
    number when the time is over first.
    """
    newest = app.engine.state.news_count
    if params.since > newest:
        raise UsageError(
            f"there are no news after {params.since}: the newest is {newest}", hint="begin with status"
        )

    def heard(state: m.State) -> m.State | None:
        fresh = [one for one in state.news if one.number > params.since]
        matches = any(one.about in params.about if params.about else one.matters for one in fresh)
        older = state.news_count - params.since > len(fresh)
        return state if older or matches or _is_over(state, caller, params.codex_turn) else None

    try:
        state = await app.engine.until(heard, params.timeout, "news")
    except TimedOut:
        state = app.engine.state
    fresh = [one for one in state.news if one.number > params.since][:MOST]
    cursor = fresh[-1].number if fresh else state.news_count
    if caller.agent == LEAD and params.codex_turn:
        await app.engine.submit(msg.TellNews(upto=cursor, codex_turn=params.codex_turn))
    await app.views.flush()  # who is told to read a file finds it there
    hide = app.engine.vault.redacted
    told = await asyncio.to_thread(digest.told, app.paths, state, (params.since + 1, cursor), hide)
    return {
        "cursor": cursor,
        "news": [to_builtins(one) for one in fresh],
        "text": hide(told),
        "more": cursor < state.news_count,
    }


def _is_over(state: m.State, caller: Caller, codex_turn: str) -> bool:
    """Whether the lead's turn that asks has ended: Codex tells nobody, and throws away what comes after."""
    if caller.agent != LEAD or not codex_turn:
        return False
    active = (turn.state for turn in state.turns.values() if turn.agent == LEAD and turn.in_flight)
    return not any(
        isinstance(one, m.TurnSent) or (isinstance(one, m.TurnActive) and one.codex_turn == codex_turn)
        for one in active
    )


@method("briefs", OptionalRun, May.ANYBODY)
async def briefs(app: App, caller: Caller, params: OptionalRun) -> object:
    """What the children said of their repos in a run, beside what the tool itself saw there."""
    run = find(app, params.id)
    state = app.engine.state
    return {
        "run": run.id,
        "problem": run.problem,
        "requests": [to_builtins(one) for one in run.requests],
        "children": [
            {
                "name": name,
                "path": state.agents[name].path,
                "reference": name in app.settings().references,
                "git": to_builtins(state.agents[name].git),
                "repo": to_builtins(state.agents[name].repo),
                "brief": to_builtins(run.briefs[name]) if name in run.briefs else None,
            }
            for name in run.children
            if name in state.agents
        ],
    }


@method("plan_answer", Nothing, May.ANYBODY)
async def plan_answer(app: App, caller: Caller, params: Nothing) -> object:
    """The plan of the newest run in the shape in which it is proposed, with its contracts, and where its items are."""
    run = find(app, None)
    if run.plan is None:
        raise NotFound(f"{run.id} has no plan yet", hint="propose_plan")
    said = to_builtins(answers.as_answer(run.plan, answers.ReplanAnswer))
    said["contracts"] = [_contract(one) for one in run.plan.contracts]
    state = app.engine.state
    standing = {item.id: m.item_status(state, run, item.id) for item in run.plan.items}
    return {"run": run.id, "phase": run.phase, "plan": said, "status": standing, "begun": sorted(run.begun)}


def _contract(one: m.Contract) -> dict[str, Any]:
    said: dict[str, Any] = to_builtins(one)
    return {name: said[name] for name in answers.ContractAnswer.__struct_fields__}


@method("propose_plan", Proposed, May.LEADS)
async def propose_plan(app: App, caller: Caller, params: Proposed) -> object:
    """The plan of a led run; it goes to the gate, where a human decides. Raises PlanError with all that is to mend."""
    plan = json.encode(params.plan).decode()
    await app.engine.submit(msg.ProposePlan(plan=plan, by=caller.name))
    return await _at_gate(app)


@method("revise_plan", Revised, May.LEADS)
async def revise_plan(app: App, caller: Caller, params: Revised) -> object:
    """A change of the plan that is being executed; a human decides on it."""
    plan = json.encode(params.plan).decode()
    await app.engine.submit(msg.RevisePlan(plan=plan, reason=params.reason, by=caller.name))
    return await _at_gate(app)


async def _at_gate(app: App) -> object:
    await app.views.flush()
    state = app.engine.state
    kinds = m.FromPlan | m.FromReplan
    asked = [one.id for one in state.checkpoints.values() if one.is_open and isinstance(one.origin, kinds)]
    run = find(app, None)
    return {"run": run.id, "phase": run.phase, "checkpoint": asked[-1] if asked else None}


@method("start_items", Ordered, May.LEADS)
async def start_items(app: App, caller: Caller, params: Ordered) -> object:
    """Lets items begin as soon as they can; where each of the plan's items is then."""
    await app.engine.submit(msg.OrderItems(items=params.items, by=caller.name))
    state, run = app.engine.state, find(app, None)
    assert run.plan is not None
    return {
        "run": run.id,
        "items": [
            {
                "item": item.id,
                "status": m.item_status(state, run, item.id),
                "ordered": item.id in run.ordered,
                "needs": list(run.plan.needs(item)),
            }
            for item in run.plan.items
        ],
    }


@method("report_run", Report, May.LEADS)
async def report_run(app: App, caller: Caller, params: Report) -> object:
    """Puts the lead's words into the report of a run that it led."""
    await app.engine.submit(msg.GiveReport(run=params.id, words=params.words, by=caller.name))
    await app.views.flush()
    run = find(app, params.id or None)
    return {
        "run": run.id,
        "outcome": run.end.outcome if run.end else None,
        "path": str(app.paths.report(run.id)),
    }


@method("ask_human", Asked, May.LEADS)
async def ask_human(app: App, caller: Caller, params: Asked) -> object:
    """Opens a checkpoint; nobody waits for its answer here."""
    if len(params.choices) > CHOICES:
        raise UsageError(f"{len(params.choices)} choices are more than {CHOICES}", hint="offer fewer")
    card = m.Card(
        kind=m.CheckpointKind.HUMAN,
        title=text.line(params.title),
        body=text.block(params.body),
        do=text.block(params.do),
        expect=text.block(params.expect),
        choices=tuple(m.Choice(text.line(one.key), text.line(one.label)) for one in params.choices),
        fields=() if params.choices else (m.Field(id="answer", label="your answer"),),
    )
    keys = [one.key for one in card.choices]
    if not all(keys) or len(set(keys)) < len(keys):
        raise UsageError("each choice wants a key of its own", hint="name them a, b, c")
    async with app.numbering:  # as in children.ask
        state = await app.engine.submit(msg.AskHuman(card=card, blocks=params.blocks, by=caller.name))
    opened = next(one for one in reversed(state.checkpoints.values()) if isinstance(one.origin, m.FromLead))
    return shown(app, opened)

"""Methods about checkpoints."""

from __future__ import annotations

import asyncio

from msgspec import Struct, field

from tmuxorch.controller import cards, seen
from tmuxorch.controller.api.context import May, method, only_people, shown
from tmuxorch.controller.app import App
from tmuxorch.controller.vault import split
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.checkpoints import check_open
from tmuxorch.errors import NotFound, Refused
from tmuxorch.ledger import public_checkpoints

EFFECT = 15.0
"""Seconds in which an answer must have had its effect; it is recorded and goes on trying all the same."""


class Which(Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint."""

    id: str


class List(Struct, frozen=True, forbid_unknown_fields=True):
    """`all`: also those that are not open any more."""

    all: bool = False


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer; `digest` of the card that was seen, when it was; `via` says where it was given, for the others."""

    id: str
    choice: str = ""
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    digest: str | None = None
    via: str = ""


class Next(Struct, frozen=True, forbid_unknown_fields=True):
    """Waits for an open checkpoint that is not among `after`."""

    after: tuple[str, ...] = ()
    timeout: float | None = None


def find(app: App, checkpoint: str) -> m.Checkpoint:
    """The checkpoint of that id. Raises NotFound."""
    found = app.engine.state.checkpoints.get(checkpoint)
    if found is None:
        raise NotFound(f"no checkpoint {checkpoint!r}", hint="tmuxorch checkpoints")
    return found


@method("show", Which, May.ANYBODY)
async def show(app: App, caller: Caller, params: Which) -> object:
    """One checkpoint, whole."""
    return shown(app, find(app, params.id))


@method("checkpoints", List, May.ANYBODY)
async def checkpoints(app: App, caller: Caller, params: List) -> object:
    """The open checkpoints, or all."""
    every = app.engine.state.checkpoints.values()
    return [public_checkpoints.checkpoint(one) for one in every if params.all or one.is_open]


@method("answer", Answer, May.ANYBODY)
async def answer(app: App, caller: Caller, params: Answer) -> object:
    """A human's answer: checked, recorded, then given its effect. Refused also if Codex had another one before."""
    checkpoint = find(app, params.id)
    if caller.agent:
        await app.engine.submit(seen.refused(caller.agent, checkpoint.id, params.via))
    only_people(caller, "answer a checkpoint")
    given = m.Answer(choice=params.choice, text=params.text, values=params.values)
    if isinstance(checkpoint.origin, m.FromServer) and checkpoint.is_open:
        cards.reply(checkpoint.origin.method, checkpoint.origin.params, given)
    if isinstance(checkpoint.origin, m.FromPlan | m.FromReplan) and checkpoint.is_open:
        await _read_plan(app, given)
    recorded, secrets = split(checkpoint.card, given)
    message = msg.AnswerCheckpoint(
        id=params.id, answer=recorded, by=caller.named(params.via), digest=params.digest or ""
    )
    # It is decided whether the caller hangs up meanwhile or not, and so the secrets have to stay or go.
    await asyncio.shield(asyncio.create_task(_record(app, message, secrets)))
    await app.engine.until(
        lambda s: not isinstance(s.checkpoints[params.id].state, m.Open | m.Answered),
        EFFECT,
        f"the effect of the answer to {params.id}; it is recorded",
    )
    await app.views.flush()
    answered = find(app, params.id)
    if isinstance(answered.state, m.Closed) and answered.state.by != message.by:
        check_open(answered)
    return shown(app, checkpoint)


async def _record(app: App, message: msg.AnswerCheckpoint, secrets: dict[str, str]) -> None:
    """Puts the secrets of an answer away, then has it recorded."""
    vault = app.engine.vault
    keeps = bool(secrets) and find(app, message.id).is_open
    if keeps and message.id in vault:
        raise Refused(f"{message.id} is being answered already", hint=f"tmuxorch show {message.id}")
    if keeps:
        vault.keep(message.id, secrets)
    try:
        await app.engine.submit(message)
    except BaseException:
        if keeps:
            vault.drop(message.id)
        raise


async def _read_plan(app: App, given: m.Answer) -> None:
    """What plan.md says now is what is accepted, so a plan that is not valid cannot be."""
    await app.views.read_plan()
    if given.choice == "accept" and app.views.plan_problem:
        raise Refused(f"plan.md is not valid: {app.views.plan_problem}", hint="tmuxorch plan validate")


@method("next", Next, May.ANYBODY)
async def next_one(app: App, caller: Caller, params: Next) -> object:
    """The oldest open checkpoint that the caller has not seen yet."""

    def unseen(state: m.State) -> m.Checkpoint | None:
        every = state.checkpoints.values()
        return next((one for one in every if one.is_open and one.id not in params.after), None)

    found = await app.engine.until(unseen, params.timeout, "a checkpoint")
    if isinstance(found.origin, m.FromPlan | m.FromReplan):
        await app.views.flush()  # who is told to read plan.md finds it there
    return shown(app, found)

"""Methods about children, their servers and their turns."""

from __future__ import annotations

import contextlib

from msgspec import Struct

from tmuxorch.codex import appserver, prompts
from tmuxorch.controller.api.context import May, leader, method
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import NotFound, Refused, TimedOut, TmuxorchError, UsageError
from tmuxorch.ledger import public

READY = 30.0
"""Seconds in which a server that was told to start must be ready."""

STOPPED = 30.0
"""Seconds in which a server that was told to stop must be gone."""


class Added(Struct, frozen=True, forbid_unknown_fields=True):
    """A child, as the configuration has it by now."""

    name: str
    path: str = ""


class Name(Struct, frozen=True, forbid_unknown_fields=True):
    """An agent."""

    name: str


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """A prompt for an agent. Without `wait` the turn is only begun."""

    name: str
    prompt: str
    timeout: float | None = None
    wait: bool = True


class Turn(Struct, frozen=True, forbid_unknown_fields=True):
    """A turn, and how many seconds to wait for its end (0: not at all)."""

    id: str
    timeout: float = 0.0


class Steered(Struct, frozen=True, forbid_unknown_fields=True):
    """A text for an agent's active turn."""

    name: str
    text: str


def find(app: App, name: str) -> m.Agent:
    """The agent of that name. Raises NotFound."""
    agent = app.engine.state.agents.get(name)
    if agent is None:
        raise NotFound(f"no child named {name!r}", hint="tmuxorch child ls")
    return agent


def shown(app: App, name: str) -> object:
    """The public object of a child."""
    return public.child(app.engine.state, find(app, name))


@method("child_add", Added, May.LEADS)
async def add(app: App, caller: Caller, params: Added) -> object:
    """Takes up a child that was written into the configuration, and starts its server."""
    await app.reload()
    await _started(app, caller, params.name)
    return shown(app, params.name)


@method("child_rm", Name, May.PEOPLE)
async def remove(app: App, caller: Caller, params: Name) -> object:
    """Stops a child's server and forgets the child."""
    if find(app, params.name).is_lead:
        raise NotFound(f"{params.name} is the lead, not a child", hint="tmuxorch child ls")
    run = app.engine.state.active_run
    if run and params.name in run.children:
        raise Refused(f"{params.name} takes part in {run.id}", hint=f"tmuxorch cancel {run.id}")
    gone = shown(app, params.name)
    await _stopped(app, caller, params.name)
    if window := app.engine.state.windows.get(params.name):
        await app.desk.close_window(window)
        await app.engine.submit(msg.SawWindow(key=params.name, window=None))
    await app.engine.submit(msg.RemoveAgent(name=params.name))
    return gone


@method("child_start", Name, May.LEADS)
async def start(app: App, caller: Caller, params: Name) -> object:
    """Starts a child's server; returns when it is ready."""
    await _started(app, caller, params.name)
    return shown(app, params.name)


@method("child_stop", Name, May.LEADS)
async def stop(app: App, caller: Caller, params: Name) -> object:
    """Stops a child's server; returns when nothing of it is alive. One that is not ours is let go of."""
    await _stopped(app, caller, params.name)
    return shown(app, params.name)


@method("child_restart", Name, May.LEADS)
async def restart(app: App, caller: Caller, params: Name) -> object:
    """Stops and starts a child's server, or connects anew to one that is not ours; its thread goes on."""
    name = find(app, params.name).name
    before = find(app, name).generation
    state = await app.engine.submit(msg.RestartAgent(name=name, by=caller.name))
    if not state.agents[name].endpoint:
        await app.engine.until(lambda s: s.agents[name].generation > before, STOPPED, f"end of {name}")
    await ready(app, name)
    return shown(app, name)


@method("ask", Asked, May.LEADS)
async def ask(app: App, caller: Caller, params: Asked) -> object:
    """Gives an agent a read-only turn; returns when it has ended, or at once."""
    agent = find(app, params.name)
    if caller.agent == agent.name:
        raise Refused(f"{agent.name} is you", hint="ask a child")
    appserver.check_text(prompts.ask(agent.name, agent.path, _words(params.prompt)))
    wish = msg.Ask(agent=params.name, text=params.prompt, by=leader(caller))
    async with (
        app.numbering
    ):  # what is asked at the same moment is decided together, and the newest is then another's
        state = await app.engine.submit(wish)
        every = reversed(state.turns.values())
        turn = next(one.id for one in every if (one.agent, one.purpose) == (wish.agent, m.Purpose.ASK))
    if not params.wait:
        return {"turn": turn}
    over = await app.engine.until(lambda s: s.turns[turn].over, params.timeout, f"end of {turn}")
    return {"turn": turn, "outcome": over.outcome, "message": over.message, "error": over.error}


@method("turn", Turn, May.ANYBODY)
async def turn(app: App, caller: Caller, params: Turn) -> object:
    """How far a turn is, after at most `timeout` seconds, and the agent's last message when it is over."""
    if params.id not in app.engine.state.turns:
        raise NotFound(f"no turn {params.id!r}", hint="tmuxorch status")
    if params.timeout:
        with contextlib.suppress(TimedOut):
            await app.engine.until(lambda s: s.turns[params.id].over, params.timeout)
    found = app.engine.state.turns[params.id]
    over = found.over
    state = "over" if over else "active" if isinstance(found.state, m.TurnActive) else "pending"
    shown = {"turn": found.id, "agent": found.agent, "purpose": found.purpose, "state": state}
    return shown | ({"outcome": over.outcome, "message": over.message, "error": over.error} if over else {})


@method("steer", Steered, May.LEADS)
async def steer(app: App, caller: Caller, params: Steered) -> object:
    """Adds to an agent's active turn; returns when Codex has taken it."""
    appserver.check_text(_words(params.text))
    state = await app.engine.submit(msg.Steer(agent=params.name, text=params.text))
    turn = _active(state, params.name)
    number = turn.steers[-1][0]
    await app.engine.until(
        lambda s: number not in [pair[0] for pair in s.turns[turn.id].steers], READY, "Codex taking it"
    )
    return {"turn": turn.id}


@method("interrupt", Name, May.LEADS)
async def interrupt(app: App, caller: Caller, params: Name) -> object:
    """Ends an agent's active turn; returns when it has ended."""
    state = await app.engine.submit(msg.Interrupt(agent=params.name, by=caller.name))
    turn = _active(state, params.name)
    await app.engine.until(lambda s: s.turns[turn.id].over, READY, f"end of {turn.id}")
    return {"turn": turn.id}


def _words(given: str) -> str:
    if not given.strip():
        raise UsageError("there are no words to tell the agent", hint='tmuxorch ask NAME "what is asked"')
    return given


def _active(state: m.State, agent: str) -> m.Turn:
    turns = (t for t in reversed(state.turns.values()) if t.agent == agent)
    return next(turn for turn in turns if isinstance(turn.state, m.TurnActive | m.TurnOver))


async def _started(app: App, caller: Caller, child: str) -> None:
    name = find(app, child).name
    await app.engine.submit(msg.WantAgent(name=name, wanted=True, by=caller.name))

    await ready(app, name)


async def ready(app: App, name: str, timeout: float = READY) -> None:
    """Waits until the agent is ready. Raises TmuxorchError as soon as that has become a human's matter."""

    def settled(state: m.State) -> bool:
        return state.agents[name].ready or m.given_up(state, name) is not None

    await app.engine.until(settled, timeout, f"{name} ready")
    asked = m.given_up(app.engine.state, name)
    if asked:
        raise TmuxorchError(f"{asked.card.title}\n{asked.card.body}", hint=f"tmuxorch show {asked.id}")


async def _stopped(app: App, caller: Caller, child: str) -> None:
    name = find(app, child).name
    await app.engine.submit(msg.WantAgent(name=name, wanted=False, by=caller.name))
    await app.engine.until(lambda s: not m.is_live(s.agents[name].server), STOPPED, f"end of {name}")
    await app.threads.leave(name)

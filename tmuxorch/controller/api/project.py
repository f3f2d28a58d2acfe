"""Methods about the project as a whole."""

from __future__ import annotations

import asyncio
import contextlib

from msgspec import Struct

from tmuxorch.controller.api.context import May, Nothing, method
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import TimedOut

READY = 30.0
"""Seconds that `up` waits for servers to be ready."""

DOWN = "down"
"""Who stops what `up` starts again."""


@method("resume_now", Nothing, May.PEOPLE)
async def resume_now(app: App, caller: Caller, params: Nothing) -> object:
    """Ends every pause of a refused account."""
    await app.engine.submit(msg.ResumeNow(by=caller.name))
    return app.status()


class Down(Struct, frozen=True, forbid_unknown_fields=True):
    """`kill_agents`: end servers, workers and checks first."""

    kill_agents: bool = False


@method("status", Nothing, May.ANYBODY)
async def status(app: App, caller: Caller, params: Nothing) -> object:
    """Everything at a glance."""
    return app.status()


class Up(Struct, frozen=True, forbid_unknown_fields=True):
    """`socket`: the path of the tmux server that has the project's session."""

    socket: str = ""


@method("up", Up, May.LEADS)
async def up(app: App, caller: Caller, params: Up) -> object:
    """Attaches tmux, starts what is wanted, and returns when every agent is ready or has failed."""
    await app.reload()
    await app.desk.attach(params.socket)
    app.retry()
    for agent in app.engine.state.agents.values():
        if agent.wanted or agent.stopped_by == DOWN:  # what a person has stopped stays so
            await app.engine.submit(msg.WantAgent(name=agent.name, wanted=True, by="up"))

    def settled(state: m.State) -> bool:
        return all(
            agent.ready or m.given_up(state, agent.name) for agent in state.agents.values() if agent.wanted
        )

    if app.desk.attached:
        with contextlib.suppress(TimedOut):
            await app.engine.until(settled, READY, "all servers ready")
    await app.views.flush()
    return app.status()


@method("down", Down, May.PEOPLE)
async def down(app: App, caller: Caller, params: Down) -> object:
    """Stops the controller, which hangs up when it has ended; `kill_agents`: every process and the session, too."""
    if params.kill_agents:
        await _stop_all(app)
    await app.views.flush()
    asyncio.get_running_loop().call_soon(lambda: app.stop(with_session=params.kill_agents))
    return {}


async def _stop_all(app: App) -> None:
    for name in list(app.engine.state.agents):
        await app.engine.submit(msg.WantAgent(name=name, wanted=False, by=DOWN))
    state = app.engine.state
    for job in state.jobs:
        if not isinstance(job.life, m.Exited):
            await app.engine.submit(msg.StopJob(id=job.id, by=DOWN))

    def quiet(state: m.State) -> bool:
        lives = [agent.server for agent in state.agents.values()]
        lives += [job.life for job in state.jobs]
        return not any(m.is_live(life) for life in lives)

    await app.engine.until(quiet, 60.0, "the end of all processes")

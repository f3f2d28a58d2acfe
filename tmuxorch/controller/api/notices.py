"""Methods about whom people are called about."""

from __future__ import annotations

from tmuxorch.controller.api import children, workers
from tmuxorch.controller.api.children import Name
from tmuxorch.controller.api.context import May, method
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import messages as msg


@method("mute", Name, May.PEOPLE)
async def mute(app: App, caller: Caller, params: Name) -> object:
    """Calls nobody about a child, the lead or a worker any more; its public object. Nothing if that is so already."""
    return await _muted(app, caller, params.name, True)


@method("unmute", Name, May.PEOPLE)
async def unmute(app: App, caller: Caller, params: Name) -> object:
    """Calls people about it again; its public object. Nothing if that is so already."""
    return await _muted(app, caller, params.name, False)


async def _muted(app: App, caller: Caller, name: str, muted: bool) -> object:
    state = await app.engine.submit(msg.Mute(name=name, muted=muted, by=caller.name))
    return children.shown(app, name) if name in state.agents else workers.shown(app, name)

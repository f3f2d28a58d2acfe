"""What changes with the controller, tmux, its windows, accounts that are refused, and who is muted."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve.tables import without


def apply(state: m.State, event: e.SurroundingsEvent) -> m.State:
    """The state after such an event."""
    match event:
        case e.ControllerStarted():
            return state
        case e.TmuxAttached(server=server):
            same = state.tmux and (state.tmux.pid, state.tmux.start) == (server.pid, server.start)
            return replace(state, tmux=server, windows=state.windows if same else {})
        case e.Paused(account=account, pause=pause):
            refusals = {**state.refusals, account: pause.tries}
            return replace(state, pauses={**state.pauses, account: pause}, refusals=refusals)
        case e.Resumed(account=account):
            return replace(state, pauses=without(state.pauses, account))
        case e.WindowOpened(key=key, window=window):
            return replace(state, windows={**state.windows, key: window})
        case e.WindowClosed(key=key):
            return replace(state, windows=without(state.windows, key))
        case e.Muted(name=name, by=by):
            return replace(state, muted={**state.muted, name: by})
        case e.Unmuted(name=name):
            return replace(state, muted=without(state.muted, name))
        case _:
            assert_never(event)

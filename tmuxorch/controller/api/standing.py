"""What whoever leads the work has to know beside the status: who it is here, and what waits for it."""

from __future__ import annotations

from tmuxorch.controller.api.context import May, Nothing, method
from tmuxorch.controller.app import App
from tmuxorch.controller.who import Caller
from tmuxorch.core import model as m
from tmuxorch.core.decide.led import is_asked
from tmuxorch.core.plan import LEAD, ItemStatus


@method("standing", Nothing, May.ANYBODY)
async def standing(app: App, caller: Caller, params: Nothing) -> object:
    """Who asks (`leads`: whether it may have work done), the number of the newest news, and of those that our own lead
    was told; of the newest run what whoever leads it is to do; the turns that somebody asked for and that are not over.
    """
    state = app.engine.state
    return {
        "agent": caller.agent,
        "leads": caller.leads,
        "cursor": state.news_count,
        "told": state.lead.told if caller.agent == LEAD else None,
        "run": _of_run(state, state.run) if state.run else None,
        "turns": [
            {"turn": turn.id, "agent": turn.agent, "by": turn.by}
            for turn in state.turns.values()
            if turn.purpose is m.Purpose.ASK and turn.over is None
        ],
    }


def _of_run(state: m.State, run: m.Run) -> dict[str, object]:
    status = m.pending(run)
    planned = run.plan.items if run.plan else ()
    return {
        "id": run.id,
        "led": run.led,
        "ordered": list(run.ordered),
        "startable": [
            item.id
            for item in planned
            if status.get(item.id) is ItemStatus.READY and item.id not in run.ordered and item.human is None
        ],
        "revise": list(run.replan.causes) if run.replan and is_asked(run) else [],
        "reported": bool(run.words),
    }

"""About whom people are not called: a word of a human, or of the configuration."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core.draft import Draft
from tmuxorch.errors import NotFound, Refused

CONFIG = "notify.mute"
"""Who has muted those that the configuration names. It takes back what it said itself, and nobody else can."""


def mute(draft: Draft, wish: msg.Mute) -> None:
    """A child, the lead or a worker is muted, or is not any more. Raises NotFound, and Refused for one that stays muted
    because the configuration says so.
    """
    state, name = draft.state, wish.name
    there = [*state.agents, *state.workers]
    if name not in there:
        raise NotFound(
            f"nobody is named {name!r}; there are: {', '.join(there) or 'none'}", hint="tmuxorch ls"
        )
    before = state.muted.get(name)
    if wish.muted and before is None:
        draft.emit(e.Muted(name=name, by=wish.by))
    elif not wish.muted and before == wish.by == CONFIG:
        draft.emit(e.Unmuted(name=name, by=wish.by))
    elif not wish.muted and before == CONFIG:
        raise Refused(
            f"{name} is muted by {CONFIG} of the configuration",
            hint="take it out there, then type: tmuxorch up",
        )
    elif not wish.muted and before and wish.by != CONFIG:
        draft.emit(e.Unmuted(name=name, by=wish.by))

"""When people are called and about what. Pure: events and the time in, calls out.

What has opened is told once, if it is still open after `dwell`; not sooner than `cooldown` after the last call, and
what has opened meanwhile is named together. What opens in the first moments of a controller (`grace`) is told together
after them; what was open before is not told again.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD
from tmuxorch.ledger.marks import CHECKPOINTS
from tmuxorch.store.config import Notify

NAMED = 3
"""How many are named in one call; the others are counted."""

TITLE = 80
"""Characters of each."""

OVERVIEW = "overview"


class News(Struct, frozen=True, kw_only=True):
    """Something to call people about: a checkpoint, or the end of a worker, pattern or run.

    `windows` are the keys of those that show it, that of its source first.
    """

    id: str
    source: str
    line: str
    windows: tuple[str, ...]
    at: float
    asks: bool
    """Whether it is a checkpoint, and so of no interest once that is not open any more."""


class Pending(Struct, frozen=True, kw_only=True):
    """What is still to be told by a controller that has `begun` then and has `called` then last."""

    begun: float
    called: float = 0.0
    news: tuple[News, ...] = ()


def heard(
    pending: Pending, state: m.State, events: Iterable[e.Event], settings: Notify, now: float
) -> Pending:
    """After `events`, which have led to `state`."""
    fresh = tuple(one for event in events if (one := _news(state, event, settings.finished, now)))
    again = {one.id for one in fresh}
    kept = tuple(one for one in pending.news if one.id not in again)
    return replace(pending, news=kept + fresh) if fresh else pending


def due(pending: Pending, settings: Notify) -> float | None:
    """When there is something to tell, None for never (epoch seconds)."""
    ripe = [_ripe(pending, one, settings) for one in pending.news]
    return max(min(ripe), pending.called + settings.cooldown) if ripe else None


def take(pending: Pending, state: m.State, settings: Notify, now: float) -> tuple[Pending, tuple[News, ...]]:
    """What is to be told now, and what is still pending after it."""
    when = due(pending, settings)
    if when is None or now < when:
        return pending, ()
    ripe = tuple(one for one in pending.news if _ripe(pending, one, settings) <= now)
    left = tuple(one for one in pending.news if one not in ripe)
    return replace(pending, news=left), tuple(one for one in ripe if _is_news(state, one))


def told(pending: Pending, now: float) -> Pending:
    """After a call."""
    return replace(pending, called=now)


def summary(news: Iterable[News]) -> str:
    """One line that names them, the first few at least."""
    lines = [text.clip(one.line, TITLE) for one in news]
    more = [f"and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
    return " · ".join(lines[:NAMED] + more)


def _ripe(pending: Pending, one: News, settings: Notify) -> float:
    return max(one.at, pending.begun + settings.grace) + settings.dwell


def _is_news(state: m.State, one: News) -> bool:
    if one.source in state.muted:
        return False
    return not one.asks or state.checkpoints[one.id].is_open


def _news(state: m.State, event: e.Event, finished: bool, now: float) -> News | None:
    """What an event is to people.

    A checkpoint whose answer was lost has opened anew: nobody knows that it waits again. Of a pattern's workers nothing
    is told but its end, and nothing of checks: their item tells.
    """
    match event:
        case e.CheckpointOpened(id=name) | e.CheckpointReopened(id=name):
            point = state.checkpoints[name]
            line = text.line(f"{name} {point.source}: {point.card.title}")
            shown = (point.source, CHECKPOINTS)
            return News(id=name, source=point.source, line=line, windows=shown, at=now, asks=True)
        case e.JobExited(id=name, outcome=outcome, reason=reason) if finished:
            worker = state.workers.get(name)
            if worker is None or worker.spec.pattern:
                return None
            return _ended(name, name, f"{worker.spec.label} {outcome}", reason, (name,), now)
        case e.PatternEnded(id=name, outcome=outcome, reason=reason, summary=said) if finished:
            pattern = state.patterns[name].spec.pattern.name
            return _ended(name, name, f"{pattern} {outcome}", reason or said, (OVERVIEW,), now)
        case e.RunEnded(run=name, outcome=outcome, reason=reason) if finished:
            return _ended(name, LEAD, outcome, reason, (LEAD, OVERVIEW), now)
        case _:
            return None


def _ended(name: str, source: str, how: str, why: str, windows: tuple[str, ...], now: float) -> News:
    line = text.line(f"{name} {how}" + (f": {why}" if why else ""))
    return News(id=name, source=source, line=line, windows=windows, at=now, asks=False)

"""What each recorded event changes: state + event → state. Nothing else changes state.

Total over every event that was ever recorded, so that a journal loads for ever; a move that the law
forbids raises transitions.IllegalMove. The time is the one of the record.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve import agents, checkpoints, jobs, lead, patterns, runs, surroundings, turns
from tmuxorch.core.evolve.log import entry
from tmuxorch.core.evolve.news import news

LOG_KEPT = 400
"""Entries held in the state: what runs.md shows, and as many on their way to the archive. The journal has all."""

NEWS_KEPT = 400
"""News held in the state: whoever has not heard of older ones is told where everything stands instead."""


def evolve(state: m.State, event: e.Event, at: float) -> m.State:
    """The state after `event`, recorded at `at` (epoch seconds)."""
    after = _apply(state, event, at)
    if noted := entry(state, after, event, at):
        count = after.log_count + 1
        log = (*after.log, replace(noted, number=count))[-LOG_KEPT:]
        after = replace(after, log=log, log_count=count)
    if heard := news(before=state, after=after, event=event, at=at):
        after = replace(after, news=(*after.news, heard)[-NEWS_KEPT:], news_count=heard.number)
    return after


def _apply(state: m.State, event: e.Event, at: float) -> m.State:
    if isinstance(event, e.SurroundingsEvent):
        return surroundings.apply(state, event)
    if isinstance(event, e.AgentEvent):
        return agents.apply(state, event, at)
    if isinstance(event, e.TurnEvent):
        return turns.apply(state, event, at)
    if isinstance(event, e.JobEvent):
        return jobs.apply(state, event, at)
    if isinstance(event, e.PatternEvent):
        return patterns.apply(state, event, at)
    if isinstance(event, e.CheckpointEvent):
        return checkpoints.apply(state, event, at)
    if isinstance(event, e.RunEvent):
        return runs.apply(state, event, at)
    if isinstance(event, e.LeadEvent):
        return lead.apply(state, event)
    assert_never(event)

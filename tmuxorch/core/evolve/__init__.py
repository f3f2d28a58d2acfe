"""What each recorded event changes: state + event → state. Nothing else changes state.

Total over every event that was ever recorded, so that a journal loads for ever; a move that the law
forbids raises transitions.IllegalMove. The time is the one of the record.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve import agents, checkpoints, runs, work
from tmuxorch.core.evolve.log import entry
from tmuxorch.core.evolve.tables import without

LOG_KEPT = 400
"""Entries held in the state: what runs.md shows, and as many on their way to the archive. The journal has all."""


def evolve(state: m.State, event: e.Event, at: float) -> m.State:
    """The state after `event`, recorded at `at` (epoch seconds)."""
    after = _apply(state, event, at)
    if noted := entry(state, after, event, at):
        count = after.log_count + 1
        log = (*after.log, replace(noted, number=count))[-LOG_KEPT:]
        after = replace(after, log=log, log_count=count)
    return after


def _apply(state: m.State, event: e.Event, at: float) -> m.State:
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
        case (
            e.AgentAdded()
            | e.AgentRemoved()
            | e.AgentWanted()
            | e.ServerStarting()
            | e.ServerStarted()
            | e.ServerStopping()
            | e.ServerExited()
            | e.AgentReady()
            | e.AgentUnready()
            | e.GitSeen()
            | e.RepoSeen()
        ):
            return agents.apply_agent(state, event, at)
        case (
            e.TurnQueued()
            | e.TurnSending()
            | e.TurnStarted()
            | e.TurnRequeued()
            | e.TurnEnded()
            | e.SteerQueued()
            | e.SteerSent()
            | e.InterruptWanted()
        ):
            return agents.apply_turn(state, event, at)
        case (
            e.WorkerQueued()
            | e.CheckQueued()
            | e.JobStarting()
            | e.JobStarted()
            | e.JobStopping()
            | e.JobExited()
            | e.WorkerSeen()
        ):
            return work.apply(state, event, at)
        case (
            e.CheckpointOpened()
            | e.CheckpointAnswered()
            | e.CheckpointClosed()
            | e.CheckpointLapsed()
            | e.CheckpointChanged()
            | e.CheckpointReopened()
        ):
            return checkpoints.apply(state, event, at)
        case (
            e.RunStarted()
            | e.PhaseEntered()
            | e.BriefRecorded()
            | e.ContractsRecorded()
            | e.PlanRefused()
            | e.PlanProposed()
            | e.PlanEdited()
            | e.ItemMoved()
            | e.ItemFlagged()
            | e.PlaceRecorded()
            | e.WorktreeWanted()
            | e.CommitWanted()
            | e.WorkCommitted()
            | e.ContractChanged()
            | e.ReplanWanted()
            | e.ReplanAsked()
            | e.ReplanRefused()
            | e.ReplanProposed()
            | e.ReplanSettled()
            | e.VerdictReached()
            | e.ReportGiven()
            | e.RunEnded()
        ):
            return runs.apply(state, event, at)
        case _:
            assert_never(event)

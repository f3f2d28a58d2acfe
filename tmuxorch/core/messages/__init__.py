"""What comes in: observations of the outside, and requests of people and programs.

The controller turns everything it sees or is asked into one of these; `decide` turns it into events. An
observation that says nothing new, or speaks of a process that is no more, yields no events.
"""

from __future__ import annotations

from tmuxorch.core.messages.observations import (
    CommitFailed,
    CommitMade,
    LinkDown,
    Observation,
    PlaceFailed,
    PlaceFound,
    PlanRead,
    ProcessEnded,
    ProcessStarted,
    ReplyImpossible,
    SawGit,
    SawRepo,
    SawTmux,
    SawWindow,
    SecretLost,
    SeenTurn,
    ServerAsked,
    ServerResolved,
    SteerEnded,
    ThreadLoaded,
    Tick,
    TurnBegan,
    TurnFinished,
    TurnRefused,
    Unreachable,
    Woke,
    WorkerTold,
)
from tmuxorch.core.messages.requests import (
    AddAgent,
    AnswerCheckpoint,
    Ask,
    CancelRun,
    Interrupt,
    QueueWorker,
    RemoveAgent,
    RestartAgent,
    ResumeNow,
    StartRun,
    Steer,
    StopJob,
    WantAgent,
    Wish,
)
from tmuxorch.core.messages.settings import (
    Settings,
)

__all__ = [
    "AddAgent",
    "AnswerCheckpoint",
    "Ask",
    "CancelRun",
    "CommitFailed",
    "CommitMade",
    "Interrupt",
    "LinkDown",
    "Message",
    "Observation",
    "PlaceFailed",
    "PlaceFound",
    "PlanRead",
    "ProcessEnded",
    "ProcessStarted",
    "QueueWorker",
    "RemoveAgent",
    "ReplyImpossible",
    "RestartAgent",
    "ResumeNow",
    "SawGit",
    "SawRepo",
    "SawTmux",
    "SawWindow",
    "SecretLost",
    "SeenTurn",
    "ServerAsked",
    "ServerResolved",
    "Settings",
    "StartRun",
    "Steer",
    "SteerEnded",
    "StopJob",
    "ThreadLoaded",
    "Tick",
    "TurnBegan",
    "TurnFinished",
    "TurnRefused",
    "Unreachable",
    "WantAgent",
    "Wish",
    "Woke",
    "WorkerTold",
    "server_ref",
]

Message = Observation | Wish


def server_ref(agent: str, generation: int) -> str:
    """The name of a server process: its agent and generation."""
    return f"{agent}#{generation}"

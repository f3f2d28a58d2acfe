"""What comes in: observations of the outside, and requests of people and programs.

The controller turns everything it sees or is asked into one of these; `decide` turns it into events. An
observation that says nothing new, or speaks of a process that is no more, yields no events.
"""

from __future__ import annotations

from tmuxorch.core.messages.observations import (
    AttemptSeen,
    LinkDown,
    Observation,
    PlanRead,
    ProcessEnded,
    ProcessStarted,
    ReplyImpossible,
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
    TurnSeen,
    Unreachable,
    Woke,
)
from tmuxorch.core.messages.repos import (
    CommitFailed,
    CommitMade,
    PlaceFailed,
    PlaceFound,
    SawGit,
    SawRepo,
)
from tmuxorch.core.messages.requests import (
    AddAgent,
    AnswerCheckpoint,
    Ask,
    AskHuman,
    CancelRun,
    CloseLead,
    GiveReport,
    Interrupt,
    LeadWish,
    Mute,
    OpenLead,
    OrderItems,
    ProposePlan,
    QueueWorker,
    RemoveAgent,
    RestartAgent,
    ResumeNow,
    RevisePlan,
    StartPattern,
    StartRun,
    Steer,
    StopJob,
    StopPattern,
    TellNews,
    WakeLead,
    WantAgent,
    Wish,
)
from tmuxorch.core.messages.settings import (
    Settings,
)
from tmuxorch.core.messages.workers import (
    HookDone,
    PatternCurated,
    StepImpossible,
    StepPrepared,
    WorkerHasNoPlace,
    WorkerHasPlace,
    WorkerSilent,
    WorkerSpoke,
    WorkerTold,
)
from tmuxorch.core.model import Check, Worker

__all__ = [
    "AddAgent",
    "AnswerCheckpoint",
    "Ask",
    "AskHuman",
    "AttemptSeen",
    "CancelRun",
    "CloseLead",
    "CommitFailed",
    "CommitMade",
    "GiveReport",
    "HookDone",
    "Interrupt",
    "LeadWish",
    "LinkDown",
    "Message",
    "Mute",
    "Observation",
    "OpenLead",
    "OrderItems",
    "PatternCurated",
    "PlaceFailed",
    "PlaceFound",
    "PlanRead",
    "ProcessEnded",
    "ProcessStarted",
    "ProposePlan",
    "QueueWorker",
    "RemoveAgent",
    "ReplyImpossible",
    "RestartAgent",
    "ResumeNow",
    "RevisePlan",
    "SawGit",
    "SawRepo",
    "SawTmux",
    "SawWindow",
    "SecretLost",
    "SeenTurn",
    "ServerAsked",
    "ServerResolved",
    "Settings",
    "StartPattern",
    "StartRun",
    "Steer",
    "SteerEnded",
    "StepImpossible",
    "StepPrepared",
    "StopJob",
    "StopPattern",
    "TellNews",
    "ThreadLoaded",
    "Tick",
    "TurnBegan",
    "TurnFinished",
    "TurnRefused",
    "TurnSeen",
    "Unreachable",
    "WakeLead",
    "WantAgent",
    "Wish",
    "Woke",
    "WorkerHasNoPlace",
    "WorkerHasPlace",
    "WorkerSilent",
    "WorkerSpoke",
    "WorkerTold",
    "job_id",
    "job_ref",
    "server_ref",
]

Message = Observation | Wish


def server_ref(agent: str, generation: int) -> str:
    """The name of a server process: its agent and generation."""
    return f"{agent}#{generation}"


def job_ref(job: Worker | Check) -> str:
    """The name of a worker's or check's process: its id, and from the second try of a worker on which one it is."""
    return f"{job.id}.{job.attempt}" if isinstance(job, Worker) and job.attempt > 1 else job.id


def job_id(ref: str) -> str:
    """The worker or check that a process is of."""
    return ref.partition(".")[0]

"""What happened: the closed union of everything the journal can hold.

Past tense, frozen, one tag each. A new field gets a default, a tag is never renamed or reused: journals
written by any older version load for ever.
"""

from __future__ import annotations

from msgspec import json

from tmuxorch.core.events.agents import (
    AgentAdded,
    AgentEvent,
    AgentReady,
    AgentRemoved,
    AgentUnready,
    AgentWanted,
    GitSeen,
    LaterAgentEvent,
    RepoSeen,
    ServerExited,
    ServerStarted,
    ServerStarting,
    ServerStopping,
)
from tmuxorch.core.events.checkpoints import (
    AnswerAttempted,
    CheckpointAnswered,
    CheckpointChanged,
    CheckpointClosed,
    CheckpointEvent,
    CheckpointLapsed,
    CheckpointOpened,
    CheckpointReopened,
)
from tmuxorch.core.events.jobs import (
    CheckQueued,
    HookRan,
    HookWanted,
    JobEvent,
    JobExited,
    JobStarted,
    JobStarting,
    JobStopping,
    LifeEvent,
    WorkerEvent,
    WorkerPlaced,
    WorkerPutBack,
    WorkerQueued,
    WorkerSeen,
)
from tmuxorch.core.events.lead import LeadClosed, LeadEvent, LeadOpened, NewsTold
from tmuxorch.core.events.patterns import (
    LaterPatternEvent,
    PatternEnded,
    PatternEvent,
    PatternStarted,
    PatternStopping,
    StepBegun,
)
from tmuxorch.core.events.runs import (
    BriefRecorded,
    CommitWanted,
    ContractChanged,
    ContractsRecorded,
    ItemFlagged,
    ItemMoved,
    ItemsOrdered,
    LaterRunEvent,
    PhaseEntered,
    PlaceRecorded,
    PlanEdited,
    PlanProposed,
    PlanRefused,
    ReplanAsked,
    ReplanEvent,
    ReplanProposed,
    ReplanRefused,
    ReplanSettled,
    ReplanWanted,
    ReportGiven,
    RunEnded,
    RunEvent,
    RunStarted,
    VerdictReached,
    WorkCommitted,
    WorktreeWanted,
)
from tmuxorch.core.events.surroundings import (
    ControllerStarted,
    Muted,
    Paused,
    Resumed,
    SurroundingsEvent,
    TmuxAttached,
    Unmuted,
    WindowClosed,
    WindowOpened,
)
from tmuxorch.core.events.turns import (
    InterruptWanted,
    LaterTurnEvent,
    SteerQueued,
    SteerSent,
    TurnEnded,
    TurnEvent,
    TurnQueued,
    TurnRequeued,
    TurnSeen,
    TurnSending,
    TurnStarted,
)

__all__ = [
    "AgentAdded",
    "AgentEvent",
    "AgentReady",
    "AgentRemoved",
    "AgentUnready",
    "AgentWanted",
    "AnswerAttempted",
    "BriefRecorded",
    "CheckQueued",
    "CheckpointAnswered",
    "CheckpointChanged",
    "CheckpointClosed",
    "CheckpointEvent",
    "CheckpointLapsed",
    "CheckpointOpened",
    "CheckpointReopened",
    "CommitWanted",
    "ContractChanged",
    "ContractsRecorded",
    "ControllerStarted",
    "Event",
    "GitSeen",
    "HookRan",
    "HookWanted",
    "InterruptWanted",
    "ItemFlagged",
    "ItemMoved",
    "ItemsOrdered",
    "JobEvent",
    "JobExited",
    "JobStarted",
    "JobStarting",
    "JobStopping",
    "LaterAgentEvent",
    "LaterPatternEvent",
    "LaterRunEvent",
    "LaterTurnEvent",
    "LeadClosed",
    "LeadEvent",
    "LeadOpened",
    "LifeEvent",
    "Muted",
    "NewsTold",
    "PatternEnded",
    "PatternEvent",
    "PatternStarted",
    "PatternStopping",
    "Paused",
    "PhaseEntered",
    "PlaceRecorded",
    "PlanEdited",
    "PlanProposed",
    "PlanRefused",
    "ReplanAsked",
    "ReplanEvent",
    "ReplanProposed",
    "ReplanRefused",
    "ReplanSettled",
    "ReplanWanted",
    "RepoSeen",
    "ReportGiven",
    "Resumed",
    "RunEnded",
    "RunEvent",
    "RunStarted",
    "ServerExited",
    "ServerStarted",
    "ServerStarting",
    "ServerStopping",
    "SteerQueued",
    "SteerSent",
    "StepBegun",
    "SurroundingsEvent",
    "TmuxAttached",
    "TurnEnded",
    "TurnEvent",
    "TurnQueued",
    "TurnRequeued",
    "TurnSeen",
    "TurnSending",
    "TurnStarted",
    "Unmuted",
    "VerdictReached",
    "WindowClosed",
    "WindowOpened",
    "WorkCommitted",
    "WorkerEvent",
    "WorkerPlaced",
    "WorkerPutBack",
    "WorkerQueued",
    "WorkerSeen",
    "WorktreeWanted",
    "decode",
    "encode",
]

Event = (
    SurroundingsEvent
    | AgentEvent
    | TurnEvent
    | JobEvent
    | PatternEvent
    | CheckpointEvent
    | RunEvent
    | LeadEvent
)

_encoder = json.Encoder()
_decoder: json.Decoder[Event] = json.Decoder(Event)


def encode(event: Event) -> bytes:
    """`event` as one JSON object (bytes without line breaks)."""
    return _encoder.encode(event)


def decode(data: bytes) -> Event:
    """The event that `encode` wrote. Raises msgspec.ValidationError on anything else."""
    return _decoder.decode(data)

"""What happened to agents, their servers and their repos."""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core.model import Git, Outcome, RepoFacts


class AgentAdded(Struct, frozen=True, kw_only=True, tag="agent_added"):
    """A child (or the lead) belongs to the project, or its path or endpoint has changed."""

    name: str
    path: str
    endpoint: str = ""


class AgentRemoved(Struct, frozen=True, kw_only=True, tag="agent_removed"):
    """A child does not belong to the project any more."""

    name: str


class AgentWanted(Struct, frozen=True, kw_only=True, tag="agent_wanted"):
    """Its server should be up, or should not."""

    name: str
    wanted: bool
    by: str


class ServerStarting(Struct, frozen=True, kw_only=True, tag="server_starting"):
    """Written ahead: the server process `generation` is being started."""

    name: str
    generation: int


class ServerStarted(Struct, frozen=True, kw_only=True, tag="server_started"):
    """The server process runs."""

    name: str
    generation: int
    pid: int
    host_pid: int


class ServerStopping(Struct, frozen=True, kw_only=True, tag="server_stopping"):
    """The server process is being stopped."""

    name: str
    by: str


class ServerExited(Struct, frozen=True, kw_only=True, tag="server_exited"):
    """The server process has ended."""

    name: str
    generation: int
    outcome: Outcome
    code: int = -1
    reason: str = ""


class AgentReady(Struct, frozen=True, kw_only=True, tag="agent_ready"):
    """Its server answers and its thread is loaded."""

    name: str
    generation: int
    thread: str
    version: str = ""


class AgentUnready(Struct, frozen=True, kw_only=True, tag="agent_unready"):
    """The connection to a server that is not ours is gone."""

    name: str
    generation: int
    reason: str


class RepoSeen(Struct, frozen=True, kw_only=True, tag="repo_seen"):
    """What the tool found in an agent's repo."""

    name: str
    repo: RepoFacts


class GitSeen(Struct, frozen=True, kw_only=True, tag="git_seen"):
    """What git said of an agent's repo."""

    name: str
    git: Git


LaterAgentEvent = (
    AgentWanted
    | ServerStarting
    | ServerStarted
    | ServerStopping
    | ServerExited
    | AgentReady
    | AgentUnready
    | RepoSeen
    | GitSeen
)
AgentEvent = AgentAdded | AgentRemoved | LaterAgentEvent

"""The life of a process in a window, and the small facts read by the tool itself."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """How a process that tmuxorch started has ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    KILLED = "killed"
    SPAWN_FAILED = "spawn_failed"
    CANCELLED = "cancelled"
    LOST = "lost"


class Queued(Struct, frozen=True, tag="queued"):
    """Wanted, not yet started."""

    at: float


class Starting(Struct, frozen=True, tag="starting"):
    """Its window is being opened; nothing was heard from its host yet."""

    at: float


class Running(Struct, frozen=True, tag="running"):
    """Its host has written start.json."""

    at: float
    pid: int
    host_pid: int


class Stopping(Struct, frozen=True, tag="stopping"):
    """Somebody wants it to end."""

    at: float
    by: str


class Exited(Struct, frozen=True, tag="exited"):
    """Nothing of it is alive. `code` is the exit status, -1 when there is none."""

    at: float
    outcome: Outcome
    code: int = -1
    reason: str = ""


Life = Queued | Starting | Running | Stopping | Exited

_LIVE = frozenset({Starting, Running, Stopping})


def is_live(life: Life) -> bool:
    """Whether a process of it may exist."""
    # isinstance takes twenty times as long, and this is asked of everything that ever was.
    return type(life) in _LIVE


class Tokens(Struct, frozen=True):
    """Model tokens, as counted by Codex; `cached` is the cached part of `input`."""

    input: int = 0
    cached: int = 0
    output: int = 0


class Git(Struct, frozen=True):
    """What git says of a repo. `branch` is empty on a detached HEAD, `head` before the first commit.

    `fingerprint` is a digest of HEAD and of the content of all that differs from it; `missing` when the
    directory is gone.
    """

    branch: str = ""
    head: str = ""
    changed: tuple[str, ...] = ()
    missing: bool = False
    fingerprint: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """A command of a repo, and where it was found: `config`, or the file that suggests it."""

    command: str
    source: str


class RepoFacts(Struct, frozen=True, kw_only=True):
    """What the tool itself found in a repo: paths of documents, commands that test and build it, the
    directories at its top. `notes` are what the configuration says of it in words.
    """

    docs: tuple[str, ...] = ()
    tests: tuple[Found, ...] = ()
    build: tuple[Found, ...] = ()
    directories: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


OURS = ""
"""The account of workers, and of the agents whose servers are ours: that of our CODEX_HOME."""


class LimitKind(StrEnum):
    """Why an account is refused."""

    USAGE = "usage"
    RATE = "rate"
    AUTH = "auth"


class Limit(Struct, frozen=True, kw_only=True):
    """An account is refused; `until` when Codex said when that ends (epoch seconds)."""

    kind: LimitKind
    until: float | None = None


class Pause(Struct, frozen=True, kw_only=True):
    """No agent of an account is given work. `until` is when it goes on by itself, `tries` counts the pauses
    without any success between, `by` is whose turn or worker was refused.
    """

    kind: LimitKind
    reason: str
    since: float
    until: float
    tries: int = 1
    by: str = ""

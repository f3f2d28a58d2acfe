"""What is to be done outside: the difference between what should be true and what is.

Imperative, frozen, each with a key: of one key at most one is under way. Every effect is safe to do again
after a crash: hosts start once per directory, turns carry a mark by which they are found again, replies go
only to requests that Codex still holds open.
"""

from __future__ import annotations

from msgspec import Struct


class OpenProcess(Struct, frozen=True):
    """Open the window of a process (`ref`: W7, K3, backend#2), whose host starts it."""

    ref: str

    @property
    def key(self) -> str:
        return f"process {self.ref}"


class OpenView(Struct, frozen=True):
    """Open a window that only shows: `overview`, `checkpoints`, `controller`, or a living process again."""

    window: str

    @property
    def key(self) -> str:
        return f"window {self.window}"


class CloseWindow(Struct, frozen=True):
    """Close the window of something that has ended long ago."""

    window: str

    @property
    def key(self) -> str:
        return f"window {self.window}"


class StopProcess(Struct, frozen=True):
    """Tell the host of `ref` to end its process."""

    ref: str

    @property
    def key(self) -> str:
        return f"stop {self.ref}"


class Connect(Struct, frozen=True):
    """Connect to an agent's server, and load or start its thread."""

    agent: str
    generation: int

    @property
    def key(self) -> str:
        return f"connect {self.agent}#{self.generation}"


class Disconnect(Struct, frozen=True):
    """Let go of an agent's server, which is not ours and goes on."""

    agent: str

    @property
    def key(self) -> str:
        return f"disconnect {self.agent}"


class SendTurn(Struct, frozen=True):
    """Give a turn to Codex."""

    turn: str

    @property
    def key(self) -> str:
        return f"turn {self.turn}"


class SendSteer(Struct, frozen=True):
    """Add to an active turn."""

    turn: str
    number: int
    text: str

    @property
    def key(self) -> str:
        return f"steer {self.turn} {self.number}"


class SendInterrupt(Struct, frozen=True):
    """End an active turn."""

    turn: str

    @property
    def key(self) -> str:
        return f"interrupt {self.turn}"


class Reply(Struct, frozen=True):
    """Send the answer of a checkpoint to Codex."""

    checkpoint: str

    @property
    def key(self) -> str:
        return f"reply {self.checkpoint}"


class PreparePlace(Struct, frozen=True):
    """Find out where a child's items can be worked on; make the worktree if it is to be one."""

    run: str
    child: str

    @property
    def key(self) -> str:
        return f"place {self.run} {self.child}"


class CommitWork(Struct, frozen=True):
    """Commit what an item changed in its child's repo; without an item, what the run changed."""

    run: str
    item: str
    child: str

    @property
    def key(self) -> str:
        return f"commit {self.run} {self.item} {self.child}"


class RunHook(Struct, frozen=True):
    """Run the command for workers that have ended, for this one."""

    worker: str

    @property
    def key(self) -> str:
        return f"hook {self.worker}"


class PrepareStep(Struct, frozen=True):
    """Write the prompts of a pattern's next step (its number from 0) from what the steps before came to."""

    pattern: str
    step: int

    @property
    def key(self) -> str:
        return f"step {self.pattern}"


class CurateResult(Struct, frozen=True):
    """Make the one result of a pattern from what its workers said."""

    pattern: str

    @property
    def key(self) -> str:
        return f"result {self.pattern}"


class WakeLead(Struct, frozen=True):
    """Tell the lead what it waited for, as soon as nobody types to it."""

    @property
    def key(self) -> str:
        return "wake"


Effect = (
    OpenProcess
    | OpenView
    | CloseWindow
    | StopProcess
    | Connect
    | Disconnect
    | SendTurn
    | SendSteer
    | SendInterrupt
    | Reply
    | PreparePlace
    | CommitWork
    | RunHook
    | PrepareStep
    | CurateResult
    | WakeLead
)

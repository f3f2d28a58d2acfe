"""What a control-mode client says, as values. No I/O: bytes in, messages out.

tmux answers each command with lines between `%begin TIME NUMBER FLAGS` and `%end` or `%error` with the same three
numbers; flag 1 marks answers to what this client sent, 0 those to commands of hooks. Everything else is a
notification of one line, never inside an answer. (tmux(1), CONTROL MODE; flags measured on 3.3a.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one line sent: what it printed, or (`ok` False) the reason of the refusal."""

    ok: bool
    lines: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as it came; `solicited` False for commands that this client did not send."""

    solicited: bool
    reply: Reply


class WindowAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A window was linked into our session."""

    window_id: str


class WindowClosed(msgspec.Struct, frozen=True, kw_only=True):
    """A window of the server is gone. tmux cannot tell any more of which session it was: compare ids."""

    window_id: str


class WindowRenamed(msgspec.Struct, frozen=True, kw_only=True):
    """A window of our session has a new name."""

    window_id: str
    name: str


class WindowPaneChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A window has another active pane."""

    window_id: str
    pane_id: str


class SessionWindowChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A session, not only ours, shows another window."""

    session_id: str
    window_id: str


class SessionChanged(msgspec.Struct, frozen=True, kw_only=True):
    """This client is now attached to that session. The first one says that it is ready."""

    session_id: str
    name: str


class ClientSessionChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Another client attached to, or switched to, a session."""

    client: str
    session_id: str


class ClientDetached(msgspec.Struct, frozen=True, kw_only=True):
    """Another client detached."""

    client: str


class Exited(msgspec.Struct, frozen=True, kw_only=True):
    """This client ends, and says why, if tmux did."""

    reason: str


Notification: TypeAlias = (
    WindowAdded
    | WindowClosed
    | WindowRenamed
    | WindowPaneChanged
    | SessionWindowChanged
    | SessionChanged
    | ClientSessionChanged
    | ClientDetached
    | Exited
)
Message: TypeAlias = Answer | Notification


def notification(line: str) -> Notification | None:
    """The notification of a line outside answers; None for those that nobody here needs and for other text."""
    match line.split(" ", 2):
        case ["%window-add", window_id]:
            return WindowAdded(window_id=window_id)
        case ["%window-close" | "%unlinked-window-close", window_id]:
            return WindowClosed(window_id=window_id)
        case ["%window-renamed", window_id, name]:
            return WindowRenamed(window_id=window_id, name=name)
        case ["%window-pane-changed", window_id, pane_id]:
            return WindowPaneChanged(window_id=window_id, pane_id=pane_id)
        case ["%session-window-changed", session_id, window_id]:
            return SessionWindowChanged(session_id=session_id, window_id=window_id)
        case ["%session-changed", session_id, name]:
            return SessionChanged(session_id=session_id, name=name)
        case ["%client-session-changed", client, rest]:
            return ClientSessionChanged(client=client, session_id=rest.split(" ", 1)[0])
        case ["%client-detached", client]:
            return ClientDetached(client=client)
        case ["%exit", *reason]:
            return Exited(reason=" ".join(reason))
    return None


class Parser:
    """Turns the bytes of one control-mode client into messages, however they are cut."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._guard: list[str] | None = None
        self._lines: list[str] = []

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes."""
        *complete, rest = data.split(b"\n")
        for piece in complete:
            self._pieces.append(piece)
            line = b"".join(self._pieces).decode(errors="replace")
            self._pieces.clear()
            if message := self._line(line):
                yield message
        if rest:
            self._pieces.append(rest)

    def _line(self, line: str) -> Message | None:
        word, *numbers = line.split(" ") if line.startswith("%") else [""]
        if self._guard is None:
            if word == "%begin":
                self._guard = numbers
                return None
            return notification(line)
        # A printed line may look like a guard; only the numbers of this answer end it.
        if word in ("%end", "%error") and numbers == self._guard:
            reply = Reply(ok=word == "%end", lines=tuple(self._lines))
            solicited = self._guard[-1:] == ["1"]
            self._guard = None
            self._lines = []
            return Answer(solicited=solicited, reply=reply)
        self._lines.append(line)
        return None

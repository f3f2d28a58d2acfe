"""The server and our session in it: found, made, ended. Synchronous, for the command line and a starting controller.

A session is ours by its user option `@tmuxorch-project`. Of a user's server nothing else is ever set but options and
names of that session and its windows.
"""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from tmuxorch.errors import Refused
from tmuxorch.tmux import words
from tmuxorch.tmux.binary import find_tmux, version
from tmuxorch.tmux.errors import TmuxGone, TmuxTargetMissing, failure
from tmuxorch.tmux.model import Session, Window, WindowRow, WindowSpec
from tmuxorch.tmux.oneshot import ask, at, feed
from tmuxorch.tmux.quote import Word, chain, label

__all__ = [
    "Address",
    "attach_argv",
    "close_window",
    "ensure_session",
    "find_session",
    "kill_session",
    "list_windows",
    "open_window",
    "version",
]

PRIVATE_CONF: Final = Path(__file__).with_name("private.conf")
PROJECT_OPTION: Final = "@tmuxorch-project"
# A session's name cannot hold ":", the project's value is percent-encoded: one line per session, whatever they hold.
SESSION_ROW: Final = "#{session_id} #{pid} #{start_time} #{@tmuxorch-project} #{session_name}:#{socket_path}"
HOSTILE_CONF: Final = (
    "look for hooks and exit-unattached in your tmux.conf, or use a private server: tmux.socket_name"
)


ENDING: Final = 20.0
"""Seconds that an ending server is given before a new one must have taken its place."""

STEP: Final = 0.05


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Which tmux server: by default the user's, which is the one of $TMUX, else the default socket.

    A `socket_name` is a private server (`tmux -L`). If it has to be started, it reads `conf` and not the user's
    configuration; `conf` defaults to the private.conf beside this file. A `socket_path` (`tmux -S`) is a server that
    runs already, wherever it is.
    """

    socket_name: str | None = None
    conf: Path | None = None
    socket_path: str | None = None

    @property
    def conf_path(self) -> Path | None:
        return self.conf or (PRIVATE_CONF if self.socket_name else None)

    @property
    def flags(self) -> list[str]:
        path = ["-S", self.socket_path] if self.socket_path else []
        name = ["-L", self.socket_name] if self.socket_name else []
        return [*(path or name), *(["-f", str(self.conf_path)] if self.conf_path else [])]


def find_session(address: Address, project: str) -> Session | None:
    """The session of `project` (any text that names it for ever, as its directory), None if there is none."""
    try:
        rows = ask(address.flags, ["list-sessions", "-F", SESSION_ROW])
    except TmuxGone:
        return None
    return next((session for session in map(_session, rows) if session.project == project), None)


def ensure_session(
    address: Address, name: str, project: str, first: WindowSpec, *, width: int = 200, height: int = 50
) -> Session:
    """The session of `project`; if there is none, a new one, detached, with the window `first`, started in `first.cwd`.

    If another session has the name `label(name)` it becomes name-hash. A server is started if none listens. `width`
    and `height`, in characters, hold until somebody attaches.
    """
    deadline = time.monotonic() + ENDING
    while True:
        try:
            return _found_or_made(address, name, project, first, width, height)
        except TmuxGone:
            if time.monotonic() > deadline:
                raise
            time.sleep(STEP)


def _found_or_made(
    address: Address, name: str, project: str, first: WindowSpec, width: int, height: int
) -> Session:
    """Raises TmuxGone also when it spoke to a server that is just ending, which still listens for a moment."""
    plain = label(name)
    hashed = f"{plain[:23]}-{hashlib.sha256(project.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    for candidate in (plain, hashed):
        # Again after a refusal: another process may just have made it.
        if found := find_session(address, project):
            return found
        made = _new_session(candidate, project, first, width, height)
        printed, complaint = feed(address.flags, [made], start=True)
        if printed:
            return _finish_session(printed[0], candidate, project, first)
        if "duplicate session" not in complaint:
            raise failure("new-session", complaint)
    raise Refused(
        f"tmux sessions named {plain} and {hashed} exist already and are not of this project",
        hint=f"tmux rename-session -t {hashed} other",
    )


def open_window(session: Session, spec: WindowSpec) -> Window:
    """Opens a window at the end of the session."""
    printed, complaint = feed(at(session.socket_path), [words.open_window(session.session_id, spec)])
    if not printed:
        raise failure("new-window", complaint)
    window = words.opened(printed)
    _, complaint = feed(at(session.socket_path), [words.finish_window(window.window_id, spec)])
    if complaint:
        raise failure("new-window", complaint)
    return window


def close_window(session: Session, window_id: str) -> None:
    """Closes the window of the session; nothing if it is gone already. The session ends with its last window."""
    if any(row.window_id == window_id for row in list_windows(session)):
        with suppress(TmuxTargetMissing):
            ask(at(session.socket_path), ["kill-window", "-t", window_id])


def list_windows(session: Session) -> list[WindowRow]:
    """The windows of the session, in the order of the window list; TmuxGone if it has ended."""
    if not _is_alive(session):
        raise TmuxGone(f"the tmux session {session.name} has ended", hint="tmuxorch up")
    return words.rows(ask(at(session.socket_path), words.list_windows(session.session_id)))


def kill_session(session: Session) -> None:
    """Ends the session and its windows; no other session, and nothing if it has ended already.

    A private server ends with its last session.
    """
    if _is_alive(session):
        ask(at(session.socket_path), ["kill-session", "-t", session.session_id])


def attach_argv(session: Session, window_id: str | None = None) -> list[str]:
    """The command that shows the session (at that window) in this terminal, from inside or outside of tmux."""
    inside = os.environ.get("TMUX", "").rsplit(",", 2)[0]
    same = bool(inside) and os.path.realpath(inside) == os.path.realpath(session.socket_path)
    target = f"{session.session_id}:{window_id or ''}"
    return [
        find_tmux(),
        *at(session.socket_path),
        "-u",
        "switch-client" if same else "attach-session",
        "-t",
        target,
    ]


def _new_session(name: str, project: str, first: WindowSpec, width: int, height: int) -> list[Word]:
    """One line. What follows the first command holds from the first moment: a server may destroy unattached sessions,
    and a program that ends at once would take its window with it.
    """
    mine = f"={name}:"
    return chain(
        [
            *("new-session", "-d", "-s", name, "-n", label(first.name), "-x", str(width), "-y", str(height)),
            *("-P", "-F", f"{words.OPENED} {SESSION_ROW}"),
            *words.program(first.argv, first.cwd, first.env, first.mark or first.key),
        ],
        ["set-option", "-w", "-t", mine, "remain-on-exit", "on"],
        ["set-option", "-t", mine, "destroy-unattached", "off"],
        ["set-option", "-t", mine, PROJECT_OPTION, _encoded(project)],
    )


def _finish_session(printed: str, name: str, project: str, first: WindowSpec) -> Session:
    """All of it once more by id, as a user's hooks may have renamed session or window in between."""
    window_id, _, row = printed.split(" ", 2)
    session = msgspec.structs.replace(_session(row), name=name, project=project)
    mine = ["-t", session.session_id]
    rest = chain(
        ["set-option", *mine, "destroy-unattached", "off"],
        ["set-option", *mine, PROJECT_OPTION, _encoded(project)],
        # new-session alone gives its -e to the whole session.
        ["set-environment", "-u", *mine, words.ENV_NAME],
        ["rename-session", *mine, "--", name],
        words.finish_window(window_id, first),
    )
    _, complaint = feed(at(session.socket_path), [rest])
    if complaint:
        error = failure("new-session", complaint)
        error.hint = HOSTILE_CONF
        raise error
    return session


def _is_alive(session: Session) -> bool:
    try:
        rows = ask(at(session.socket_path), ["list-sessions", "-F", SESSION_ROW])
    except TmuxGone:
        return False
    identity = (session.session_id, session.server_pid, session.server_start)
    return any((one.session_id, one.server_pid, one.server_start) == identity for one in map(_session, rows))


def _session(row: str) -> Session:
    """The session of a line of SESSION_ROW; its project is empty if it is nobody's."""
    session_id, pid, start, project, rest = row.split(" ", 4)
    name, _, socket_path = rest.partition(":")
    return Session(
        session_id=session_id,
        name=name,
        project=unquote(project, errors="surrogateescape"),
        socket_path=socket_path,
        server_pid=int(pid),
        server_start=int(start),
    )


def _encoded(project: str) -> str:
    return quote(project, errors="surrogateescape")

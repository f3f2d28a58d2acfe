"""What a tmux server shows to whom: its clients, and of the projects on it their sessions and windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote

from tmuxorch.errors import NotFound
from tmuxorch.tmux.menu import Client
from tmuxorch.tmux.oneshot import ask, at

CLIENT: Final = (
    "c #{client_name}\t#{client_width} #{client_height} #{client_utf8} #{session_id} #{window_id} "
    "#{pane_current_path}"
)
SESSION: Final = "s #{session_id} #{@tmuxorch-project} #{session_name}"
WINDOW: Final = "w #{session_id} #{window_id} #{@tmuxorch-key} #{s/\n/?/:window_name}"


class Window(NamedTuple):
    """A window of a project; `key` as in WindowRow, empty for one of the user's own."""

    id: str
    key: str
    name: str


class Session(NamedTuple):
    """The session of the project in the directory `project`."""

    id: str
    name: str
    project: str
    windows: tuple[Window, ...]

    def window(self, key: str) -> str:
        """The id of the window of that key; empty if there is none."""
        return next((window.id for window in self.windows if window.key == key), "")


class Scene(NamedTuple):
    """What a person sees now, and where they could go. `path` is the directory of the pane that they are in."""

    client: Client
    session: str
    window: str
    path: str
    sessions: tuple[Session, ...]


def look(socket: str, client: str) -> Scene:
    """What that client sees. Raises NotFound if it is not attached, TmuxGone without a server."""
    lines = ask(
        at(socket),
        ["list-clients", "-F", CLIENT],
        ["list-sessions", "-F", SESSION],
        ["list-windows", "-a", "-F", WINDOW],
    )
    found = next((line for line in lines if line.startswith(f"c {client}\t")), None)
    if found is None:
        raise NotFound(f"no client {client!r} is attached", hint="tmux list-clients")
    columns, rows, utf8, session, window, path = found.partition("\t")[2].split(" ", 5)
    return Scene(
        client=Client(client, int(columns), int(rows), utf8 == "1"),
        session=session,
        window=window,
        path=path,
        sessions=tuple(_sessions(lines)),
    )


def _sessions(lines: list[str]) -> Iterator[Session]:
    windows: dict[str, list[Window]] = {}
    for line in lines:
        if line.startswith("w "):
            _, session, window, key, name = line.split(" ", 4)
            windows.setdefault(session, []).append(Window(window, key, name))
    for line in lines:
        if line.startswith("s "):
            _, session, project, name = line.split(" ", 3)
            if project:
                where = unquote(project, errors="surrogateescape")
                yield Session(session, name, where, tuple(windows.get(session, ())))

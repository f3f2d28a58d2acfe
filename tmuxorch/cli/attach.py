"""`tmuxorch attach`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tmuxorch.cli.app import App, command
from tmuxorch.errors import NotFound, Refused
from tmuxorch.store.paths import ProjectPaths

if TYPE_CHECKING:
    from tmuxorch.tmux.model import WindowRow


@command("attach")
@click.argument("window", required=False)
@click.pass_obj
def attach(app: App, window: str | None) -> None:
    """Show the session in this terminal, at WINDOW: overview, checkpoints, a child's or worker's name, W3."""
    if not sys.stdout.isatty():
        raise Refused("attach needs a terminal", hint="tmuxorch status")
    argv = attach_argv(app.paths, window)
    os.execv(argv[0], argv)


def attach_argv(paths: ProjectPaths, window: str | None) -> list[str]:
    """The command that shows the project's session. Raises Refused without a session, NotFound without the window."""
    from tmuxorch.cli.start import find_session
    from tmuxorch.store.config import load
    from tmuxorch.tmux import server

    session = find_session(paths, load(paths.config))
    if session is None:
        raise Refused("the project has no tmux session", hint="tmuxorch up")
    if window is None:
        return server.attach_argv(session)
    return server.attach_argv(session, find(server.list_windows(session), window))


def find(rows: Sequence[WindowRow], word: str) -> str:
    """The id of the window that `word` means: `@3`, the name or key (W3, a child's name) of one of ours, else any
    window's name. Raises NotFound."""
    wanted = word.casefold()
    ours = [row for row in rows if row.key is not None]
    candidates = [
        *(row for row in rows if row.window_id == word),
        *(row for row in ours if row.name.casefold() == wanted),
        *(row for row in ours if (row.key or "").casefold() == wanted),
        *(row for row in rows if row.name.casefold() == wanted),
    ]
    if candidates:
        return candidates[0].window_id
    names = ", ".join(row.name for row in rows)
    raise NotFound(f"there is no window {word!r}; there are: {names}", hint="tmuxorch attach")

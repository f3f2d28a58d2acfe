"""The commands about windows, as words: built and read here for the one-shot door and the control client alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from tmuxorch.errors import NotFound, TmuxorchError
from tmuxorch.tmux.model import PaneRow, Window, WindowRow, WindowSpec
from tmuxorch.tmux.quote import Word, chain, label, literal_path

ENV_NAME: Final = "TMUXORCH_ENV"
ENV_LIMIT: Final = 128 * 1024 - 1
"""Bytes of `NAME=value` that Linux passes to a program (MAX_ARG_STRLEN, without the NUL)."""

KEY_OPTION: Final = "@tmuxorch-key"
OPENED: Final = "#{window_id} #{pane_id}"
ROW: Final = (
    "#{window_id} #{pane_id} #{pane_dead} #{pane_dead_status} #{pane_pid} #{pane_active} "
    "#{@tmuxorch-key} #{s/\n/?/:window_name}"
)
"""One line per pane; a name given with `new-window -n` may hold line ends."""


def program(argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None) -> list[str]:
    """The end of a command that starts `argv` in a pane.

    tmux gives a single word to a shell and runs two or more directly, so a single word gets a constant script around
    it. tmux silently takes another directory if `cwd` does not exist, so that is refused here.
    """
    if not cwd.is_dir():
        raise NotFound(f"no such directory: {cwd}")
    words = ["-c", literal_path(str(cwd))]
    if env is not None:
        variable = f"{ENV_NAME}={json.dumps(dict(env), separators=(',', ':'))}"
        if len(variable) > ENV_LIMIT:
            raise TmuxorchError(
                f"the environment is too large to pass on: {len(variable)} of {ENV_LIMIT} bytes",
                hint="unset large variables and try again",
            )
        words += ["-e", variable]
    direct = argv if len(argv) > 1 else ["sh", "-c", 'exec "$@"', "sh", *argv]
    return [*words, "--", *direct]


def open_window(session_id: str, spec: WindowSpec) -> list[Word]:
    """One line that opens the window and prints `OPENED`.

    remain-on-exit is set on the same line because a program that ends at once would take its window with it. The new
    window has no id yet there; appended, it is the last one. `finish_window` sets all again by id.
    """
    end = f"{session_id}:{{end}}"
    return chain(
        [
            *("new-window", *(["-d"] if spec.detached else []), "-a", "-t", end, "-n", label(spec.name)),
            *("-P", "-F", OPENED, *program(spec.argv, spec.cwd, spec.env)),
        ],
        ["set-option", "-w", "-t", end, "remain-on-exit", "on"],
    )


def finish_window(window_id: str, spec: WindowSpec) -> list[Word]:
    """One line that makes the window ours. The name comes again, as a user's after-new-window hook may have changed
    it; giving one turns automatic-rename off.
    """
    window = ["-w", "-t", window_id]
    return chain(
        ["set-option", *window, "remain-on-exit", "on"],
        ["set-option", *window, "allow-rename", "off"],
        ["set-option", *window, KEY_OPTION, spec.key],
        ["rename-window", "-t", window_id, "--", label(spec.name)],
    )


def opened(lines: Sequence[str]) -> Window:
    """The window that `open_window` printed."""
    window_id, pane_id = lines[0].split(" ")
    return Window(window_id=window_id, pane_id=pane_id)


def list_windows(session_id: str) -> list[str]:
    """The command that prints what `rows` reads."""
    return ["list-panes", "-s", "-t", session_id, "-F", ROW]


def rows(lines: Iterable[str]) -> list[WindowRow]:
    """The windows of a session in the order of their indexes, their panes in the order of the layout."""
    fields = [line.split(" ", 7) for line in lines]
    return [_row(list(panes)) for _, panes in groupby(fields, key=lambda row: row[0])]


def _row(panes: list[list[str]]) -> WindowRow:
    window_id, *_, key, name = panes[0]
    return WindowRow(
        window_id=window_id,
        key=key or None,
        name=name,
        panes=tuple(
            PaneRow(
                pane_id=pane_id,
                dead=dead == "1",
                dead_status=int(status) if status else None,
                pid=int(pid),
                active=active == "1",
            )
            for _, pane_id, dead, status, pid, active, *_ in panes
        ),
    )

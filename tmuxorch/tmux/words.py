"""The commands about windows, as words: built and read here for the one-shot door and the control client alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from tmuxorch.errors import NotFound, TmuxorchError
from tmuxorch.tmux.model import PaneRow, Window, WindowRow, WindowSpec
from tmuxorch.tmux.quote import Word, chain, label, literal_path

ENV_NAME: Final = "TMUXORCH_ENV"
ENV_LIMIT: Final = 128 * 1024 - 1
"""Bytes of `NAME=value` that Linux passes to a program (MAX_ARG_STRLEN, without the NUL)."""

KEY_OPTION: Final = "@tmuxorch-key"
MARK_OPTION: Final = "@tmuxorch-mark"
MARK: Final = "TMUXORCH_MARK_"
"""Begins the name of the variable that has the mark of a window; the digits of its id follow."""
OPENED: Final = "#{window_id} #{pane_id}"
MARKED: Final = "tmuxorch="
"""Begins the word of a program's command line that is its mark. The command line comes into being with the window, so
a window is known to be ours from its first moment, whoever dies before it has its key."""

START: Final = re.compile(r'sh -c "exec [^ ]+ tmuxorch=([A-Za-z0-9_.-]+) ')
ROW: Final = (
    "#{window_id} #{pane_id} #{pane_dead} #{pane_dead_status} #{pane_pid} #{pane_active} "
    "#{?@tmuxorch-mark,1,0} #{@tmuxorch-key} #{=120:pane_start_command}\t#{s/\n/?/:window_name}"
)
"""One line per pane. tmux escapes tabs in command lines; a name given with `new-window -n` may hold line ends."""


def program(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None, mark: str | None = None
) -> list[str]:
    """The end of a command that starts `argv` in a pane.

    tmux gives a single word to a shell and runs two or more directly, so a single word gets a constant script around
    it; so does a program with a mark, which is the script's name. tmux silently takes another directory if `cwd` does
    not exist, so that is refused here.
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
    name = MARKED + mark if mark else "sh"
    direct = argv if len(argv) > 1 and not mark else ["sh", "-c", 'exec "$@"', name, *argv]
    return [*words, "--", *direct]


def open_window(session_id: str, spec: WindowSpec) -> list[Word]:
    """One line that opens the window and prints `OPENED`.

    remain-on-exit is set on the same line because a program that ends at once would take its window with it. The new
    window has no id yet there; appended, it is the last one, unless a hook of the user's came in between, so one that
    has not our mark keeps what it has. `finish_window` sets all again by id.
    """
    end = f"{session_id}:{{end}}"
    ours = f"#{{m:*{MARKED}{spec.mark or spec.key} *,#{{pane_start_command}}}}"
    return chain(
        [
            *("new-window", *(["-d"] if spec.detached else []), "-a", "-t", end, "-n", label(spec.name)),
            *("-P", "-F", OPENED, *program(spec.argv, spec.cwd, spec.env, spec.mark or spec.key)),
        ],
        ["set-option", "-w", "-F", "-t", end, "remain-on-exit", f"#{{?{ours},on,#{{remain-on-exit}}}}"],
    )


def finish_window(window_id: str, spec: WindowSpec) -> list[Word]:
    """One line that makes the window ours. The name comes again, as a user's after-new-window hook may have changed
    it; giving one turns automatic-rename off.
    """
    return chain(keep_window(window_id, spec.key), ["rename-window", "-t", window_id, "--", label(spec.name)])


def keep_window(window_id: str, key: str) -> list[Word]:
    """One line that makes the window ours but for its name.

    Its mark is a format, set once: what it reads is pushed (tmux.status), and setting an option redraws whole clients.
    """
    window = ["-w", "-t", window_id]
    return chain(
        ["set-option", *window, "remain-on-exit", "on"],
        ["set-option", *window, "allow-rename", "off"],
        ["set-option", *window, MARK_OPTION, f"#{{{MARK}{window_id[1:]}}}"],
        ["set-option", *window, KEY_OPTION, key],
    )


def opened(lines: Sequence[str]) -> Window:
    """The window that `open_window` printed."""
    window_id, pane_id = lines[0].split(" ")
    return Window(window_id=window_id, pane_id=pane_id)


def list_windows(session_id: str) -> list[str]:
    """The command that prints what `rows` reads."""
    return ["list-panes", "-s", "-t", session_id, "-F", ROW]


def list_panes(window_id: str) -> list[str]:
    """The command that prints what `rows` reads, of one window."""
    return ["list-panes", "-t", window_id, "-F", ROW]


class _Line(NamedTuple):
    """One line of ROW."""

    window_id: str
    key: str
    finished: bool
    name: str
    pane: PaneRow


def rows(lines: Iterable[str]) -> list[WindowRow]:
    """The windows of a session in the order of their indexes, their panes in the order of the layout.

    A window without a key has that of its one pane's mark, unless another has it. With other panes it is people's, who
    may move ours as they like.
    """
    read = [_line(line) for line in lines]
    taken = {line.key for line in read}
    return [_row(list(panes), taken) for _, panes in groupby(read, key=lambda line: line.window_id)]


def _line(text: str) -> _Line:
    window_id, pane_id, dead, status, pid, active, has_mark, key, rest = text.split(" ", 8)
    start, _, name = rest.partition("\t")
    marked = START.match(start)
    pane = PaneRow(
        pane_id=pane_id,
        dead=dead == "1",
        dead_status=int(status) if status else None,
        pid=int(pid),
        active=active == "1",
        mark=marked[1] if marked else None,
    )
    return _Line(window_id, key, bool(key) and has_mark == "1", name, pane)


def _row(lines: list[_Line], taken: set[str]) -> WindowRow:
    first = lines[0]
    marked = (first.pane.mark or "").partition(".")[0] if len(lines) == 1 else ""
    return WindowRow(
        window_id=first.window_id,
        key=first.key or (None if marked in taken else marked or None),
        name=first.name,
        finished=first.finished,
        panes=tuple(line.pane for line in lines),
    )

"""The environment of whoever typed `up`, handed from window to window in one variable and kept in no file.

A tmux server gives its windows the environment of whoever started it, perhaps days ago. Programs of tmuxorch that run
in a window therefore take the environment in TMUXORCH_ENV, a JSON object, instead. Stdlib only: run as a script
(`python -SIE environment.py PROGRAM ARG…`) it runs any program that way.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

VARIABLE = "TMUXORCH_ENV"

OF_THE_TERMINAL = frozenset({"TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM", "COLUMNS", "LINES"})
OF_TMUX = frozenset({"TMUX", "TMUX_PANE"})


def program(module: str) -> list[str]:
    """The beginning of the command line of one of our modules, the same wherever it runs: the project's directory may
    hold a `json.py`, and its locale may take the names of files for something else than UTF-8, which Codex does not."""
    return [sys.executable, "-P", "-X", "utf8", "-m", module]


def use_utf8() -> None:
    """Starts this process anew in Python's UTF-8 mode, if it reads arguments and names of files in another encoding."""
    if sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def handed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """What of `environ` is handed on: all but what belongs to one window of one tmux server."""
    return {name: value for name, value in environ.items() if name not in OF_TMUX | {VARIABLE}}


def adopt() -> None:
    """Makes the handed environment this process's own; its terminal and its tmux stay what they are."""
    handed = os.environ.pop(VARIABLE, "")
    if not handed:
        return
    own = {name: os.environ[name] for name in OF_THE_TERMINAL | OF_TMUX if name in os.environ}
    os.environ.clear()
    os.environ.update({**json.loads(handed), **own})


def main(argv: list[str]) -> None:
    """Becomes the program `argv` in the handed environment."""
    adopt()
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    main(sys.argv[1:])

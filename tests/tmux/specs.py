"""Windows for tests, and text that attacks."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tmuxorch.tmux.model import WindowSpec

HOSTILE = (
    "#(touch pwned)",
    "x;",
    ";",
    "; kill-server",
    "a\nkill-server",
    "\r\x1b]2;title\a",
    "'single' \"double\" `touch pwned` $(touch pwned) $HOME ${HOME}",
    "~",
    "~root",
    "100%d %H %%",
    "#{pid} #[fg=red] ## #",
    "{ new-window }",
    "\\ \\; \\n \\101",
    "%end 1 1 1",
    "-x",
    "--",
    "",
    " ",
    "naïve ☃ 日本",
    "caf\udce9",
)
"""Each is plain data to whoever is careful; `pwned` appears in the working directory otherwise."""

# macOS's file system takes UTF-8 only.
FILE_NAMES = [text for text in HOSTILE if text and not (sys.platform == "darwin" and "\udce9" in text)]

SAVE = 'printf "%s\\0" "$@" > "$0.new" && mv "$0.new" "$0"'
"""A shell script: its arguments, each followed by NUL, into the file that is its $0."""


def spec(key: str, cwd: Path, *argv: str, env: Mapping[str, str] | None = None) -> WindowSpec:
    return WindowSpec(key=key, name=key, argv=argv, cwd=cwd, env=env)


def sleeper(key: str, cwd: Path) -> WindowSpec:
    return spec(key, cwd, "sleep", "1000")


def saver(key: str, cwd: Path, file: Path, *words: str) -> WindowSpec:
    """A window whose program writes `words` into `file` and ends."""
    return spec(key, cwd, "sh", "-c", SAVE, str(file), *words)


def saved(file: Path) -> list[str] | None:
    """What a saver wrote, None before it has."""
    if not file.exists():
        return None
    return file.read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1]

"""The host's two commands."""

from __future__ import annotations

import os

USAGE = """usage: host run DIR
       host view exec|frames|log FILE [--title TEXT]
"""
WRONG_USAGE = 2


def main(args: list[str]) -> int:
    """Runs one command; the exit status of the process."""
    match args:
        case ["run", directory]:
            from tmuxorch.host import run

            return run.main(os.path.abspath(directory))
        case ["view", "exec" | "frames" | "log" as kind, file, *rest] if not rest or rest[:-1] == ["--title"]:
            from tmuxorch.host import view

            return view.main(kind, os.path.abspath(file), rest[-1] if rest else "")
        case _:
            os.write(2, USAGE.encode())
            return WRONG_USAGE

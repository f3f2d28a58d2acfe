"""The `console` blocks of documents: commands that are typed, and what they print."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from tests.e2e.project import Project
from tests.waiting import until

DOCS = Path(__file__).parents[3] / "docs"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"
LATE = re.compile(r"^(?:starting|waiting for|going on in) .*…\n", re.MULTILINE)
"""What a command says that takes a while, where it can draw nothing; on a terminal nothing of it stays."""
LOOKS = "tmuxorch ls"
"""A command that only looks: what it is to print may come a moment later."""


class Typed(Struct, frozen=True):
    """A command, and what is told to come of it: both streams, as on a terminal."""

    command: str
    printed: str


def blocks(document: str) -> list[list[Typed]]:
    """The commands of each block, in their order. Lines with `> ` go on with the command above them."""
    return [list(_typed(block)) for block in BLOCK.findall((DOCS / document).read_text())]


def _typed(block: str) -> Iterator[Typed]:
    assert block.startswith("$ "), block
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines()
        more = [line for line in rest if line.startswith("> ")]
        command = "\n".join([first, *(line[2:] for line in more)])
        yield Typed(command, "\n".join(rest[len(more) :]))


def play(document: str, project: Project) -> list[str]:
    """Types all commands of a document in the project's directory; what was not printed as told, in words.

    After each block the file `block-N` is there, for what has to wait until it was looked at.
    """
    wrong = []
    for number, block in enumerate(blocks(document), 1):
        for typed in block:
            said = _run(typed.command, project)
            if typed.command == LOOKS:
                said = _looked_again(typed, said, project)
            if not matches(typed.printed, said):
                wrong.append(f"$ {typed.command}\ntold: {typed.printed}\nsaid: {said}")
        (project.directory / f"block-{number}").touch()
    return wrong


def _looked_again(typed: Typed, said: str, project: Project) -> str:
    """What it prints once that is as told; what it printed last if it never is."""

    def as_told() -> bool:
        nonlocal said
        if matches(typed.printed, said):
            return True
        said = _run(typed.command, project)
        return False

    with contextlib.suppress(AssertionError):
        until(as_told)
    return said


def _run(command: str, project: Project) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{project.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=project.directory,
        env={**project.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return LATE.sub("", done.stdout)


def matches(told: str, said: str) -> bool:
    """Whether `said` is what was told: `…` stands for anything within a line, alone on one for any lines. Blanks count
    as one, since columns are as wide as what is in them."""
    lines = [_folded(line) for line in told.splitlines()]
    pattern = "".join(
        r"(?:.*\n)*?"
        if line == LEFT_OUT
        else ".*?".join(map(re.escape, re.split(f" ?{LEFT_OUT} ?", line))) + r"\n"
        for line in lines
    )
    return re.fullmatch(pattern, "".join(_folded(line) + "\n" for line in said.splitlines())) is not None


def _folded(line: str) -> str:
    return " ".join(line.split())

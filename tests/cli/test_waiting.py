"""What a command says while it waits: nothing at first, then what for and how long; and what Ctrl-C leaves."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.command import environment
from tests.person import Person, at_terminal
from tests.waiting import until
from tmuxorch.cli.progress import ERASE
from tmuxorch.store.paths import ProjectPaths

WAITS = """\
from tmuxorch.cli import output
output.LONG = 0.1
with output.waiting("\\x1b[31mW1 漢字 " + "x" * 200, "W1 goes on: tmuxorch wait W1"):
    with output.waiting("the controller"):
        open("one").read()
    output.data("begun")
    open("two").read()
output.note("over")
"""
"""Waits until somebody writes to a pipe: within a wait for something else, then without."""

STATUS = """\
from tmuxorch.cli import client, main
client.GREETING_TIME = 600.0
main.main()
"""
"""`tmuxorch`, whose patience with a controller does not end before the test does."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        os.mkfifo(tmp_path / name)
    return tmp_path


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[Path]:
    """A project whose controller takes connections and says nothing."""
    paths = ProjectPaths(tmp_path)
    paths.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(paths.socket))
        server.listen()
        yield tmp_path


def takes(person: Person, what: str, seconds: int) -> str:
    """Waits until the line says that it has taken so long, or longer: no single second is sure to be looked at. The
    screen."""

    def long_enough() -> str:
        text = person.text
        said = re.search(rf"{what}  (\d+):(\d\d)", text)
        return text if said and int(said[1]) * 60 + int(said[2]) >= seconds else ""

    return until(long_enough, what=f"{what} for {seconds} s")


def test_a_line_turns_and_counts_and_is_gone_afterwards(place: Path) -> None:
    with at_terminal([sys.executable, "-c", WAITS], env=environment(), cwd=place) as person:
        takes(person, "the controller", 2)
        first = person.raw
        (place / "one").write_text("")
        person.sees("begun")
        lines = takes(person, "W1 漢字 x+", 0).splitlines()
        assert lines[0] == "begun"
        assert lines[1].startswith(("⠋", *"⠙⠹⠸⠼⠴⠦⠧⠇⠏"))
        (place / "two").write_text("")
        person.sees("over")
        assert person.text.split() == ["begun", "over"]
        assert person.ends() == 0
        assert b"\x1b[31m" not in person.raw
    assert first.startswith(ERASE.encode())
    assert b"0:00" not in first  # nothing in the first second


def test_ctrl_c_says_what_goes_on_and_leaves_the_terminal_as_it_was(place: Path) -> None:
    with at_terminal([sys.executable, "-c", WAITS], env=environment(), cwd=place) as person:
        takes(person, "the controller", 1)
        person.presses("C-c")
        assert person.sees("W1 goes on: tmuxorch wait W1").startswith("W1 goes on")
        assert b"\x1b[?25l" not in person.raw  # the cursor was never hidden


def test_where_no_line_can_be_drawn_one_says_it(place: Path) -> None:
    with at_terminal([sys.executable, "-c", WAITS], env=environment(), term="dumb", cwd=place) as person:
        person.sees("W1 漢字 x", "x…")
        (place / "one").write_text("")
        person.sees("begun")
        (place / "two").write_text("")
        person.sees("over")
        assert b"\x1b" not in person.raw
        assert "controller" not in person.text
    code = "from tmuxorch.cli import output\nwith output.waiting('it'): pass\noutput.note('over')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    assert (done.stdout, done.stderr) == ("", "over\n")  # it did not take long


def test_a_command_says_that_it_waits_for_the_controller_but_not_to_programs(hung: Path) -> None:
    with ExitStack() as stack:

        def begins(*more: str) -> Person:
            command = [sys.executable, "-c", STATUS, "status", *more]
            return stack.enter_context(at_terminal(command, env=environment(), cwd=hung))

        program, person = begins("--json"), begins()
        takes(person, "waiting for the controller", 2)
        assert program.raw == b""
        person.presses("C-c")
        assert person.ends() == 130
        person.misses("waiting", "^C")
        assert person.text.strip() == ""

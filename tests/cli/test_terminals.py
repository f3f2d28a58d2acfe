"""What commands look like on real terminals: wide and narrow ones, with and without UTF-8 and colours, inside tmux."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.cli import recorded
from tests.cli.command import environment
from tests.person import Person, at_terminal
from tests.tmuxfixture import run_tmux
from tmuxorch.core.text import width
from tmuxorch.tmux.binary import find_tmux
from tmuxorch.tmux.server import Address

GOLDEN = Path(__file__).with_name("golden")

COMMANDS = ("", "status", "ls", "child ls", "runs", "checkpoints", "pattern ls", "show C2", "show C3")

ALL = f"""\
from tmuxorch.cli.main import run
for words in {COMMANDS!r}:
    print("$ tmuxorch", words, flush=True)
    run(words.split())
print("that is all", flush=True)
"""
"""Runs every command in one process: what differs is the terminal."""

EMPTY = "from tmuxorch.cli.main import run; run([]); print('that is all', flush=True)"


@pytest.fixture
def place(home: Path) -> Path:
    return recorded.project(home / "work" / "onboarding").project


def sees_all(person: Person) -> bytes:
    """Waits until everything was printed; what was written for it."""
    person.sees("that is all", timeout=60.0)
    return person.raw


@pytest.mark.parametrize(
    ("columns", "term", "locale"),
    [
        (60, "screen", "C"),
        (80, "tmux-256color", "C.UTF-8"),
        (80, "dumb", "C"),
        (200, "screen", "C.UTF-8"),
    ],
)
def test_every_table_fits_its_terminal(place: Path, columns: int, term: str, locale: str) -> None:
    command = [sys.executable, "-c", ALL]
    with at_terminal(
        command, columns=columns, rows=140, env=environment(), term=term, locale=locale, cwd=place
    ) as person:
        raw = sees_all(person)
        name = f"cli-{columns}-{term}-{locale}.txt"
        person.golden(GOLDEN / name)
        assert person.ends() == 0
    assert (b"\x1b" in raw) is (term != "dumb")
    assert re.sub(rb"\x1b\[\d*m", b"", raw).count(b"\x1b") == 0
    if locale == "C":
        assert raw.isascii()


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_only_what_is_to_be_read_whole_is_longer_than_a_line(place: Path, columns: int) -> None:
    """A line that wraps is not seen on the screen, so what was written is measured."""
    code = ALL.replace(repr(COMMANDS), repr(COMMANDS[:-2]))
    with at_terminal([sys.executable, "-c", code], columns=columns, env=environment(), cwd=place) as person:
        written = re.sub(r"\x1b\[\d*m", "", sees_all(person).decode())
    assert [line for line in written.splitlines() if width(line) > columns] == []


def test_without_colours_nothing_but_characters_is_written(place: Path) -> None:
    env = environment() | {"NO_COLOR": "1"}
    with at_terminal([sys.executable, "-c", ALL], rows=140, env=env, cwd=place) as person:
        assert b"\x1b" not in sees_all(person)
        person.golden(GOLDEN / "cli-80-tmux-256color-C.UTF-8.txt")


def test_tmux_without_utf8_has_no_characters_that_it_cannot_show(place: Path, own_tmux: Address) -> None:
    argv = [find_tmux(), "new-session", "-x", "80", "-y", "24", sys.executable, "-c", ALL, ";"]
    keep = ["set-option", "remain-on-exit", "on", ";", "set-option", "status", "off"]
    with at_terminal([*argv, *keep], env=environment(), term="screen", locale="C", cwd=place) as person:
        screen = person.sees("-" * 60, "that is all", timeout=60.0)
        assert "_" not in screen  # what tmux shows for characters that a terminal has not
        shown = run_tmux("capture-pane", "-p", "-S", "-")
    assert shown.isascii()


def test_a_directory_without_a_project(home: Path) -> None:
    (home / "work").mkdir()
    for name in ("backend", "mobile", "not one"):
        (home / "work" / name / ".git").mkdir(parents=True)
    with at_terminal([sys.executable, "-c", EMPTY], env=environment(), cwd=home / "work") as person:
        sees_all(person)
        person.golden(GOLDEN / "cli-no-project.txt")

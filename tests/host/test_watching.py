"""Somebody watches an agent's window: it grows, scrolls back, follows the size of the terminal, comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.host.test_drawing import GOLDEN
from tests.host.tmux import Tmux
from tests.person import Person, at_terminal
from tmuxorch.host import records

LINES = (GOLDEN / "work-frames.jsonl").read_bytes().splitlines(keepends=True)
CUT = next(number for number, line in enumerate(LINES) if b"seq 1 5000" in line) + 1  # it has just begun
HOSTILE = (
    "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[?1049h#(touch touched) #[fg=red] \u202e\0"
    + "e\u0301\u0301\u0301\u0301"
)
MESSAGE = json.dumps(
    {"method": "item/completed", "params": {"item": {"type": "agentMessage", "text": HOSTILE + " the end"}}}
)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def scrolls_back_to(person: Person, text: str) -> None:
    """Pages up in copy-mode until it is there."""
    person.presses("C-b", "[")
    for _ in range(30):
        if text in (before := person.text):
            return
        person.presses("PgUp")
        person.misses(before)
    person.sees(text)


@pytest.mark.parametrize(
    ("columns", "rows", "term", "locale"),
    [(80, 24, "screen", "C.UTF-8"), (200, 50, "tmux-256color", "C.UTF-8"), (80, 24, "tmux-256color", "C")],
)
def test_a_person_watches(
    tmp_path: Path, tmux: Tmux, columns: int, rows: int, term: str, locale: str
) -> None:
    frames = tmp_path / "frames.jsonl"
    frames.write_bytes(b"".join(LINES[:CUT]))
    view = [*records.command(), "view", "frames", str(frames), "--title", "backend"]
    tmux("set", "-g", "status", "off")
    pane = tmux.window(view, LC_ALL=locale, TERM=term)
    tmux("select-window", "-t", pane)
    attach = ["tmux", "-L", "host", "attach"]
    with at_terminal(attach, columns=columns, rows=rows, term=term, locale=locale, cwd=tmp_path) as person:
        person.sees("backend", "$ for n in 1 2 3")
        assert "E   assert 1 == 2\n" not in person.text
        tmux.has_size(pane, columns, rows)
        append(frames, b"".join(LINES[CUT:]))
        person.sees("turn failed")
        person.golden(GOLDEN / f"view-{columns}x{rows}-{term}-{locale}.txt")
        assert person.colours("turn failed") == {"red"}

        scrolls_back_to(person, "I read the tests first.")
        append(frames, f"{MESSAGE}\n".encode())  # what comes meanwhile moves nothing
        tmux.sees(pane, "the end")
        assert "I read the tests first." in person.text
        person.presses("q")
        person.sees("the end", "#(touch touched) #[fg=red]")
        assert b"\x1b]52" not in person.raw
        assert not (tmp_path / "touched").exists()
        assert tmux("display-message", "-p", "-t", pane, "#{alternate_on}") == "0"

        person.resizes(60, 20)
        tmux.has_size(pane, 60, 20)
        append(
            frames, json.dumps({"method": "warning", "params": {"message": "word " * 14}}).encode() + b"\n"
        )
        person.sees("! " + ("word " * 11).rstrip() + "\n")

        tmux("respawn-pane", "-k", "-t", pane, "sh", "-c", "echo the other program; exec cat")
        person.sees("the other program")
        tmux("respawn-pane", "-k", "-t", pane, *view)
        tmux.sees(pane, "! " + ("word " * 11).rstrip() + "\n")
        scrolls_back_to(person, "I read the tests first.")

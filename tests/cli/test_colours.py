"""On a terminal there are colours, and nothing of an agent's that acts on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import environment, tmuxorch
from tmuxorch.cli import streams


def on_a_terminal(*words: str, cwd: Path, **env: str) -> str:
    """What Python prints, run with these words: both its outputs are a terminal."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0):
        done = subprocess.Popen(
            [sys.executable, *words], cwd=cwd, env=environment() | env, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
        assert done.wait() == 0, shown
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # its other end is closed
        return b""


def test_a_status_is_in_colour_on_a_terminal_alone(tmp_path: Path) -> None:
    command = ("-m", "tmuxorch", "status")
    assert on_a_terminal(*command, cwd=tmp_path).startswith(
        f"\x1b[1m{tmp_path}\x1b[0m · controller not running"
    )
    assert on_a_terminal(*command, cwd=tmp_path, NO_COLOR="1").startswith(f"{tmp_path} · ")
    assert tmuxorch("status", cwd=tmp_path).out.startswith(f"{tmp_path} · ")


@pytest.mark.parametrize("way", ["data", "note"])
def test_what_is_coloured_is_so_and_the_rest_is_made_visible(way: str, tmp_path: Path) -> None:
    told = "from tmuxorch.cli import output, streams; "
    told += f"output.{way}(streams.styled('a\\x1b[31mb', 'bold') + '\\x1b[8mc')"
    assert on_a_terminal("-c", told, cwd=tmp_path) == "\x1b[1ma\\x1b[31mb\x1b[0m\\x1b[8mc\n"


def test_a_note_has_no_colours_where_only_the_data_goes_to_a_terminal(tmp_path: Path) -> None:
    told = "import sys; sys.stderr = open('note', 'w')\n"
    told += "from tmuxorch.cli import output, streams; output.note(streams.styled('a', 'red'))"
    assert on_a_terminal("-c", told, cwd=tmp_path) == ""
    assert (tmp_path / "note").read_text() == "a\n"


def test_no_other_sequence_comes_of_the_marks_of_colours(tmp_path: Path) -> None:
    told = f"from tmuxorch.cli import output; output.data('{streams.BEGIN}8mhidden')"
    assert on_a_terminal("-c", told, cwd=tmp_path) == f"{streams.BEGIN}8mhidden\n"

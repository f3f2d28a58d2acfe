"""What is recorded of a check, whatever it printed and however it ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tmuxorch.controller import outcomes, processes
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.host.records import Exit, write

PASSED = msg.ProcessEnded(ref="K1", outcome=m.Outcome.SUCCEEDED, code=0)


def of(directory: Path, output: bytes) -> str:
    """What is recorded of that output."""
    (directory / "output.log").write_bytes(output)
    return outcomes.of_check(directory, PASSED).tail


@pytest.mark.parametrize(
    ("output", "recorded"),
    [
        (b"one\ntwo", "one\ntwo"),
        (b"", ""),
        (b"\x1b[2J\x1b]0;owned\x07\x1b[31mred\x1b[0m\n", "red"),
        (b"nul \x00, bad \xff\xfe, bell \x07\n", "nul , bad \ufffd\ufffd, bell"),
        (b"50 %\r100 %\r\n", "50 %\n100 %"),
    ],
)
def test_what_is_recorded_is_plain_text(tmp_path: Path, output: bytes, recorded: str) -> None:
    assert of(tmp_path, output) == recorded
    assert text.is_block(recorded)


def test_of_much_output_the_end_is_recorded_and_where_the_whole_is(tmp_path: Path) -> None:
    first, *rest = of(tmp_path, b"".join(b"line %d\n" % n for n in range(100_000))).split("\n")
    assert first == f"(the end of 1088890 bytes; the whole is in {tmp_path}/output.log)"
    assert rest[-1] == "line 99999"
    assert rest[0] == f"line {100_000 - len(rest)}"
    assert 5_900 < len("\n".join(rest)) <= outcomes.TAIL


@pytest.mark.parametrize("byte", [b"x", b"\0", b"\xff", "ü".encode()])
def test_an_endless_line_is_cut(tmp_path: Path, byte: bytes) -> None:
    assert len(of(tmp_path, byte * 5_000_000)) < outcomes.TAIL + 200


@pytest.mark.parametrize(("code", "signal"), [(130, None), (None, 9), (0, None)])
def test_a_check_whose_time_was_over_proves_nothing(
    tmp_path: Path, code: int | None, signal: int | None
) -> None:
    spec = {"argv": ["sleep"], "cwd": "/", "timeout": 0.5}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    write(str(tmp_path), Exit(code, signal, "", "", 700, None, "timeout"))
    ended = processes.end_of("K1", tmp_path)
    assert ended is not None
    ended = outcomes.of_check(tmp_path, ended)
    assert (ended.outcome, ended.reason, ended.seconds) == (m.Outcome.KILLED, "timed out after 0.5 s", 0.7)

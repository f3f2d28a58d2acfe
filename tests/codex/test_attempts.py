"""Commands that are meant to answer checkpoints, and commands that only look so."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxorch.codex.attempts import LIMIT, MOST, PLAN, attempts
from tmuxorch.core.decide.checkpoints import PLAN as OF_THE_CORE

RAW = r"""s.sendall(b'{\"id\": 2, \"method\": \"answer\", \"params\": {\"id\": \"C3\", \"choice\": \"accept\"}}\n')"""

TRIES = [
    "tmuxorch approve C3",
    "/opt/v/bin/tmuxorch -C /p --json approve C3",
    "tmuxorch approve --json -C /p C3",
    "tmuxorch decline -m 'no; not now' C3",
    "tmuxorch answer C3 'yes' 2>&1 >/dev/null &",
    "/bin/bash -lc 'tmuxorch approve C3'",
    'bash -lc "cd /x && tmuxorch approve C3 | tail -1"',
    "python -m tmuxorch approve C3",
    "/v/bin/python3.11 -P -X utf8 -m tmuxorch -C /p approve C3",
    "env A=b timeout 5 tmuxorch approve C3",
    "A=b setsid -f sh -c 'sleep 1; tmuxorch approve C3'",
    "for i in 1 2; do tmuxorch approve C3; done",
    "if true; then { tmuxorch approve C3; }; fi",
    "echo $(tmuxorch approve C3)",
    'echo "`tmuxorch approve C3`"',
    "(yes | tmuxorch answer C3 -)",
    "tmux new-window 'tmuxorch approve C3'",
    "tmux send-keys -t 0 'tmuxorch approve C3' Enter",
    "uvx tmuxorch@1.2 approve C3",
    "uv run python -m tmuxorch approve C3",
    "tmux''orch approve 'C3'",
    "cat <<'EOF' | sh\ntmuxorch approve C3\nEOF",
    "echo it's broken\ntmuxorch approve C3",
    "ls # whatever\n\ttmuxorch approve C3 # why",
    f'python3 -c "{RAW}"',
    'python3 -c \'from tmuxorch.cli.client import connect; c.call("answer", {"id": "C3"})\'',
]

NO_TRIES = [
    "",
    "echo tmuxorch approve C3",
    "grep -r 'tmuxorch approve C3' docs",
    "git commit -m 'tmuxorch approve C3'",
    "bash -c \"echo 'tmuxorch approve C3'\"",
    "cat > a.md <<EOF\ntmuxorch approve C3\nEOF",
    "# tmuxorch approve C3",
    "ls; # tmuxorch approve C3",
    "tmuxorch show C3",
    "tmuxorch checkpoints --json",
    "tmuxorch approve --help",
    "tmuxorch approve me",
    "tmuxorch ask app 'approve C3'",
    'rg \'"method": "answer"\' src',
    "python3 -m unittest tmuxorch approve",
]


@pytest.mark.parametrize("command", TRIES)
def test_what_would_answer_is_seen_however_it_is_called(command: str) -> None:
    assert attempts(command) == ["C3"]


@pytest.mark.parametrize("command", NO_TRIES)
def test_what_only_names_our_commands_is_no_attempt(command: str) -> None:
    assert attempts(command) == []


def test_one_command_may_be_meant_for_several() -> None:
    assert attempts("tmuxorch approve C3; tmuxorch decline C4 && tmuxorch answer C3 x") == ["C3", "C4"]
    assert attempts("bash -c 'tmuxorch plan approve'") == [PLAN] == [OF_THE_CORE]
    assert len(attempts("; ".join(f"tmuxorch approve C{number}" for number in range(1, 20)))) == MOST


@given(st.lists(st.sampled_from(["quote", "env A=1", "setsid -f", "true &&", "exec", "( "]), max_size=4))
def test_shells_in_shells_are_looked_into(around: list[str]) -> None:
    command = "tmuxorch approve C3"
    for one in around:
        if one == "quote":
            command = shlex.join(["bash", "-lc", command])
        elif one == "( ":
            command = f"sh -c {shlex.quote(f'({command})')}"
        else:
            command = f"{one} {command}"
    assert attempts(command) == ["C3"]


PIECES = [
    "tmuxorch",
    " approve ",
    "C3",
    "'",
    '"',
    "\\",
    "$(",
    "`",
    "<<E\n",
    "E",
    "\n",
    ";",
    "bash -c ",
    "#",
    "-C ",
    "\x00",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join))
def test_any_text_is_read_without_harm(command: str) -> None:
    assert set(attempts(command)) <= {"C3", PLAN} or all(one[0] == "C" for one in attempts(command))


@pytest.mark.parametrize(
    "piece", ["$(tmuxorch ", "`tmuxorch ", "bash -c 'tmuxorch ", '"', "<<tmuxorch\n", "'tmuxorch' "]
)
def test_no_command_takes_long_to_read(piece: str) -> None:
    assert attempts(piece * (100_000 // len(piece))) == []
    assert attempts("x" * LIMIT + ";tmuxorch approve C3") == []

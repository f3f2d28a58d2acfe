"""A secret reaches whom it is for, and is nowhere of ours: not on disk, not in tmux, not in an argument list."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controller.conftest import Begin
from tests.controller.test_checkpoints import asked, told
from tests.e2e.project import Json, Project
from tests.waiting import until

SECRET = 'tr0ub4dor & "3"'


def hidden(lab: Project, *words: str, typed: str) -> str:
    """`tmuxorch WORDS` in a terminal, where `typed` is typed when it asks; what the terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        command = [sys.executable, "-m", "tmuxorch", "-C", str(lab.directory), *words]
        os.execve(sys.executable, command, {**lab.environ, "TERM": "dumb"})
    shown = bytearray()
    until(lambda: b"(not shown)" in _more(terminal, shown), what="the question for the secret")
    os.write(terminal, typed.encode() + b"\n")
    while _more(terminal, shown):
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, shown.decode()
    return shown.decode()


def _more(terminal: int, shown: bytearray) -> bytearray:
    """What was shown so far; nothing when that was all."""
    try:
        shown += os.read(terminal, 65536)
    except OSError:
        return bytearray()
    return shown


def places(lab: Project) -> Iterator[tuple[str, str]]:
    """Everything of ours that could hold it, but Codex's own home."""
    roots = [lab.paths.state, lab.directory, lab.paths.socket.parent]
    for root in roots:
        for path in Path(os.path.realpath(root)).rglob("*"):
            if path.is_file() and "codex-home" not in path.parts:
                yield str(path), path.read_bytes().decode(errors="replace")
    for words in (["show-environment", "-g"], ["show-environment"], ["show-buffer"], ["show-messages"]):
        try:
            yield " ".join(words), lab.tmux(*words)
        except Exception:  # noqa: S112 (there may be no buffer)
            continue
    for pane in lab.tmux("list-panes", "-a", "-F", "#{pane_id}").split():
        yield f"pane {pane}", lab.tmux("capture-pane", "-p", "-J", "-S", "-", "-t", pane)


def nowhere(lab: Project, secret: str = SECRET) -> None:
    """Fails where a piece of the secret is."""
    found = [name for name, text in places(lab) if "tr0ub4dor" in text or secret in text]
    assert not found


@pytest.mark.parametrize("name", ["secret-question", "secret-form"])
def test_a_secret_asked_for_in_the_middle_of_a_turn(lab: Project, begin: Begin, name: str) -> None:
    run = begin(name)
    card = asked(lab, "question" if name == "secret-question" else "elicitation")
    assert (card["item"], card["blocks"]) == ("1", ["1"])
    words = ["user=bob"] if name == "secret-form" else []
    shown = hidden(lab, "answer", card["id"], *words, typed=SECRET)
    assert "tr0ub4dor" not in shown
    closed: Json = lab.call("show", id=card["id"])
    field = "password" if name == "secret-form" else "token"
    assert (closed["state"], closed["answer"]["secrets"]) == ("closed", [field])
    said = told(lab, run)
    assert "[secret]" in said, "the model was told it, and what it says of it is masked"
    nowhere(lab)

"""A full screen that ends by a bug ends as every command does then: with 70, a report, and where that is."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.cards import Json, question, status
from tests.cli.command import REPO
from tests.person import Person, at_terminal
from tests.screens.desk import Desk
from tests.screens.test_inbox import opened
from tests.screens.tmuxed import COMMAND, in_tmux
from tmuxorch.errors import Bug

CARD = opened(question(opened=2))
BROKEN: Json = CARD | {"opened": "yesterday", "digest": "another"}
"""What no controller says, and no screen can draw."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Where one checkpoint waits."""
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    desk = Desk(tmp_path / "onboarding")
    desk.answers |= {"show": CARD, "checkpoints": [CARD]}
    desk.say(status(CARD))
    yield desk
    desk.close()


def command(desk: Desk, *words: str) -> list[str]:
    return [*COMMAND, "-C", str(desk.project), *words]


def report(person: Person) -> str:
    """What is in the report of which the person is told."""
    seen = person.sees("this is a bug in tmuxorch: ", "the report is in", ".txt")
    assert "Traceback" not in seen
    found = re.search(r"the report is in (.*?\.txt)", seen.replace("\n", ""))
    assert found
    path = Path(found[1])
    told = path.read_text()
    path.unlink()
    return told


@pytest.mark.parametrize(
    ("words", "news"), [("overview", status(BROKEN)), ("checkpoints --watch", {})], ids=["overview", "inbox"]
)
def test_a_screen_exits_70_and_leaves_a_report(desk: Desk, words: str, news: Json) -> None:
    """Whether it goes wrong as news come or as something is drawn."""
    with at_terminal(command(desk, *words.split()), columns=100) as person:
        person.sees("C2")
        desk.say(news)
        told = report(person)
        assert person.ends() == Bug.exit_code == 70
    assert "Traceback" in told
    assert f"{words}\n" in told


def test_a_window_is_there_again_with_enter(desk: Desk) -> None:
    with in_tmux(desk.project, "overview", columns=100) as (person, _tmux):
        person.sees("C2")
        desk.say(status(BROKEN))
        assert "Traceback" in report(person)
        person.sees("Enter starts it again")
        desk.say(status(CARD))
        person.presses("Enter")
        person.sees("Which retry policy?")
        person.misses("this is a bug")


def test_a_popup_stays_until_that_was_read(desk: Desk) -> None:
    with in_tmux(desk.project, "overview", columns=100) as (person, tmux):
        person.sees("C2")
        words = shlex.join(command(desk, "checkpoints", "--once"))
        then = "echo the status is $?; read key; echo then $key; read key"
        popup = ["display-popup", "-E", "-w", "96", "-h", "20", f"{words}; {then}"]
        with subprocess.Popen(["tmux", "-L", tmux.socket, *popup]):
            person.sees("q closes it")
            desk.answers["show"] = BROKEN
            desk.say(status(CARD | {"digest": "another"}))
            assert "Traceback" in report(person)
            person.presses("Enter")
            person.sees("the status is 70")
            person.types("other words\r")
            person.sees("then other words")
            person.presses("Enter")

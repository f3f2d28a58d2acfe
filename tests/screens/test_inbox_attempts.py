"""Agents that tried to answer a checkpoint themselves, on its card: while it is read, alone, and as text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.cards import Json, point, status
from tests.cli.command import REPO
from tests.person import at_terminal
from tests.screens.desk import Desk
from tests.screens.pressing import chooses
from tests.screens.states import ago
from tests.screens.tmuxed import COMMAND
from tmuxorch.cli.card import card as as_text
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.inbox_text import rows

GOLDEN = Path(__file__).with_name("golden")

BODY = "$ touch /srv/contract.json\n" + "".join(f"line {number}\n" for number in range(60))

TRIED = (
    {
        "at": "2026-01-01T10:03:12.250Z",
        "by": "backend",
        "how": "by the command `\x1b]52;c;aGk=\x07tmuxorch approve C1 #[fg=red] [red]\u202e`",
    },
    {"at": "2026-01-01T10:03:40.000Z", "by": "W3", "how": "through the controller (command line, pts/4)"},
)

HARMLESS = [
    r"backend tried to answer this itself at 10:03:12, by the command `\x1b]52;c;aGk=\x07tmuxorch approve C1 #[fg=red] "
    r"[red]\u202e`",
    "W3 tried to answer this itself at 10:03:40, through the controller (command line, pts/4)",
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    monkeypatch.setenv("TZ", "UTC")
    desk = Desk(tmp_path / "onboarding")
    yield desk
    desk.close()


def waits(desk: Desk, tried: int) -> Json:
    """A checkpoint that agents have tried to answer so often."""
    card = point(opened=ago(4), body=BODY)
    listed = {name: value for name, value in card.items() if name not in ("body", "attempts")} | {
        "tried": tried
    }
    desk.answers["show"] = card | {"tried": tried, "attempts": list(TRIED[:tried])}
    desk.answers["checkpoints"] = [listed]
    desk.say(status(listed))
    return card


def test_it_comes_up_on_the_card_while_a_person_reads_it_who_may_still_answer(desk: Desk) -> None:
    card = waits(desk, 0)
    with at_terminal(
        [*COMMAND, "-C", str(desk.project), "checkpoints", "--watch"], env=dict(os.environ)
    ) as person:
        person.sees("line 2", "Decline; the agent goes on")
        person.misses("tried to answer")
        person.presses("J", "J")
        person.sees("3–")
        waits(desk, 1)
        person.sees("tried to answer this itself at 10:03:12")
        person.sees("3–")
        waits(desk, 2)
        person.presses("Home")
        person.sees("W3 tried to answer this itself at 10:03:40", "1–")
        assert person.colours("W3 tried") == {"red"}
        person.golden(GOLDEN / "inbox-tried.txt")
        ended = card | {"state": "closed", "answered_by": "me", "tried": 2, "attempts": list(TRIED)}
        desk.answers |= {"answer": ended, "show": ended}
        chooses(person, "a", "by me")
        assert desk.asked("answer")["digest"] == card["digest"]
        person.sees("W3 tried to answer this itself")


def test_it_is_on_the_card_that_is_shown_alone(desk: Desk) -> None:
    waits(desk, 2)
    with at_terminal(
        [*COMMAND, "-C", str(desk.project), "checkpoints", "--once"], env=dict(os.environ)
    ) as person:
        person.sees(
            "backend tried to answer this itself at 10:03:12", "W3 tried to answer this itself at 10:03:40"
        )


def test_what_an_agent_typed_is_harmless_wherever_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    card = point(attempts=list(TRIED))
    for glyphs in (Glyphs(True), Glyphs(False)):
        assert [row.text for row in rows(card, glyphs) if "tried to answer" in row.text] == HARMLESS
    printed = as_text(card)
    assert " ".join(HARMLESS[0].split()) in " ".join(printed.split())
    assert all(line.isprintable() for line in printed.split("\n"))

"""What somebody does at the checkpoints window: scrolls, pastes, writes in their editor. All of it in one window."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.cards import Json, field, point, status
from tests.cli.command import REPO
from tests.person import Person, at_terminal
from tests.screens.desk import Desk
from tests.screens.pressing import chooses, reads
from tests.screens.test_inbox import GATE, HUMAN, opened, waits
from tests.screens.tmuxed import COMMAND

LONG = "--- a/x\n+++ b/x\n" + "".join(f"+{number} {'y' * 90}\n" for number in range(20_000)) + "+the end"


class Shown:
    """A project, somebody who looks at its checkpoints, and the file where their editor writes what it was given."""

    def __init__(self, desk: Desk, person: Person, seen: Path) -> None:
        self.desk, self.person, self.seen = desk, person, seen
        self.former = False

    def comes_up(self, *texts: str, cards: tuple[Json, ...]) -> Person:
        """These wait now, and the first is looked at; its card has these texts, the first of them not in the list."""
        self.desk.requests.clear()
        self.desk.answers["answer"] = closed(cards[0])
        waits(self.desk, *cards)
        if self.former:
            self.person.sees("Enter shows the next one")
            chooses(self.person, "Enter", texts[0])
        self.former = True
        reads(self.person, *texts)
        return self.person

    def ends(self, card: Json) -> None:
        """Somebody else answers it, and nothing waits any more."""
        self.desk.answers["show"] = closed(card)
        self.desk.say(status())
        self.person.sees("by ada")


def closed(card: Json) -> Json:
    return opened(card) | {"state": "closed", "answered_by": "ada"}


@pytest.fixture(scope="module")
def shown(_session_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    place = tmp_path_factory.mktemp("i")
    seen, editor = place / "seen", place / "my editor"
    editor.write_text(
        f'#!/bin/sh\nls -ldU "$1" "$(dirname "$1")" > \'{seen}\'\ncat "$1" >> \'{seen}\'\n'
        "printf 'one\\n\\033two\\n' >> \"$1\"\n"
    )
    editor.chmod(0o700)
    desk = Desk(place / "onboarding")
    desk.say(status())
    env = {**os.environ, "PYTHONPATH": str(REPO), "VISUAL": f"'{editor}'"}
    argv = [*COMMAND, "-C", str(desk.project), "checkpoints", "--watch"]
    with at_terminal(argv, env=env) as person:
        yield Shown(desk, person, seen)
    desk.close()


def test_a_long_diff_is_scrolled_by_keys_and_stays_where_it_is_in_another_size(shown: Shown) -> None:
    person = shown.comes_up("of 40008", "+0 y", cards=(point(body=LONG, opened=4), HUMAN))
    person.presses("End")
    person.sees("+the end", "+19999 y")
    person.presses("b", "PgUp")
    person.sees("+19981 y")
    person.presses("K", "J", " ", "PgDn")
    person.sees("+the end")
    person.presses("Home", " ", " ", "J")
    person.sees("+11 y", "─── 30–44 of 40008")
    person.resizes(200, 50)
    person.sees("│ +11 y", "+40 y")
    assert "│ +10 y" not in person.text
    person.resizes(20, 5)
    person.sees("+11 yyyy")
    person.resizes(60, 15)
    person.sees("+11 y", "2 wait for you", "accept-for-session")
    person.presses("j")
    person.sees("▸ C3")
    person.resizes(80, 24)
    person.sees("▸ C3", "Connect one real device")
    shown.ends(HUMAN)


def test_a_paste_answers_nothing_and_is_text_in_a_form(shown: Shown) -> None:
    person = shown.comes_up("Answer at once", "revise", cards=(GATE,))
    person.pastes("a")
    person.pastes("2\r1\rd\r")
    chooses(person, "2", "revise: what should be different")
    person.types("first ")
    person.pastes("red\u202eder")
    person.sees(r"> first red\u202eder")
    person.pastes("\r\nand\tmore\r\n")
    person.sees("2 lines: first")
    person.types("xyz\r")
    given = shown.desk.asked("answer")
    assert given["text"] == "first red\\u202eder\nand\tmore"
    assert [name for name, _ in shown.desk.requests].count("answer") == 1
    shown.ends(GATE)


def test_several_lines_come_from_the_editor_but_no_secret_goes_there(shown: Shown) -> None:
    fields = [*HUMAN["fields"], field(id="token", label="Token", secret=True)]
    card = HUMAN | {"id": "C6", "title": "Log in", "fields": fields}
    person = shown.comes_up("fill in the form", "Log in", cards=(card,))
    person.presses("E")
    person.sees("2 lines: one", "Token")
    path, directory, *text = shown.seen.read_text().splitlines()
    assert (path[:10], directory[:10], text) == ("-rw-------", "drwx------", [])
    assert not Path(path.split()[-1]).exists()
    person.types("\ts3cret")
    person.presses("C-e")
    person.sees("a secret is typed here")
    person.misses("s3cret")
    person.presses("Enter")
    values = shown.desk.asked("answer")["values"]
    assert values == {"answer": "one\n\x1btwo", "token": "s3cret"}

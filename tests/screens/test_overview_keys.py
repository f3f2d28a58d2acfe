"""What the keys of the overview do: one person for all tests, who is back at the first row before each."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.cli.cards import point, question
from tests.cli.command import REPO
from tests.person import Person, at_terminal
from tests.screens.desk import Desk
from tests.screens.pressing import chooses
from tests.screens.states import ACTIVITY, ago, busy, worker
from tests.screens.tmuxed import COMMAND
from tests.waiting import until


@pytest.fixture(scope="module")
def shown(_session_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Person]]:
    """A project, and somebody who looks at it, in no tmux."""
    desk = Desk(tmp_path_factory.mktemp("o") / "onboarding")
    desk.say(busy())
    argv = [*COMMAND, "-C", str(desk.project), "overview"]
    with at_terminal(argv, columns=100, rows=50, env={**os.environ, "PYTHONPATH": str(REPO)}) as person:
        yield desk, person
    desk.close()


@pytest.fixture
def desk(shown: tuple[Desk, Person]) -> Desk:
    """Says that the project is busy, and has been asked nothing."""
    desk, _ = shown
    desk.answers.clear()
    desk.requests.clear()
    desk.say(busy(), ACTIVITY, W3=time.time() - 245, W4=time.time())
    return desk


@pytest.fixture
def person(desk: Desk, shown: tuple[Desk, Person]) -> Person:
    """They see all of it, as each test leaves it, and are at its first row."""
    _, person = shown
    person.sees("W7 scout", "W3 reviewer", "thinks about the retry policy")
    person.presses("g")
    until(lambda: begins(person, "! C1"))
    return person


def begins(person: Person, name: str) -> bool:
    """Whether that is the row that has the mark."""
    return chosen(person).startswith(name)


def clears(person: Person) -> None:
    """Escape, and nothing that would make another key of it, as terminals have it."""
    person.presses("Escape")
    person.sees("W7 scout", "W3 reviewer")


def chosen(person: Person) -> str:
    """The row that has the mark, without it."""
    return next((line[2:] for line in person.lines if line.startswith("▸ ")), "")


def test_where_everything_is_found(person: Person) -> None:
    """By keys: rows, pages, ends, sections, words, groups."""
    ways = {
        "! C3": ["j", "Down"],
        "! C2": ["k"],
        "✓ 1": ["Tab"],
        "● P1": ["l", "Right"],
        "! C1": ["BTab", "h", "Left"],
        "✓ W7": ["End"],
        "! C1 ": ["PgUp"],
    }
    for name, keys in ways.items():
        person.presses(*keys)
        found = partial(begins, person, name)
        until(found, what=f"{name} by {keys}; it is {chosen(person)}")
    person.presses("G", "g")
    until(lambda: begins(person, "! C1"))
    person.types("/RETRY")
    person.sees("/RETRY_")
    person.misses("W3 reviewer")
    person.presses("Enter", "j", "j")
    until(lambda: chosen(person).startswith("● W4"), what="the second of two rows with the word")
    clears(person)
    person.presses("f", "f", "f")
    person.sees("only failed", "W2 implementer")
    person.misses("W3 reviewer", "W1 reviewer")
    clears(person)
    person.sees("W3 reviewer")
    person.presses("?")
    person.sees("go to the window; of a checkpoint, answer it", "all, at work, waiting, failed, over")
    person.presses("?")
    person.misses("the row above")


def test_what_ended_long_ago_is_found_too(person: Person) -> None:
    person.misses("W5 scout")
    person.types("/w5")
    person.sees("✓ W5 scout")
    person.types("x")
    person.sees("nothing is like that; Esc shows all")
    clears(person)


def test_only_what_changes_goes_to_the_terminal(desk: Desk, person: Person) -> None:
    """An age of seconds, and what stands before it."""
    desk.say(busy(workers=[worker("W1", "scout", "running", 0.2)], patterns=[]))
    person.sees("W1 scout  running")
    person.misses("W11 writer")
    before = person.text
    until(lambda: person.text != before, what="the next second")
    person.forget()
    ticks = until(lambda: raw if (raw := person.raw).count(b"\x1b[1;1H") >= 2 else b"", what="two ticks")
    assert len(ticks) < (ticks.count(b"\x1b[1;1H") + 1) * 80, ticks
    assert b"what scout is asked" not in ticks


def test_a_key_means_the_row_that_was_seen(desk: Desk, person: Person) -> None:
    """Rows come and go; none is ever chosen by itself in the place of another."""
    person.presses("j")
    until(lambda: chosen(person).startswith("! C2"))
    state = busy()
    state["checkpoints"] = [point(id="C0", opened=ago(9), title="One more"), *state["checkpoints"]]
    desk.say(state)
    person.sees("One more")
    assert chosen(person).startswith("! C2")
    state["checkpoints"] = [one for one in state["checkpoints"] if one["id"] != "C2"]
    desk.say(state)
    person.misses("Which retry policy?")
    assert chosen(person) == ""
    person.presses("Enter")
    person.sees("no row is chosen")
    person.presses("j")
    until(lambda: chosen(person).startswith("! C3"), what="the row that was below")
    assert desk.requests == []
    desk.say(busy())
    person.misses("One more")


def test_a_question_is_about_what_was_asked(desk: Desk, person: Person) -> None:
    person.types("/thinks\r")
    person.presses("s")
    person.sees("stop W4 reviewer? y/n")
    person.presses("n")
    person.misses("y/n")
    person.presses("s")
    person.sees("stop W4 reviewer? y/n")
    desk.say(busy(workers=[worker("W40", "other", "running", 2)]), {"W40": "thinks too"})
    person.sees("W40 other")
    person.presses("y")
    assert desk.asked("stop") == {"id": "W4"}
    person.sees("W4 was stopped")
    assert [method for method, _ in desk.requests] == ["stop"]
    desk.say(busy())
    clears(person)


def test_keys_that_do_something(desk: Desk, person: Person) -> None:
    desk.answers |= {"rerun": {"id": "W12"}, "tui": {"window": "@3", "showing": "tui"}}
    for row, key, method, params, said in (
        ("/w2 impl", "r", "rerun", {"id": "W2"}, "W12 does again what W2 did"),
        ("/w4 rev", "m", "unmute", {"name": "W4"}, "W4 is heard again"),
        ("/w3 rev", "m", "mute", {"name": "W3"}, "W3 is muted"),
        ("/mobile active", "t", "tui", {"name": "mobile"}, "mobile shows Codex's own screen"),
        ("/P1 review", "sy", "stop", {"id": "P1"}, "P1 was stopped"),
        ("/firmware waiting", "sy", "interrupt", {"name": "firmware"}, "firmware was interrupted"),
    ):
        person.types(row)
        person.sees(f"{row}_")
        person.presses("Enter")
        person.sees(f"only {row}")
        person.types(key)
        assert desk.asked(method) == params
        person.sees(said)
        clears(person)


def test_a_checkpoint_is_answered_in_place(desk: Desk, person: Person) -> None:
    card = question(opened=ago(3))
    desk.answers |= {"show": card, "answer": card | {"state": "closed", "answered_by": "ada"}}
    person.presses("j", "Enter")
    person.sees("always 1 s")
    person.presses("Escape")
    person.sees("W11 writer")
    person.presses("Enter")
    person.sees("always 1 s")
    chooses(person, "d", "Enter sends")
    person.presses("Enter")
    assert desk.asked("answer")["id"] == "C2"
    person.sees("W11 writer")


def test_no_other_terminal_is_taken_along_to_a_window(person: Person) -> None:
    person.types("/w3 rev\r\r")
    person.sees("this terminal is not in tmux: tmuxorch attach")
    clears(person)


def test_the_controller_goes_and_comes(desk: Desk, person: Person) -> None:
    desk.close()
    person.sees("the controller is not running · tmuxorch up", "W11 writer")
    desk.listen()
    person.misses("tmuxorch up")


def test_colours_say_how_it_stands(person: Person) -> None:
    assert person.colours("W2 implementer") == {"red"}
    assert person.colours("C3") == {"brown"}

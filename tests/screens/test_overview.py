"""The overview as a person sees it: in a real tmux at several sizes, locales and terminals, and what its keys do."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.cli.cards import point, question
from tests.cli.command import REPO
from tests.person import Person, at_terminal
from tests.screens.desk import Desk
from tests.screens.states import ACTIVITY, ago, busy, worker
from tests.screens.test_overview_rows import HOSTILE, hostile, overview, texts
from tests.screens.tmuxed import COMMAND, in_tmux
from tests.waiting import until

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Says that the project is busy."""
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    desk = Desk(tmp_path / "onboarding")
    desk.say(busy(), ACTIVITY, W3=time.time() - 245, W4=time.time())
    yield desk
    desk.close()


@pytest.fixture
def person(desk: Desk) -> Iterator[Person]:
    """Somebody who looks at it, in no tmux."""
    with looking(desk) as person:
        person.sees("W11 writer")
        yield person


def looking(desk: Desk, env: Mapping[str, str] | None = None) -> AbstractContextManager[Person]:
    """At a terminal with room for everything."""
    argv = [*COMMAND, "-C", str(desk.project), "overview"]
    return at_terminal(argv, columns=100, rows=50, env={**os.environ, **(env or {})})


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


@pytest.mark.parametrize(
    ("columns", "rows", "term", "locale"),
    [
        (80, 24, "screen", "C.UTF-8"),
        (80, 24, "tmux-256color", "C"),
        (200, 50, "tmux-256color", "C.UTF-8"),
        (200, 50, "screen", "C"),
        (60, 15, "tmux-256color", "C.UTF-8"),
    ],
)
def test_what_it_looks_like(desk: Desk, columns: int, rows: int, term: str, locale: str) -> None:
    with in_tmux(desk.project, "overview", columns=columns, rows=rows, term=term, locale=locale) as (
        person,
        _,
    ):
        person.sees("R1 execute", "help")
        name = f"overview-{columns}x{rows}{'' if locale == 'C.UTF-8' else '-ascii'}.txt"
        person.golden(GOLDEN / name)


def test_another_size_is_another_choice_of_rows(person: Person) -> None:
    person.resizes(60, 15)
    person.sees("not shown: plan 5")
    assert all("▸ ! C1" in line or not line.startswith("▸") for line in person.lines)
    person.resizes(200, 50)
    person.sees("1 of 7 done ─", "│   ● mobile")


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
    person.presses("q")
    assert person.ends() == 0


def test_what_ended_long_ago_is_found_too(person: Person) -> None:
    person.misses("W5 scout")
    person.types("/w5")
    person.sees("✓ W5 scout")
    person.types("x")
    person.sees("nothing is like that; Esc shows all")


def test_only_what_changes_goes_to_the_terminal(desk: Desk) -> None:
    """An age of seconds, and what stands before it."""
    begun = worker("W1", "scout", "running", 0.2)
    desk.say(busy(workers=[begun], patterns=[]))
    with looking(desk) as person:
        person.sees("W1 scout  running")
        person.sees("W1 scout  running")
        for _ in range(2):
            before = person.text
            until(lambda before=before: person.text != before, what="the next second")  # type: ignore[misc]
        person.forget()
        until(lambda: person.raw.count(b"\x1b[1;1H") >= 3, what="three ticks")
        assert len(person.raw) < 4 * 80, person.raw
        assert b"what scout is asked" not in person.raw


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
        clears(person)
        person.types(row)
        person.sees(f"{row}_")
        person.presses("Enter")
        person.sees(f"only {row}")
        person.types(key)
        assert desk.asked(method) == params
        person.sees(said)


def test_a_checkpoint_is_answered_in_place(desk: Desk, person: Person) -> None:
    card = question(opened=ago(3))
    desk.answers |= {"show": card, "answer": card | {"state": "closed", "answered_by": "ada"}}
    person.presses("j", "Enter")
    person.sees("always 1 s")
    person.presses("Escape")
    person.sees("W11 writer")
    person.presses("Enter")
    person.sees("always 1 s")
    declines(person)
    assert desk.asked("answer")["id"] == "C2"
    person.sees("W11 writer")


def declines(person: Person) -> None:
    """Presses d until it is taken, as somebody does who is told that what has only just come up takes no answer."""
    pressed = [0.0]

    def taken() -> bool:
        if time.monotonic() > pressed[-1] + 0.5:
            person.presses("d")
            pressed.append(time.monotonic())
        return "Enter sends" in person.text

    until(taken, what="the form for a reason")
    person.presses("Enter")


def test_no_other_terminal_is_taken_along_to_a_window(desk: Desk, person: Person) -> None:
    person.types("/w3 rev\r\r")
    person.sees("this terminal is not in tmux: tmuxorch attach")
    with in_tmux(desk.project, "overview") as (other, _):
        other.sees("W3 reviewer")
        other.types("/w3 rev\r\r")
        other.sees("this terminal is in another tmux")


def test_the_controller_goes_and_comes(desk: Desk, person: Person) -> None:
    desk.close()
    person.sees("the controller is not running · tmuxorch up", "W11 writer")
    desk.listen()
    person.misses("tmuxorch up")


def test_colours_say_how_it_stands_and_none_are_wanted_by_some(desk: Desk, person: Person) -> None:
    assert person.colours("W2 implementer") == {"red"}
    assert person.colours("C3") == {"brown"}
    with looking(desk, {"NO_COLOR": "1"}) as other:
        other.sees("W11 writer")
        assert other.colours("W2 implementer") == other.colours("C3") == {"default"}


def test_without_a_terminal_it_is_a_list(desk: Desk) -> None:
    desk.answers["status"] = busy()
    argv = [*COMMAND, "-C", str(desk.project), "overview"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert "W2   failed" in done.stdout
    assert "\x1b" not in done.stdout
    with at_terminal(argv, term="dumb") as person:
        assert person.ends() == 0
        person.sees("W2   failed")
        assert b"\x1b" not in person.raw


def test_a_window_that_cannot_be_drawn_on_gets_a_list_at_each_change(desk: Desk) -> None:
    with in_tmux(desk.project, "overview", rows=100, term="dumb") as (person, tmux):
        person.sees("W11")
        desk.say(busy(workers=[worker("W41", "newest", "running", 2)]))
        until(lambda: "W41" in tmux.pane, what="the newest worker")
        desk.close()
        until(lambda: "the controller is not running" in tmux.pane)
        desk.listen()
        until(lambda: tmux.pane.rstrip().count("R1 · execute") == 3, what="a list for each change")


def test_what_agents_write_is_drawn_in_its_place_by_tmux(desk: Desk) -> None:
    """tmux has on its screen what we think is there, cell for cell, and nothing of it was done."""
    found, activity = hostile("".join(HOSTILE))
    found["workers"] = [worker(f"W{at}", one[:30], "running", 2, task="x") for at, one in enumerate(HOSTILE)]
    activity |= {f"W{at}": f"{one} end" for at, one in enumerate(HOSTILE)}
    desk.say(found, activity, mobile=time.time() - 99)
    wanted = [line.rstrip() for line in texts(overview(found, activity, width=200, height=24))]
    with in_tmux(desk.project, "overview", columns=200, term="tmux-256color") as (person, tmux):
        person.sees("help")
        until(lambda: [line.rstrip() for line in tmux.pane.splitlines()][:23] == wanted[:23])
        assert tmux("list-buffers") == ""
    assert not (desk.project / "owned").exists()

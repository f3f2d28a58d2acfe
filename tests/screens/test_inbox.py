"""The checkpoints window as a person sees it: in a real tmux at several sizes, locales and terminals."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.cards import Json, field, human, plan_gate, point, question, status
from tests.cli.command import REPO
from tests.person import Person, at_terminal
from tests.screens.desk import Desk
from tests.screens.states import ago
from tests.screens.tmuxed import COMMAND, in_tmux
from tests.waiting import until
from tmuxorch.cli.inbox_state import MOMENT

GOLDEN = Path(__file__).with_name("golden")

DIFF = """\
--- a/src/registration.py
+++ b/src/registration.py
@@ -10,7 +10,8 @@ def register(device: Device) -> Answer:
     reply = send(device)
-    return wait(reply, timeout=3)
+    # \x1b[31mthe device\u202e answers late\t(漢字)
+    return wait(reply, timeout=BACKOFF[attempt], retries=3, jitter=True, label="registration of a device")
     log("registered")
the agent's reason: the device needs longer than 3 s
"""
EDIT = point(title="change src/registration.py", body=DIFF, opened=4)
QUESTION = question(opened=2, body="Which retry policy?\n  linear — always 1 s\n  exponential — 1, 2, 4 s")
FORM = point(
    id="C5",
    kind="elicitation",
    title="lab asks: Who are you?",
    do="Fill in the form.",
    expect="accept when it is done, or decline",
    body="Who are you?\n  name: a text\n  age: a whole number from 0 up to 150 (may be left out)\n  token: a text",
    choices=[{"key": "accept", "label": "Allow once"}, {"key": "decline", "label": "Decline"}],
    fields=[
        field(id="name", label="Name"),
        field(id="age", label="Age", type="integer", required=False),
        field(id="colours", label="Colours", type="list", options=[{"key": "red", "label": ""}]),
        field(id="token", label="Access token", secret=True),
    ],
    digest="d5",
    opened=1,
)
HUMAN = human(opened=1, body="The device is on the desk.", expect="what it shows")
GATE = plan_gate(
    opened=1,
    title="the plan of R1",
    do="Read plan.md.",
    body="| 1 | Answer at once | backend |\n| 2 | Retry with jitter | firmware |",
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Where two checkpoints wait."""
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    desk = Desk(tmp_path / "onboarding")
    yield desk
    desk.close()


def waits(desk: Desk, *cards: Json) -> None:
    """From now on these wait; asked for one, it is the first."""
    dated = [opened(card) for card in cards]
    desk.answers["show"] = dated[0]
    desk.say(status(*dated))


def opened(card: Json) -> Json:
    """The card, opened as many minutes ago as it says: those above are made long before some tests begin."""
    return card | {"opened": ago(card["opened"])}


def looks(person: Person, *texts: str) -> None:
    """Waits until it is on the screen, and as long as a person needs to see that."""
    person.sees(*texts)
    clock = os.times().elapsed
    until(lambda: os.times().elapsed > clock + MOMENT)


SCREENS = [
    (80, 24, "screen", "C.UTF-8"),
    (200, 50, "tmux-256color", "C.UTF-8"),
    (80, 24, "tmux-256color", "C"),
    (200, 50, "screen", "C"),
    (60, 15, "tmux-256color", "C.UTF-8"),
]


@pytest.mark.parametrize(("columns", "rows", "term", "locale"), SCREENS)
def test_what_it_looks_like(desk: Desk, columns: int, rows: int, term: str, locale: str) -> None:
    utf8 = locale == "C.UTF-8"

    def golden(person: Person, name: str) -> None:
        person.golden(GOLDEN / f"inbox-{name}-{columns}x{rows}{'' if utf8 else '-ascii'}.txt")

    waits(desk, EDIT, QUESTION, HUMAN)
    words = ("checkpoints", "--watch")
    with in_tmux(desk.project, *words, columns=columns, rows=rows, term=term, locale=locale) as (person, _):
        looks(person, "change src/registration.py", "decline")
        golden(person, "diff")
        if rows > 15:
            assert person.colours("-    return wait") == {"red"}
            assert person.colours("+    return wait") == {"green"}
            assert person.colours("reply = send") == {"default"}
        ended = opened(EDIT) | {
            "state": "closed",
            "answered_by": "ada (popup, pts/5)",
            "answer": {"choice": "accept"},
        }
        desk.answers["show"] = ended
        desk.say(status(opened(FORM)))
        looks(person, "closed: accept, by ada (popup, pts/5)", "Enter shows the next one")
        golden(person, "ended")
        desk.answers["show"] = opened(FORM)
        person.presses("Enter")
        looks(person, "Who are you?", "decline")
        person.presses("e")
        person.sees("Name")
        person.types("Bob\rseven\rred, green\rhunter2\r")
        person.sees("type a whole number")
        person.misses("hunter2")
        golden(person, "form")
        person.presses("Escape")
        person.sees("nothing was answered")


def test_the_other_kinds_of_cards(desk: Desk) -> None:
    """Each comes up by itself where nothing waits, one after the other."""
    desk.say(status())
    with in_tmux(desk.project, "checkpoints", "--watch") as (person, _):
        person.sees("nothing waits for you", "? keys")
        person.golden(GOLDEN / "inbox-nothing.txt")
        person.presses("?")
        person.sees("accept, and the same until", "quit")
        person.golden(GOLDEN / "inbox-help.txt")
        person.presses("?")
        person.misses("accept, and the same until")
        waits(desk, QUESTION)
        cards = [opened(card) for card in (QUESTION, HUMAN, GATE, FORM)]
        for name, card, following in zip(("question", "human", "gate"), cards, cards[1:], strict=False):
            looks(person, card["title"], "revise" if name == "gate" else "answer in words")
            person.golden(GOLDEN / f"inbox-{name}.txt")
            desk.answers["show"] = card | {"state": "closed", "answered_by": "ada"}
            desk.say(status(following))
            looks(person, "by ada", "Enter shows the next one")
            desk.answers["show"] = following
            person.presses("Enter")
        person.sees("fill in the form")


def test_a_card_that_changes_is_shown_anew_and_its_form_kept_from_it(desk: Desk) -> None:
    waits(desk, GATE)
    with in_tmux(desk.project, "checkpoints", "--watch") as (person, _):
        looks(person, "Answer at once", "revise")
        person.presses("2")
        person.sees("revise: what should be different")
        person.types("split item 2")
        waits(desk, GATE | {"digest": "d5", "body": "| 1 | Do nothing |"})
        person.sees("C4 has changed", "Do nothing", "split item 2")
        person.presses("Enter")
        looks(person, "nothing was sent")
        person.golden(GOLDEN / "inbox-changed.txt")
        person.presses("Escape")
        person.sees("nothing was answered")
        person.presses("2")
        person.sees("> split item 2")
        ended = opened(GATE) | {"digest": "d5", "state": "closed", "answered_by": "me"}
        desk.answers |= {"answer": ended, "show": ended}
        person.types(", please\r")
        given = desk.asked("answer")
        assert (given["digest"], given["choice"], given["text"]) == ("d5", "revise", "split item 2, please")
        where, _, tty = given["via"].partition(", ")
        assert (where, Path("/dev", tty).exists()) == ("checkpoints window", True)
        person.sees("by me")


LONG = "--- a/x\n+++ b/x\n" + "".join(f"+{number} {'y' * 90}\n" for number in range(20_000)) + "+the end"


def test_a_long_diff_is_scrolled_by_keys_and_stays_where_it_is_in_another_size(desk: Desk) -> None:
    waits(desk, point(body=LONG, opened=4), HUMAN)
    argv = [*COMMAND, "-C", str(desk.project), "checkpoints", "--watch"]
    with at_terminal(argv, columns=80, rows=24, env=dict(os.environ)) as person:
        person.sees("of 40008", "+0 y")
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


def test_without_colours_and_whatever_the_environment_says_of_the_size(desk: Desk) -> None:
    waits(desk, EDIT)
    argv = [*COMMAND, "-C", str(desk.project), "checkpoints", "--watch"]
    env = {**os.environ, "NO_COLOR": "1", "COLUMNS": "30", "LINES": "7"}
    with at_terminal(argv, columns=120, env=env) as person:
        person.sees("│ +    return wait", "Decline; the agent goes on without it")
        assert not re.search(rb"\x1b\[(\d+;)*(3[1-8]|9\d|4[1-8])[;m]", person.raw)


def test_a_paste_answers_nothing_and_is_text_in_a_form(desk: Desk) -> None:
    waits(desk, GATE)
    argv = [*COMMAND, "-C", str(desk.project), "checkpoints", "--watch"]
    with at_terminal(argv, env=dict(os.environ)) as person:
        looks(person, "Answer at once", "revise")
        person.pastes("a")
        person.pastes("2\r1\rd\r")
        person.presses("2")
        person.sees("revise: what should be different")
        person.types("first ")
        person.pastes("red\u202eder")
        person.sees(r"> first red\u202eder")
        person.pastes("\r\nand\tmore\r\n")
        person.sees("2 lines: first")
        person.types("xyz\r")
        given = desk.asked("answer")
        assert given["text"] == "first red\\u202eder\nand\tmore"
        assert [name for name, _ in desk.requests].count("answer") == 1


def test_several_lines_come_from_the_editor_but_no_secret_goes_there(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    editor = tmp_path / "my editor"
    editor.write_text(
        f'#!/bin/sh\nls -ldU "$1" "$(dirname "$1")" > \'{seen}\'\ncat "$1" >> \'{seen}\'\n'
        "printf 'one\\n\\033two\\n' >> \"$1\"\n"
    )
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", f"'{editor}'")
    waits(desk, HUMAN | {"fields": [*HUMAN["fields"], field(id="token", label="Token", secret=True)]})
    argv = [*COMMAND, "-C", str(desk.project), "checkpoints", "--watch"]
    with at_terminal(argv, env=dict(os.environ)) as person:
        looks(person, "Connect one real device", "fill in the form")
        person.presses("E")
        person.sees("2 lines: one", "Token")
        path, directory, *text = seen.read_text().splitlines()
        assert (path[:10], directory[:10], text) == ("-rw-------", "drwx------", [])
        assert not Path(path.split()[-1]).exists()
        person.types("\ts3cret")
        person.presses("C-e")
        person.sees("a secret is typed here")
        person.misses("s3cret")
        person.presses("Enter")
        values = desk.asked("answer")["values"]
        assert values == {"answer": "one\n\x1btwo", "token": "s3cret"}

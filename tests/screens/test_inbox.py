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
from tests.screens.pressing import chooses
from tests.screens.states import ago
from tests.screens.tmuxed import COMMAND, IN_EACH_TERMINAL, in_tmux

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


@IN_EACH_TERMINAL
def test_what_it_looks_like_in_each_size(
    desk: Desk, term: str, locale: str, sizes: list[tuple[int, int]]
) -> None:
    ascii_too = "" if locale == "C.UTF-8" else "-ascii"

    def golden(person: Person, name: str) -> None:
        for columns, rows in sizes:
            person.resizes(columns, rows)
            person.golden(GOLDEN / f"inbox-{name}-{columns}x{rows}{ascii_too}.txt")

    waits(desk, EDIT, QUESTION, HUMAN)
    columns, rows = sizes[0]
    words = ("checkpoints", "--watch")
    with in_tmux(desk.project, *words, columns=columns, rows=rows, term=term, locale=locale) as (person, _):
        person.sees("change src/registration.py", "decline")
        golden(person, "diff")
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
        person.sees("closed: accept, by ada (popup, pts/5)", "Enter shows the next one")
        golden(person, "ended")
        desk.answers["show"] = opened(FORM)
        chooses(person, "Enter", "fill in the form")
        chooses(person, "e", "Name")
        person.types("Bob\rseven\rred, green\rhunter2\r")
        person.sees("type a whole number")
        person.misses("hunter2")
        golden(person, "form")
        person.presses("Escape")
        person.sees("nothing was answered")


def test_the_other_kinds_of_cards(desk: Desk) -> None:
    """Each comes up by itself where nothing waits, one after the other; the plan changes while somebody answers it."""
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
        person.sees(QUESTION["title"], "answer in words")
        person.golden(GOLDEN / "inbox-question.txt")
        goes_on(desk, person, QUESTION, HUMAN, "answer in words")
        person.golden(GOLDEN / "inbox-human.txt")
        goes_on(desk, person, HUMAN, GATE, "revise")
        person.golden(GOLDEN / "inbox-gate.txt")
        a_change_is_shown_and_the_form_kept_from_it(desk, person)
        goes_on(desk, person, GATE, FORM, "fill in the form", by="me")


def goes_on(desk: Desk, person: Person, card: Json, following: Json, answers: str, by: str = "ada") -> None:
    """From the card that was answered to the one that waits now, which has these answers."""
    desk.answers["show"] = opened(card) | {"state": "closed", "answered_by": by}
    desk.say(status(opened(following)))
    person.sees(f"by {by}", "Enter shows the next one")
    desk.answers["show"] = opened(following)
    chooses(person, "Enter", answers)


def a_change_is_shown_and_the_form_kept_from_it(desk: Desk, person: Person) -> None:
    chooses(person, "2", "revise: what should be different")
    person.types("split item 2")
    waits(desk, GATE | {"digest": "d5", "body": "| 1 | Do nothing |"})
    person.sees("C4 has changed", "Do nothing", "split item 2")
    person.presses("Enter")
    person.sees("nothing was sent")
    person.golden(GOLDEN / "inbox-changed.txt")
    person.presses("Escape")
    person.sees("nothing was answered")
    chooses(person, "2", "> split item 2")
    ended = opened(GATE) | {"digest": "d5", "state": "closed", "answered_by": "me"}
    desk.answers |= {"answer": ended, "show": ended}
    person.types(", please\r")
    given = desk.asked("answer")
    assert (given["digest"], given["choice"], given["text"]) == ("d5", "revise", "split item 2, please")
    where, _, tty = given["via"].partition(", ")
    assert (where, Path("/dev", tty).exists()) == ("checkpoints window", True)
    person.sees("by me")


def test_without_colours_and_whatever_the_environment_says_of_the_size(desk: Desk) -> None:
    waits(desk, EDIT)
    argv = [*COMMAND, "-C", str(desk.project), "checkpoints", "--watch"]
    env = {**os.environ, "NO_COLOR": "1", "COLUMNS": "30", "LINES": "7"}
    with at_terminal(argv, columns=120, env=env) as person:
        person.sees("│ +    return wait", "Decline; the agent goes on without it")
        assert not re.search(rb"\x1b\[(\d+;)*(3[1-8]|9\d|4[1-8])[;m]", person.raw)

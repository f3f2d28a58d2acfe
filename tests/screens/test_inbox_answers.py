"""Answers by keys, of one person or several, to the real controller: from the window, a popup, a terminal, a pipe."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from tests.controller.conftest import FORMS, Begin
from tests.e2e.project import Json, Project
from tests.person import Person, at_terminal
from tests.screens.pressing import chooses, reads
from tests.screens.tmuxed import COMMAND
from tests.waiting import until

CONFIG = "windows: {views: [checkpoints, controller]}\n"
CODEX = FORMS


def command(lab: Project, *words: str) -> list[str]:
    return [*COMMAND, "-C", str(lab.directory), "checkpoints", *words]


def looking(lab: Project, *words: str, **how: str) -> AbstractContextManager[Person]:
    """Somebody at a terminal of their own, in no tmux."""
    return at_terminal(command(lab, *words), env=lab.environ, **how)  # type: ignore[arg-type]


@pytest.fixture
def attached(lab: Project) -> Iterator[Person]:
    """Somebody who is attached to the session, nobody else is, and looks at the window `checkpoints`."""
    argv = ["tmux", "-L", lab.socket, "attach", ";", "select-window", "-t", "checkpoints"]
    with at_terminal(argv, env=lab.environ) as person:
        terminal_of(lab)
        yield person


@pytest.fixture(scope="module")
def other(lab: Project) -> Iterator[Person]:
    """Somebody who looks at all checkpoints at a terminal of their own."""
    with looking(lab, "--watch") as person:
        yield person


def goes_on(person: Person, name: str, *texts: str) -> None:
    """Leaves the card of the test before, if the window shows one, for the one that waits now; keys count for it.

    Once that is in the list, what waited before is known to be over.
    """
    here, following = f"▸ {name}  ", "Enter shows the next one"
    person.sees(f"{name}  ")
    if person.sees_one_of(here, following) == following:
        chooses(person, "Enter", here)
    reads(person, *texts)


def terminal_of(lab: Project) -> str:
    """What tmux calls the terminal of the one person who is attached; who was before may not be gone yet."""

    def alone() -> str:
        clients = lab.tmux("list-clients", "-F", "#{client_control_mode} #{client_tty}").splitlines()
        people = [line[2:] for line in clients if line.startswith("0 ")]
        return people[0].removeprefix("/dev/") if len(people) == 1 else ""

    return until(alone, what="one person who is attached")


def ended(lab: Project, checkpoint: str) -> Json:
    """The checkpoint once it was answered."""

    def closed() -> Json | None:
        found: Json = lab.call("show", id=checkpoint)
        return found if found["state"] == "closed" else None

    return until(closed, what=f"an answer to {checkpoint}") or {}


def waiting(lab: Project, *kinds: str) -> list[str]:
    """Ids of what waits, once it is of these kinds."""
    until(lambda: [one["kind"] for one in lab.call("checkpoints")] == [*kinds], what=f"{kinds}")
    return [one["id"] for one in lab.call("checkpoints")]


def test_who_was_first_is_seen_in_the_other_windows(
    lab: Project, begin: Begin, attached: Person, other: Person
) -> None:
    begin("command-accept")
    (name,) = waiting(lab, "approval")
    for person in (attached, other):
        goes_on(person, name, "accept-for-session", r"echo \x1b[31mred")
    attached.presses("a")
    by = f"closed: accept, by {user()} (checkpoints window, {terminal_of(lab)})"
    attached.sees(by)
    other.sees(by)
    other.presses("a", "1", "s")
    other.sees(by)
    assert ended(lab, name)["answered_by"] == by.partition("by ")[2]
    assert lab.answers()[name] == 1


def test_two_who_answer_at_the_same_moment(
    lab: Project, begin: Begin, attached: Person, other: Person
) -> None:
    begin("edit-decline")
    (name,) = waiting(lab, "approval")
    for person in (other, attached):
        goes_on(person, name, "+first line")
    attached.presses("4")
    other.presses("4")
    for person in (attached, other):
        person.sees("closed: cancel, by")
    by = ended(lab, name)["answered_by"]
    assert re.fullmatch(r"\S+ \(checkpoints window, (pts/)?\d+\)", by)
    assert lab.answers()[name] == 1


def test_a_form_keeps_what_was_typed_until_all_of_it_fits(lab: Project, begin: Begin, other: Person) -> None:
    begin("form")
    (name,) = waiting(lab, "elicitation")
    goes_on(other, name, "fill in the form")
    other.presses("a")
    other.types("200\rred\rB\ry\r")
    other.sees("age: '200' does not fit - age: a whole number from 0 up to 150", "> B", "> y")
    other.types("\x1520\r\r")
    other.types("ob\r\r")
    other.sees("closed: accept, age: 20; colour: red; name: Bob; ok: true, by")
    assert ended(lab, name)["answer"]["values"] == {"age": "20", "colour": "red", "name": "Bob", "ok": "true"}


def test_a_secret_is_on_no_screen_and_in_no_file(lab: Project, begin: Begin, other: Person) -> None:
    begin("secret-form")
    (name,) = waiting(lab, "elicitation")
    goes_on(other, name, "fill in the form")
    other.presses("e")
    other.types("tre4sure\rbob\r")
    other.sees("closed: accept, user: bob; password: (secret)")
    assert b"tre4" not in other.raw
    assert ended(lab, name)["answer"]["secrets"] == ["password"]
    found = subprocess.run(
        ["grep", "-rl", "tre4sure", str(lab.paths.state), str(lab.directory / "plan.md")],
        capture_output=True,
        text=True,
    )
    assert "journal" not in found.stdout


def reminded(lab: Project) -> bool:
    """False; Debian's tmux misses the end of a program now and then, until it is told of one."""
    os.kill(int(lab.tmux("display-message", "-p", "#{pid}")), signal.SIGCHLD)
    return False


def test_a_popup_answers_one_after_the_other_and_ends(lab: Project, begin: Begin, attached: Person) -> None:
    begin("both")
    first, second = waiting(lab, "approval", "approval")
    words = shlex.join(command(lab, "--once"))
    popup = subprocess.Popen(
        ["tmux", "-L", lab.socket, "display-popup", "-E", "-w", "90%", "-h", "90%", words], env=lab.environ
    )
    attached.sees(f"{first} · approval · app", "q closes it")
    chooses(attached, "d", "decline: why")
    attached.types("not now\r")
    attached.sees("1 more waits: Enter shows the next, q closes", "closed: decline, not now, by")
    chooses(attached, "Enter", f"{second} · approval · app")
    reads(attached, "a accept · s accept-for-session")
    attached.presses("a")
    until(lambda: popup.poll() is not None or reminded(lab), what="the end of the popup")
    assert popup.returncode == 0
    by = {ended(lab, name)["answered_by"] for name in (first, second)}
    assert by == {f"{user()} (popup, {terminal_of(lab)})"}


def test_one_card_alone(lab: Project, begin: Begin) -> None:
    """It ends when it was answered, here or elsewhere; what is unknown is said before anything is drawn."""
    assert lab.run("checkpoints", "--once") == "nothing waits for you\n"
    assert lab.ask("checkpoints", "--card", "C999", status=5)["error"]["message"] == "no checkpoint 'C999'"
    with looking(lab, "--once") as person:
        person.sees("nothing waits for you")
        person.presses("x")
        assert person.ends() == 0
    begin("question-answered")
    (name,) = waiting(lab, "question")
    assert "like a rose" in lab.run("checkpoints", "--once")
    with looking(lab, "--card", name) as person:
        person.sees("q closes it")
        person.presses("j", "q")
        assert person.ends() == 0
    with looking(lab, "--card", name) as person, looking(lab, "--once") as other:
        other.sees("q closes it")
        reads(person, "q closes it")
        person.presses("2")
        assert person.ends() == 0
        other.sees(f"closed: colour: Blue, by {user()} (card, ")
        assert other.ends() == 0


def test_a_card_over_the_overview(lab: Project, begin: Begin) -> None:
    begin("question-answered")
    (name,) = waiting(lab, "question")
    argv = [*COMMAND, "-C", str(lab.directory), "overview"]
    with at_terminal(argv, env=lab.environ) as person:
        person.sees(f"! {name}")
        person.presses("Enter")
        person.sees("like a rose", "q closes it")
        chooses(person, "e", "Colour  one of these")
        person.presses("Escape")
        person.sees("nothing was answered")
        person.presses("Escape")
        person.misses("like a rose")
        person.presses("Enter")
        reads(person, "like a rose")
        person.presses("1")
        person.misses("like a rose")
    assert ended(lab, name)["answered_by"].startswith(f"{user()} (overview, ")


def test_the_plan_gate_and_its_change_elsewhere(lab: Project, begin: Begin, attached: Person) -> None:
    begin("command-accept", gate=True)
    (name,) = waiting(lab, "plan")
    goes_on(attached, name, "revise", "accept")
    assert lab.ask("decline", name, "-m", "no")["answered_by"] == f"{user()} (command line)"
    attached.sees(f"closed: decline, no, by {user()} (command line)")


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_where_nothing_can_be_drawn_the_list_is_printed_again_when_it_changes(
    lab: Project, begin: Begin, term: str
) -> None:
    """On a terminal that cannot, and in no terminal at all."""
    if term == "dumb":
        with looking(lab, "--watch", term=term) as person:
            person.sees("nothing waits for you")
            begin("question-declined")
            person.sees("question  app  item 1")
            assert b"\x1b" not in person.raw
            person.presses("C-c")
            assert person.ends() == 130
        return
    printing = lab.start("checkpoints", "--watch")
    assert printing.stdout
    assert printing.stdout.readline() == "nothing waits for you\n"
    begin("question-declined")
    assert "question" in printing.stdout.readline()
    printing.terminate()
    printing.communicate()


def user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name

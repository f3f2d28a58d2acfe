"""One checkpoint of each kind is answered by a person's keys: in the checkpoints window, in popups, from menus, at a
small terminal and at a large one.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct

from tests.controller.conftest import FORMS, SCENARIOS
from tests.e2e.conftest import Make
from tests.e2e.plugged import load_plugin, remind_of_ends
from tests.e2e.project import Json, Project
from tests.person import Person, at_terminal
from tests.waiting import until

SCRIPT = Path(__file__).with_name("answers_everywhere.yaml")

SMALL, LARGE = (80, 24), (200, 50)
EARLY = "has only just come up"
"""What a card says that takes no key yet, as nobody can have read it."""

ENDED, MORE = "Enter shows the next one", "Enter shows the next, q closes"
"""What the window and a popup say below a card that has ended while another waits."""

EDITOR = """\
#!/bin/sh
printf 'It shows:\\n\\n    ONLINE  `ok`\\n\\tafter 3 s\\n' > "$1"
"""
SEEN = "It shows:\n\n    ONLINE  `ok`\n\tafter 3 s"
NOTHING: Json = {"choice": "", "text": "", "values": {}, "secrets": []}


class Way(Struct, frozen=True):
    """How a checkpoint of that kind is answered: what its card shows; the key that begins it; what then is typed, once
    its form is seen; the answer. `in_menu` is the key where a choice alone suffices, and the answer there.
    """

    kind: str
    shows: str
    key: str
    form: str = ""
    types: str = ""
    answer: Json = {}
    in_menu: str = ""
    menu_answer: Json | None = None


WAYS = (
    Way("plan", "execute the plan", "a", answer={"choice": "accept"}, in_menu="a"),
    Way("approval", "echo first >> ran", "a", answer={"choice": "accept"}, in_menu="a"),
    Way(
        *("approval", "echo second >> ran", "d", "decline: why", "not that one\r"),
        answer={"choice": "decline", "text": "not that one"},
        in_menu="d",
        menu_answer={"choice": "decline"},
    ),
    Way("question", "like a rose", "2", answer={"values": {"colour": "Blue"}}, in_menu="2"),
    Way(
        *("elicitation", "Fill in the form.", "a", "Enter sends, Tab next", "20\rred\rBo\ry\r"),
        answer={"choice": "accept", "values": {"age": "20", "colour": "red", "name": "Bo", "ok": "true"}},
    ),
    Way("human", "What it shows.", "E", "4 lines: It shows:", "\r", answer={"values": {"answer": SEEN}}),
)


class Desk:
    """Somebody who answers in one place."""

    place = ""

    def __init__(self, project: Project, person: Person) -> None:
        self.project = project
        self.person = person

    def opens(self, card: Json, way: Way) -> None:
        """Has the card before them, and has read it."""
        raise NotImplementedError

    def answers(self, card: Json, way: Way) -> Json:
        """Answers by keys; the answer that is expected."""
        self._chooses(way.key, lambda: way.form in self.person.text if way.form else self.ended(card))
        if way.form:
            self.person.types(way.types)
        return way.answer

    def leaves(self) -> None:
        """Does not see it any more."""

    def ended(self, card: Json) -> bool:
        """Whether it was answered."""
        return bool(self.project.call("show", id=card["id"])["state"] != "open")

    def _chooses(self, key: str, done: Callable[[], bool]) -> None:
        """Presses a key until it has had its effect: never again before it is seen that it had none."""
        self.person.presses(key)
        while not self._either(done, lambda: EARLY in self.person.text):
            self.person.presses("K")  # scrolls, and takes away what is said
            self.person.misses(EARLY)
            self.person.presses(key)

    def _either(self, this: Callable[[], bool], that: Callable[[], bool]) -> bool:
        """Waits for one of the two; whether it was this."""
        found: list[bool] = []

        def one() -> bool:
            found[:] = [this(), that()]
            return any(found)

        try:
            until(one)
        except AssertionError:
            raise AssertionError(f"neither; on the screen is:\n{self.person.text}") from None
        return found[0]


class Window(Desk):
    """The checkpoints window."""

    place = "checkpoints window, "

    def opens(self, card: Json, way: Way) -> None:
        def here() -> bool:
            text = self.person.text
            return f"▸ {card['id']} " in text and way.shows in text

        if not self._either(here, lambda: ENDED in self.person.text):
            self._chooses("Enter", here)


class Popup(Desk):
    """A popup over a window of their own."""

    place = "popup, "

    def leaves(self) -> None:
        """Keys would go to the popup as long as its program ends. It stays where another card waits by then."""

        def gone() -> bool:
            remind_of_ends(self.project)
            return "┌" not in self.person.text

        if not self._either(gone, lambda: MORE in self.person.text):
            self.person.presses("q")
            until(gone, what="the end of the popup")

    def opens(self, card: Json, way: Way) -> None:
        self.person.presses("C-b", "A")
        self.person.sees(f"{card['id']} · {way.kind} ·", way.shows)


class Menu(Popup):
    """The menus over a window of their own, and a popup from there where words are wanted."""

    def opens(self, card: Json, way: Way) -> None:
        self.person.presses("C-b", "O")
        self.person.sees("┌─ tmuxorch ─", f"{card['id']}  {way.kind}")
        self.person.presses("1")
        self.person.sees("Read its card and answer there")
        self.place = "menu" if way.in_menu else "popup, "
        if not way.in_menu:
            self.person.presses("c")
            self.person.sees(f"{card['id']} · {way.kind} ·", way.shows)

    def answers(self, card: Json, way: Way) -> Json:
        if not way.in_menu:
            return super().answers(card, way)
        self.person.presses(way.in_menu)
        return way.menu_answer or way.answer


@contextmanager
def seated(project: Project, desk: type[Desk]) -> Iterator[Desk]:
    """Somebody at a terminal where they can answer, and which tmux has made ready for keys."""
    session = project.ask("status")["project"]["session"] if desk is Window else "mine"
    target = f"={session}:checkpoints" if desk is Window else f"={session}"
    attach = ["tmux", "-u", "-L", project.socket, "attach", "-t", target]
    with at_terminal(attach, columns=SMALL[0], rows=SMALL[1], env=project.environ) as person:
        person.sees(f" {session} ")
        yield desk(project, person)


def with_plugin(project: Project) -> None:
    """The plugin on the project's tmux server, and a session of the user's own."""
    load_plugin(project)
    project.tmux("new-session", "-d", "-s", "mine", "exec cat")


def waits(project: Project, kind: str) -> Json:
    """The card that waits, which is of that kind."""
    found: list[Json] = until(
        lambda: [one for one in project.call("checkpoints") if one["kind"] == kind], what=f"a card: {kind}"
    )
    card: Json = project.call("show", id=found[0]["id"])
    return card


def test_each_kind_is_answered_by_keys_in_each_place(make_project: Make, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o700)
    scripts, extra = [SCRIPT, SCENARIOS / "run.yaml"], "gates: {dirty: proceed}\n"
    project = make_project(scenarios=scripts, children=("app",), extra=extra, screens=True)
    project.environ["EDITOR"] = str(editor)
    with (project.directory / "codex-home" / "config.toml").open("a") as config:
        config.write(FORMS)
    project.run("up")
    with_plugin(project)
    for turn, place in enumerate((Window, Popup, Menu)):
        run = project.call("run", problem="lab: kinds", children=["app"])["id"]
        with seated(project, place) as desk:
            for number, way in enumerate(WAYS):
                desk.person.resizes(*(SMALL, LARGE)[(turn + number) % 2])
                card = waits(project, way.kind)
                desk.opens(card, way)
                wanted = desk.answers(card, way)
                until(partial(desk.ended, card), what=f"the end of {card['id']}")
                desk.leaves()
                seen = project.call("show", id=card["id"])
                assert seen["answer"] == NOTHING | wanted
                assert seen["answered_by"].startswith(f"{getpass.getuser()} ({desk.place}")
        assert project.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
        ids = [
            one["id"]
            for one in project.events("turn_queued")
            if (one["run"], one["purpose"]) == (run, "item")
        ]
        (told,) = (one["message"] for one in project.events("turn_ended") if one["id"] in ids)
        assert told.count("exited with code 0") == 1
        for said in ("rejected by user", "Blue", '"name": "Bo"'):
            assert said in told
    assert (project.repos["app"] / "ran").read_text() == "first\n" * 3

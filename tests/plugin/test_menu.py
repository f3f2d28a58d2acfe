"""The keys of the plugin on a live project: three things wait, of which two have hostile titles, and people answer them
from menus and popups, at terminals of several sizes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controller.conftest import SCENARIOS
from tests.e2e.project import Project
from tests.person import Person
from tests.plugin.conftest import PROGRAM, Tmux, clone, load
from tests.tmuxfixture import run_tmux
from tests.waiting import until
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer

SIZES = [
    (80, 24, "tmux-256color", "C.UTF-8"),
    (80, 24, "screen", "C"),
    (200, 50, "screen", "C.UTF-8"),
    (200, 50, "tmux-256color", "C"),
]
GOLDEN = Path(__file__).with_name("golden")
MENU = "┌─ tmuxorch ─"
OPTIONS = {
    "@tmuxorch-command": PROGRAM,
    "status": "off",
}


class Fleet:
    """The project, and a tmux server with the plugin on which it runs beside a session of the user's own."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.tmux = Tmux(project.socket, project.environ)

    def ids(self) -> list[str]:
        """The open checkpoints."""
        return [one["id"] for one in self.project.call("checkpoints")]

    def state(self, checkpoint: str) -> tuple[str, str, str]:
        """How it ended: state, choice or value, by whom."""
        shown = self.project.call("show", id=checkpoint)
        answer = shown["answer"] or {}
        value = answer.get("choice") or "".join((answer.get("values") or {}).values())
        return shown["state"], value, shown["answered_by"] or ""

    def window(self, key: str) -> str:
        """The id of our window of that key."""
        rows = self.tmux("list-windows", "-a", "-F", "#{window_id} #{@tmuxorch-key}").splitlines()
        return next(row.split()[0] for row in rows if row.endswith(f" {key}"))

    @contextlib.contextmanager
    def attached(
        self, columns: int = 80, rows: int = 24, term: str = "xterm-256color", locale: str = "C.UTF-8"
    ) -> Iterator[Person]:
        """Somebody who looks at a session of their own."""
        with self.tmux.attached(columns=columns, rows=rows, term=term, locale=locale) as person:
            person.sees("mine")
            yield person

    def sight(self, columns: int) -> str:
        """The window that the terminal of that width shows."""
        rows = self.tmux("list-clients", "-F", "#{client_width} #{window_id}").splitlines()
        return next(row.split()[1] for row in rows if row.startswith(f"{columns} "))


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    base = tmp_path
    with ModelServer(
        scenario.load([Path(__file__).with_name("fleet.yaml"), SCENARIOS]), lambda line: None
    ) as model:
        project = Project(
            base / "fleet", model.base_url, "gates: {dirty: proceed}\n", ("app", "other"), screens=True
        )
        try:
            project.run("up")
            found = Fleet(project)
            for name, value in OPTIONS.items():
                found.tmux("set", "-g", name, value)
            load(found.tmux, clone(base / "tmuxorch"))
            found.tmux("new-session", "-d", "-s", "mine", "stty -echo; echo mine; exec cat")
            project.call("run", problem="lab: fleet", yes=False, children=["app"])
            until(found.ids, what="the gate of the plan")
            yield found
        finally:
            project.run("down", "--kill-agents", status=None)
            with contextlib.suppress(Exception):
                run_tmux("-L", project.socket, "kill-server")


def opens(person: Person, *texts: str) -> None:
    """Presses the key of the menu, and sees it."""
    person.presses("C-b", "O")
    person.sees(MENU, *texts)


def presses_until_gone(person: Person, key: str, text: str) -> bool:
    """Presses the key; whether the text is not there any more."""
    person.presses(key)
    return text not in person.text


def closes(person: Person) -> None:
    person.presses("q")
    person.misses("┌─")


def _a_plan_is_read_and_accepted(fleet: Fleet) -> None:
    (gate,) = fleet.ids()
    with fleet.attached() as person:
        opens(person, f"│ {gate}  plan")
        person.presses("1")
        text = person.sees("accept - ", "more lines are on its card")
        assert text.index("Read its card and answer there") < text.index("accept - ")
        assert "revise" not in text
        person.presses("a")
        person.sees(f"{gate} closed: accept, by ")
    assert fleet.state(gate)[:2] == ("closed", "accept")
    assert fleet.state(gate)[2].endswith(" (menu)")
    until(lambda: len(fleet.ids()) == 3, what="what the run asks for")


def _menus_at(fleet: Fleet, columns: int, rows: int, term: str, locale: str) -> None:
    name = f"{columns}x{rows}-{'utf8' if 'UTF' in locale else 'c'}-{term.partition('-')[0]}"
    ages = {r"\d min": "0 min", r"\d s ": "0 s "}
    with fleet.attached(columns=columns, rows=rows, term=term, locale=locale) as person:
        opens(person, "(A)")
        person.golden(GOLDEN / f"menu-{name}.txt", ages)
        person.presses("1")
        person.sees("Read its card", "no-go - ")
        person.golden(GOLDEN / f"card-{name}.txt", ages)


def _a_small_menu_is_cut_and_each_has_the_menu_of_their_size(fleet: Fleet) -> None:
    with fleet.attached(columns=50, rows=8) as small, fleet.attached(columns=120) as large:
        opens(small, "(3)", " more in a higher terminal")
        assert "┌" not in large.text
        opens(large, "app-other", "fleet: 3 waiting")
        closes(small)
        closes(large)


def _the_next_that_waits_is_gone_to_and_a_child_swapped(fleet: Fleet) -> None:
    ids, inbox, app = fleet.ids(), fleet.window("checkpoints"), fleet.window("app")
    with fleet.attached(columns=90) as person, fleet.attached(columns=100) as other:
        for window, said in (
            (inbox, f"{ids[0]} human of orchestrator (and 1 more"),
            (app, "approval of app"),
            (inbox, ids[0]),
        ):
            person.presses("C-b", "N")
            person.sees(said)
            until(lambda window=window: fleet.sight(90) == window, what=window)  # type: ignore[misc]
        assert fleet.sight(100) not in (inbox, app)

        other.presses("C-b", "T")
        other.sees("press it in a child's window")
        person.presses("C-b", "N")
        person.sees("approval of app")
        until(lambda: fleet.sight(90) == app, what="the child's window")
        for showing in ("Codex’s own TUI", "the live view"):
            person.presses("C-b", "T")
            person.sees(f"app: {showing}")


def _what_waits_is_answered(fleet: Fleet) -> None:
    task, policy, command = fleet.ids()
    with fleet.attached() as person, fleet.attached(columns=100) as other:
        opens(person)
        person.presses("3")
        person.sees("│ $ /bin/bash -lc 'echo ", "accept-for-session - ")
        opens(other)
        other.presses("3")
        other.sees("cancel - ")
        person.presses("d")
        person.sees(f"{command} closed: decline")
        other.presses("a")
        other.sees(f"tmuxorch: {command} ")
        assert fleet.state(command)[1] == "decline"

        opens(other)
        other.presses("2")
        other.sees("#(touch stolen) - with #[fg=red]jitter")
        other.presses("1")
        other.sees(f"{policy} closed: answer: #(touch stolen)")
        assert fleet.state(policy)[1] == "#(touch stolen)"

        person.presses("C-b", "A")
        person.sees("go/no-go: -#(touch stolen)#[fg=red]#{pid} ##[x] %H:%M", "Expected")
        # A card that has only just come up takes no key yet: nobody can have read it.
        until(lambda: presses_until_gone(person, "1", "Expected"), what="the end of the popup")
        until(lambda: fleet.state(task)[:2] == ("closed", "go"), what="the answer")
    places = (Path(), fleet.project.directory, Path(fleet.project.environ["HOME"]))
    assert not [place for place in places if (place / "stolen").exists()]


def _nothing_waits_and_a_controller_that_is_down_is_started(fleet: Fleet) -> None:
    until(lambda: not fleet.ids(), what="the end of the run")
    with fleet.attached() as person:
        for key in "NA":
            person.presses("C-b", key)
            person.sees("nothing waits for you")
            person.presses("x")
            person.misses("nothing waits for you")
        fleet.project.run("down")
        for key in "NA":
            person.presses("C-b", key)
            person.sees("fleet: the controller is not running")
            person.presses("x")
            person.misses("is not running")
        opens(person, "fleet: the controller is not running; start it")
        person.presses("A")
        person.sees("fleet is up")
    assert fleet.project.ask("status")["project"]["controller"]
    assert set(fleet.tmux("list-panes", "-t", "mine", "-F", "#{pane_in_mode}").split()) == {"0"}


def test_people_answer_from_menus_and_popups_and_go_to_what_waits(fleet: Fleet) -> None:
    """One run from its gate to its end, as each step needs what the one before has brought about."""
    _a_plan_is_read_and_accepted(fleet)
    for columns, rows, term, locale in SIZES:
        _menus_at(fleet, columns, rows, term, locale)
    _a_small_menu_is_cut_and_each_has_the_menu_of_their_size(fleet)
    _the_next_that_waits_is_gone_to_and_a_child_swapped(fleet)
    _what_waits_is_answered(fleet)
    _nothing_waits_and_a_controller_that_is_down_is_started(fleet)

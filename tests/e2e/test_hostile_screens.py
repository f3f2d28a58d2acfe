"""Agents write what acts on terminals, on tmux and on markup, wherever a person reads it: none of it is executed, and
every frame stays where it is.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.controller.conftest import SCENARIOS
from tests.e2e import evil
from tests.e2e.plugged import load_plugin, remind_of_ends
from tests.e2e.project import Project
from tests.person import Person, at_terminal
from tests.waiting import until
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer

COLUMNS, ROWS = 120, 40

CONFIG = """\
gates: {dirty: proceed}
notify: {dwell: 0, cooldown: 0, grace: 0}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose agents write that, with the plugin on its tmux server."""
    with ModelServer(_with_rest(evil.script(evil.line(tmp_path / "stolen"))), lambda line: None) as model:
        made = Project(tmp_path / "p", model.base_url, CONFIG, ("app",), screens=True)
        try:
            made.run("up")
            load_plugin(made)
            yield made
        finally:
            made.run("down", "--kill-agents", status=None)


def _with_rest(found: scenario.Scenario) -> scenario.Scenario:
    """With what a run needs besides."""
    return msgspec.structs.replace(
        found, rules=[*found.rules, *scenario.load([SCENARIOS / "run.yaml"]).rules]
    )


class Looker:
    """Somebody who is attached and goes everywhere."""

    def __init__(self, project: Project, person: Person) -> None:
        self._project = project
        self._person = person
        self._session = project.ask("status")["project"]["session"]

    def goes(self, window: str, *texts: str) -> None:
        """Goes to that window, and sees that there."""
        target = f"={self._session}:"
        if self._project.tmux("display-message", "-p", "-t", target, "#{window_name}").strip() != window:
            before = len(self._person.raw)
            self._project.tmux("select-window", "-t", target + window)
            until(lambda: len(self._person.raw) > before, what=f"the window {window}")
        self._person.sees(*texts)
        self.holds()

    def presses(self, *keys: str) -> None:
        """Presses keys."""
        self._person.presses(*keys)

    def sees(self, *texts: str) -> None:
        """Waits for it."""
        self._person.sees(*texts)
        self.holds()

    def leaves(self, key: str) -> None:
        """Leaves what is over the window by that key."""
        self._person.presses(key)

        def gone() -> bool:
            remind_of_ends(self._project)
            return "┌" not in self._person.text

        until(gone, what="the end of the popup")
        self.holds()

    def holds(self) -> None:
        """Every frame stands whole where it belongs, as soon as the screen is drawn."""
        try:
            until(lambda: not broken(self._cells()))
        except AssertionError:
            raise AssertionError(f"{broken(self._cells())}; it is:\n{self._person.text}") from None

    def _cells(self) -> list[list[str]]:
        return [[cell.data for cell in self._person.cells(row)] for row in range(ROWS)]


def broken(cells: list[list[str]]) -> str:
    """What of a screen is not where it belongs."""
    last = ["".join(row) for row in cells[-2:]]
    if not (last[0].startswith(" tmuxorch-p ") and last[1].startswith(" tmuxorch R1 ")):
        return "the status line"
    for row, line in enumerate(cells[:-2]):
        if line[:2] == ["─", " "] and line[-1] != "─":
            return f"the rule in row {row}"
        if "┌" in line and (found := _broken_box(cells, row, line.index("┌"))):
            return found
    bars = [
        line.index("│") for line in cells[1:-7] if "│" in line and "┌" not in "".join(map("".join, cells))
    ]
    return f"the bar beside the list: {bars}" if len(set(bars)) > 1 else ""


def _broken_box(cells: list[list[str]], top: int, left: int) -> str:
    right = next((at for at in range(left, COLUMNS) if cells[top][at] == "┐"), -1)
    for row in range(top + 1, ROWS):
        if cells[row][left] == "└":
            return "" if cells[row][right] == "┘" else f"the corner of the box in row {row}"
        if cells[row][left] not in "│├" or cells[row][right] not in "│┤":
            return f"the box in row {row}"
    return "the box has no end"


def test_nothing_is_executed_and_nothing_misdrawn(project: Project, tmp_path: Path) -> None:
    following = project.start("run", "lab: evil")
    try:
        until(lambda: project.call("runs"), what="the run")
        attach = ["tmux", "-u", "-L", project.socket, "attach"]
        with at_terminal(attach, columns=COLUMNS, rows=ROWS, env=project.environ) as person:
            _everywhere(project, Looker(project, person), evil.line(tmp_path / "stolen"))
            _heard_nothing_of_an_agent(person.raw)
    finally:
        if project.call("checkpoints"):
            following.terminate()
        followed = "".join(following.communicate(timeout=60))
    _is_plain("the lines that follow a run", followed)
    _files_and_commands_are_plain(project)
    assert project.tmux("list-buffers") == ""
    assert "owned" not in project.tmux("list-panes", "-a", "-F", "#{pane_title}")
    assert list(tmp_path.rglob("stolen")) == []


def _everywhere(project: Project, looker: Looker, text: str) -> None:
    """A run from its plan to its end, and all windows."""
    gate = project.call("next", timeout=30)
    looker.goes("overview", "asks E[red]v[/red]il")
    looker.goes("checkpoints", "execute the plan")
    for _ in range(14):
        looker.presses(" ")
        looker.holds()
    project.call("answer", id=gate["id"], choice="accept")
    for task in ("talk", "fail"):
        project.ask("exec", "--label", text.replace("\0", ""), task)
    until(lambda: len(project.call("checkpoints")) == 2, what="a decision and an approval")
    looker.goes("app-app", "waiting: approval of a command")
    looker.goes("overview", "workers", "run a command")
    _menus_and_popup(project, looker)
    for kind, shows in (("approval", "+++ "), ("question", "Which? ")):
        card = project.call("next", timeout=30)
        assert card["kind"] == kind
        with in_popup(looker):
            looker.sees(f"{card['id']} · {kind}", shows)
            for _ in range(5):
                looker.presses(" ")
                looker.holds()
        project.call("answer", id=card["id"], choice="decline")
    assert project.call("wait_run", id="R1", timeout=60)["outcome"] == "succeeded"
    for window in project.windows():
        looker.goes(window)


@contextmanager
def in_popup(looker: Looker) -> Iterator[None]:
    """The oldest card that waits, in a popup."""
    looker.presses("C-b", "A")
    yield
    looker.leaves("q")


def _menus_and_popup(project: Project, looker: Looker) -> None:
    """The decision is taken in a menu, the command declined elsewhere while a popup shows it."""
    decision, command = project.call("checkpoints")
    looker.presses("C-b", "O")
    looker.sees("┌─ tmuxorch ─", decision["id"], command["id"])
    looker.presses("1")
    looker.sees("Read its card and answer there", "#(touch")
    looker.presses("1")
    looker.sees(f"{decision['id']} closed: answer: E[red]v[/red]il")
    looker.leaves("x")
    with in_popup(looker):
        looker.sees(f"{command['id']} · approval", "$ /bin/bash -lc")
    project.call("answer", id=command["id"], choice="decline")


def _heard_nothing_of_an_agent(raw: bytes) -> None:
    """The terminal was told nothing but what is drawn, and that somebody is called, in plain words."""
    for kind, said in re.findall(rb"\x1b\]([0-9]+);([^\x07\x1b]*)", raw):
        assert kind in (b"9", b"777"), said
        assert b"tmuxorch p: C" in said
        assert said.decode().isprintable()
    assert not re.search(rb"\x1b[Pk]|\x1b\[201~|\xc2[\x80-\x9f]|\xe2\x80\xae", raw)


def _files_and_commands_are_plain(project: Project) -> None:
    """Also what is read without a screen."""
    for path in (project.paths.plan, project.paths.runs, project.paths.report("R1")):
        _is_plain(path.name, path.read_text())
    project.run("plan", "validate")
    commands = ["status", "checkpoints --all", "ls", "runs", "report R1", "logs W1", "logs app", "result W1"]
    commands += [f"show {one['id']}" for one in project.call("checkpoints", all=True)]
    program = shlex.join([sys.executable, "-m", "tmuxorch", "-C", str(project.directory)])
    typed = " && ".join(f"{program} {words}" for words in commands)
    with at_terminal(["sh", "-c", typed], columns=COLUMNS, rows=ROWS, env=project.environ) as person:
        assert person.ends() == 0, person.text
        until(lambda: person.raw.endswith(b"\n"), what="the last line")
        _heard_nothing_of_an_agent(person.raw)
        assert b"\x1b[2J" not in person.raw


def _is_plain(what: str, text: str) -> None:
    """Nothing in it acts on a terminal, or shows letters in another order than they are in."""
    found = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert not found, f"{what}: {text[max(found.start() - 40, 0) : found.end() + 40]!r}"

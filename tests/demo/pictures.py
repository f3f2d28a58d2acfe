"""Takes the pictures of README and docs: the demo's story on the real Codex and the real tmux, looked at by somebody at
a terminal. The model is scripted, and each picture's title says so.

    python -m tests.demo.pictures DIRECTORY
"""

from __future__ import annotations

import getpass
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyte

from tests.conftest import FOREIGN, _isolate
from tests.demo.svg import INK, PAPER, Cell, colour, mixed, picture
from tests.e2e.project import PROBLEM, Project
from tests.person import UNKNOWN, Person, at_terminal
from tests.plugin.conftest import load
from tests.waiting import until
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer
from tmuxorch.demo.stories import ONBOARDING

ROOT = Path(__file__).parents[2]
COLUMNS, ROWS = 110, 30
PACE = 0.03
"""Seconds between the words of the model: long enough to be looked at."""

BUSY = """
rules:
  - match: 'TASK: Review how the three repos wait for each other'
    steps:
      - - {do: command, cmd: git -C mobile grep -n timeout}
      - - {do: pause, seconds: 600}
        - {do: message, text: (scripted) Done.}
"""
"""A worker that is at work for as long as it is looked at."""

SCRIPTED = "the model is scripted"

FIXED = (
    (re.compile(r"(?<= )\d s\b"), "8 s"),
    (re.compile(r"(?<= )\d\d s\b"), "42 s"),
    (re.compile(r"(?<= )\d\.\d s\b"), "0.4 s"),
    (re.compile(r"(?<= in )\d\.\d{3}s"), "0.004s"),
    (re.compile(r"(?<=· controller )\d+"), "4242424"),
)
"""What is another each time is always the same here, in as many columns."""

WIDE = "\0"
"""In the place of the second cell of a wide character."""

SGR = re.compile(rb"\x1b\[([0-9;]*)m")


def cells(raw: bytes) -> list[list[Cell]]:
    """The screen that a terminal shows after these bytes."""
    screen = pyte.Screen(COLUMNS, ROWS)
    pyte.ByteStream(screen).feed(SGR.sub(_faint_as_blinking, UNKNOWN.sub(b"", raw)))
    drawn = ([_cell(screen.buffer[row][column]) for column in range(COLUMNS)] for row in range(ROWS))
    return [_at_home(_fixed(row)) for row in drawn]


def _faint_as_blinking(found: re.Match[bytes]) -> bytes:
    """The emulator knows no faint letters; nothing of ours blinks."""
    said = re.sub(rb"(?<![0-9;])2(?![0-9])|(?<=;)2(?=;|$)(?<![34]8;2)", b"5", found[1])
    return b"\x1b[%sm" % re.sub(rb"(?<![0-9;])22(?![0-9])|(?<=;)22(?=;|$)(?<!8;5;22)", b"22;25", said)


def _cell(char: pyte.screens.Char) -> Cell:
    ink, paper = colour(char.fg, INK), colour(char.bg, PAPER)
    if char.reverse:
        ink, paper = paper, ink
    if char.blink:
        ink = mixed(ink, paper)
    return Cell(char.data, ink, paper, char.bold, char.italics, char.underscore)


def _fixed(row: list[Cell]) -> list[Cell]:
    text = _text(row)
    for pattern, stands in FIXED:
        text = pattern.sub(partial(_cut, stands), text)
    return [cell._replace(text=char.strip(WIDE)) for cell, char in zip(row, text, strict=True)]


def _cut(stands: str, found: re.Match[str]) -> str:
    return stands[: len(found[0])]


def _at_home(row: list[Cell]) -> list[Cell]:
    """With `~` for the home; what stands behind it in its column moves, and nothing else."""
    home = os.environ["HOME"]
    while (at := _text(row).find(home)) >= 0:
        rest = _text(row).find("  ", at)
        end = len(row) if rest < 0 else rest
        gap = [row[end - 1]._replace(text=" ")] * (len(home) - 1)
        row = [*row[:at], row[at]._replace(text="~"), *row[at + len(home) : end], *gap, *row[end:]]
    return row


def _text(row: list[Cell]) -> str:
    return "".join(cell.text or WIDE for cell in row)


@contextmanager
def onboarding() -> Iterator[Project]:
    """The story's project in `~/onboarding` of a home of its own, up; nothing of it is left afterwards."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="to", dir="/tmp", ignore_cleanup_errors=True) as place:
        os.environ.update(_isolate(Path(place)))
        os.environ["COLORTERM"] = "truecolor"
        os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        busy, story = scenario.parse(BUSY, "busy"), scenario.load([ONBOARDING.script])
        rules = scenario.Scenario(rules=[*busy.rules, *story.rules], pace=PACE)
        with ModelServer(rules, lambda line: None) as model:
            project = Project(Path(place) / "onboarding", model.base_url, screens=True)
            try:
                project.run("up")
                yield project
            finally:
                project.run("down", "--kill-agents", status=None)


class Camera:
    """Somebody who is attached, goes from window to window and takes pictures into `directory`."""

    def __init__(self, project: Project, person: Person, directory: Path) -> None:
        self._project = project
        self._person = person
        self._directory = directory
        self._session = project.ask("status")["project"]["session"]

    def goes(self, window: str) -> None:
        """Goes to that window."""
        self._project.tmux("select-window", "-t", f"={self._session}:{window}")

    def sees(self, *patterns: str) -> None:
        """Waits until each of them is found on the screen, which then is drawn whole."""

        def there() -> bool:
            before = len(self._person.raw)
            text = self._person.text.rstrip()
            found = all(re.search(pattern, text, re.MULTILINE) for pattern in patterns)
            return found and len(self._person.raw) == before

        try:
            until(there, 60)
        except AssertionError:
            raise AssertionError(f"not on the screen: {patterns}; it is:\n{self._person.text}") from None

    def presses(self, *keys: str) -> None:
        """Presses keys."""
        self._person.presses(*keys)

    def takes(self, name: str, what: str, rows: slice = slice(None)) -> None:
        """Writes the picture of that name, of these rows of the screen."""
        drawn = picture(cells(self._person.raw)[rows], f"{what} ({SCRIPTED})")
        for private in (tempfile.gettempdir(), socket.gethostname(), f"{getpass.getuser()} ("):
            shown = [line for line in drawn.splitlines() if private in line]
            assert not shown, f"{name} shows {private}: {shown}"
        (self._directory / f"{name}.svg").write_text(drawn, encoding="utf-8")
        print(f"{self._directory}/{name}.svg")


def plan_and_approval(project: Project, camera: Camera) -> None:
    """Until the backend waits for an approval."""
    project.run("run", PROBLEM, "--detach")
    project.run("approve", project.next("plan")["id"])
    asked = project.next("approval")
    camera.goes("checkpoints")
    camera.sees("C2 +approval")
    camera.presses("Down")
    camera.sees(r"^▸ C2 ", "publish_contract", r"decline +", "1 waits for you")
    camera.takes("checkpoints", "The window checkpoints: a command that waits for an approval")
    camera.goes("app-backend")
    camera.sees("waiting: approval of a command")
    camera.takes("live-view", "The live view of a child: its plan, commands and changes")

    load(project.tmux, ROOT / "tmuxorch.tmux")
    camera.presses("C-b", "O")
    camera.sees("Read and answer the oldest")
    camera.takes("menu", "The menu of the tmux plugin over a child's window")
    camera.presses("c")
    camera.sees("publish_contract", r"decline +")
    camera.takes("popup", "A checkpoint in a popup over a child's window")
    camera.presses("q")
    project.run("approve", asked["id"])


def work(project: Project, camera: Camera) -> None:
    """While two children work side by side, and one of them asks something."""
    camera.goes("overview")
    task = "Review how the three repos wait for each other while a device is connected."
    project.next("question")
    project.run(
        "exec", "--role", "reviewer", "--label", "timeouts", "--cd", str(project.directory / "repos"), task
    )
    camera.sees(
        r"✓ 1 +done",
        r"2 +waiting",
        r"3 +running",
        r"mobile +active +.*tok +(?!says:$|main )\S",
        r"W1 timeouts +running",
    )
    camera.takes("overview", "The window overview: plan, children and workers of a run")
    camera.takes("status-line", "The status line of a session", slice(-2, None))


def in_a_shell(person: Person, camera: Camera) -> None:
    """Where things stand, asked by a command."""
    camera.sees(r"^~/onboarding \$\Z")
    person.types("tmuxorch status\r")
    camera.sees("all: tmuxorch attach checkpoints", r"^~/onboarding \$\Z")
    used = len(person.text.rstrip().split("\n"))
    camera.takes("status", "What tmuxorch status prints", slice(used - 1))


def main(directory: Path) -> None:
    """Writes all pictures into that directory."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # everything is ended before this is
    directory.mkdir(parents=True, exist_ok=True)
    with onboarding() as project:
        attach = ["tmux", "-u", "-L", project.socket, "attach"]
        with at_terminal(attach, columns=COLUMNS, rows=ROWS) as person:
            camera = Camera(project, person, directory)
            plan_and_approval(project, camera)
            work(project, camera)
        shell = ["bash", "--norc", "--noprofile", "-i"]
        env = {**os.environ, "PS1": r"\w $ "}
        with at_terminal(shell, columns=COLUMNS, rows=ROWS, env=env, cwd=project.directory) as person:
            try:
                in_a_shell(person, Camera(project, person, directory))
            finally:
                person.types("exit\r")
                person.ends()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

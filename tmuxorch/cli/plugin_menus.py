"""What the menus of the plugin offer: the main menu, and that of one checkpoint."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tmuxorch.cli import output
from tmuxorch.cli.card import WANTS_TEXT
from tmuxorch.cli.fleet import Seen, Shown, Waiting, waiting, windows
from tmuxorch.cli.inbox_state import numbered
from tmuxorch.cli.output import Json
from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.core.text import width
from tmuxorch.store.paths import CONFIG_NAME, find_project
from tmuxorch.tmux.menu import FRAME, RULE, Item, Section, fitted, in_background
from tmuxorch.tmux.scene import Scene

WINDOW_KEYS = "abdefhlmprsvwxyz"
"""Letters for windows: none that does something else here, or that moves in or leaves a menu of tmux."""

SESSION_KEYS = "ABCDEFHIJKLMNOPRSTUVWXYZ"

CHOICE_KEYS = {"accept": "a", "accept-for-session": "s", "decline": "d"}
"""As in the inbox; other choices have their number there."""

FEW = 9

READ_FIRST = ("plan", "human", "elicitation")
"""Kinds of checkpoints whose card says more than a menu can show."""


class Plugin(NamedTuple):
    """How the plugin is called again: the path of tmuxorch.tmux, and the client that its menu is on."""

    path: str
    client: str

    def command(self, verb: str, *words: str) -> list[str]:
        """The tmux command that does what a key of that verb does."""
        program = os.environ.get("TMUXORCH_PROGRAM", "")
        argv = ["env", f"TMUXORCH_PROGRAM={program}", self.path, "key", verb, self.client, *words]
        return in_background(argv)

    def go(self, window: str) -> list[str]:
        """The tmux command that shows a window."""
        return ["switch-client", "-c", self.client, "-t", window]


def main_menu(scene: Scene, fleet: Sequence[Seen], plugin: Plugin) -> list[Item]:
    """All there is, in as many lines as the client has."""
    points = waiting(fleet)
    several = len(fleet) > 1
    shown = windows(fleet)
    states = Section(_windows(shown, several, plugin), 3, lambda more: Item(f"{more} more: prefix w"))
    inbox = ("inbox", points[0].seen.session.project) if points else ("inbox",)
    # What the sections are first for, and so what is there longest where there is little room.
    return fitted(
        [
            Section(
                _waiting(points, several, plugin),
                4,
                lambda more: Item(f"{more} more: the inbox", command=plugin.command(*inbox)),
            ),
            Section(_actions(scene, fleet, points, plugin), 6, lambda more: Item(f"{more} more")),
            states,
            Section(_sessions(fleet, plugin), 1, lambda more: Item(f"{more} more sessions: prefix s")),
        ],
        scene.client.rows - FRAME,
    )


def _waiting(points: Sequence[Waiting], several: bool, plugin: Plugin) -> list[Item]:
    rows = [
        [
            one.seen.name if several else "",
            one.point["id"],
            one.point["kind"],
            one.point["source"],
            _age(output.seconds_since(one.point["opened"])),
            one.point["title"],
        ]
        for one in points
    ]
    if not rows:
        return [Item("nothing waits for you")]
    return [
        Item(text, _digit(number), plugin.command("card", one.seen.session.project, one.point["id"]))
        for number, (text, one) in enumerate(zip(output.aligned(rows), points, strict=True), 1)
    ]


def _age(seconds: float) -> str:
    """In minutes at the least: a menu stands still."""
    return output.duration(seconds) if seconds >= 60 else "0 min"


def _digit(number: int) -> str:
    return str(number) if number <= FEW else ""


def _actions(scene: Scene, fleet: Sequence[Seen], points: Sequence[Waiting], plugin: Plugin) -> list[Item]:
    items = []
    if points:
        items += [
            Item("Go to the next that waits", "n", plugin.command("next")),
            Item("Read and answer the oldest", "c", plugin.command("popup")),
        ]
    if (focus := focused(scene, fleet, points)) is not None:
        items.append(Item("Inbox", "i", plugin.command("inbox", focus.session.project)))
        if overview := focus.session.window("overview"):
            items.append(Item("Overview", "o", plugin.go(overview)))
    if child_in(scene, fleet) is not None:
        items.append(Item("Codex's own TUI here, or back", "t", plugin.command("tui")))
    here = find_project(Path(scene.path))
    if (here / CONFIG_NAME).is_file() and str(here) not in [one.session.project for one in fleet]:
        items.append(Item(f"Start {here.name}: tmuxorch up", "u", plugin.command("up", str(here))))
    return items or [Item("no project here yet: tmuxorch init")]


def _windows(shown: Sequence[Shown], several: bool, plugin: Plugin) -> list[Item]:
    rows = [
        [one.state, one.seen.name if several else "", one.name, one.about if one.about != one.state else ""]
        for one in shown
    ]
    keys = [*WINDOW_KEYS, *[""] * len(rows)]
    return [
        Item(text, key, plugin.go(one.window))
        for text, key, one in zip(output.aligned(rows), keys, shown, strict=False)
    ]


def _sessions(fleet: Sequence[Seen], plugin: Plugin) -> list[Item]:
    keys = [*SESSION_KEYS, *[""] * len(fleet)]
    return [_session(one, key, plugin) for one, key in zip(fleet, keys, strict=False)]


def _session(one: Seen, key: str, plugin: Plugin) -> Item:
    if one.status is None:
        return Item(f"{one.name}: {one.problem}; start it", key, plugin.command("up", one.session.project))
    counts = one.status["counts"]
    told = [f"{counts[name]} {name}" for name in ("waiting", "failed", "running", "queued") if counts[name]]
    about = ", ".join(told) or "idle"
    return Item(f"{one.name}: {about}", key, plugin.go(one.session.window("overview") or one.session.id))


def focused(scene: Scene, fleet: Sequence[Seen], points: Sequence[Waiting]) -> Seen | None:
    """The project that is meant where none is named: the one in sight, else that which waits longest, else any."""
    here = [one for one in fleet if one.session.id == scene.session]
    return next(iter([*here, *(one.seen for one in points), *fleet]), None)


def child_in(scene: Scene, fleet: Iterable[Seen]) -> tuple[Seen, str] | None:
    """The agent whose window the client shows, and its project."""
    for one in fleet:
        names = {child["name"] for child in (one.status or {}).get("children") or ()} | {"orchestrator"}
        for window in one.session.windows:
            if window.id == scene.window and window.key in names:
                return one, window.key
    return None


# ---- one checkpoint --------------------------------------------------------------------------------------------------


def card_menu(scene: Scene, project: str, point: Json, plugin: Plugin) -> list[Item]:
    """A checkpoint: its title, as much of its matter as there is room for, and its choices.

    What is not all here, or asks for words, is to be read on its card, which then comes first.
    """
    room = scene.client.columns - 2 * FRAME - 1
    choices = _choices(project, point, plugin)
    read = Item("Read its card and answer there", "c", plugin.command("popup", project, point["id"]))
    title = _wrapped(visible_line(point["title"]), room)
    body = _wrapped(visible(point.get("body") or "").strip("\n"), room)
    space = (
        scene.client.rows - FRAME - len(choices) - 4
    )  # the lines across, the way to the card, what is missing
    lines = [*title, *([RULE] if body else []), *body]
    whole = len(lines) <= space + 1 and point["kind"] not in READ_FIRST
    told = lines if len(lines) <= space + 1 else lines[: max(space, 1)]
    missing = (
        [] if len(told) == len(lines) else [Item(f"{len(lines) - len(told)} more lines are on its card")]
    )
    offered = [*choices, read] if whole and choices else [read, *choices]
    return [*(Item(text) for text in told), *missing, Item(RULE), *offered]


def _choices(project: str, point: Json, plugin: Plugin) -> list[Item]:
    items = []
    for number, (field, key, label) in enumerate(numbered(point), 1):
        if key in WANTS_TEXT or (key == "accept" and point.get("fields") and not field):
            continue
        said = " - ".join(part for part in (visible_line(key), visible_line(label)) if part)
        letter = (not field and CHOICE_KEYS.get(key)) or _digit(number)
        command = plugin.command("answer", project, point["id"], str(point["digest"]), str(number))
        items.append(Item(said, letter, command))
    return items


def _wrapped(text: str, room: int) -> list[str]:
    """The lines of `text`, each in as many as it needs; a line of nothing is a blank, as an empty name is a rule."""
    found = []
    for whole in text.expandtabs(4).split("\n") if text else ():
        line = ""
        for char in whole:
            # tmux counts the bytes of a name, twice for "#".
            if (
                width(line + char) > room
                or len((line + char).replace("#", "##").encode(errors="replace")) > room
            ):
                found.append(line)
                line = ""
            line += char
        found.append(line or " ")
    return found

"""`tmuxorch tmux …`: what the keys and menus of the tmux plugin do. Nobody types it: tmuxorch.tmux calls it.

tmux waits for none of it, and shows none of its output: what there is to say is shown on the client by a message.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click

from tmuxorch import environment
from tmuxorch.cli import fleet
from tmuxorch.cli.app import group
from tmuxorch.cli.output import Json
from tmuxorch.cli.plugin_menus import Plugin, card_menu, child_in, focused, main_menu
from tmuxorch.errors import Refused, TmuxorchError
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.tmux import menu as door
from tmuxorch.tmux.going import go
from tmuxorch.tmux.scene import Scene, look

VIA = "menu"
"""Where an answer was given, as others see it."""

TUI_WHERE = "this key swaps a child's view for Codex's own TUI and back: press it in a child's window"


class Key(NamedTuple):
    """A key that was pressed: the tmux server, what its client shows, and how to be called again."""

    socket: str
    scene: Scene
    plugin: Plugin

    def say(self, text: str) -> None:
        """Shows one line on the client."""
        door.show_message(self.socket, self.scene.client.name, text)

    def show(self, title: str, items: list[door.Item]) -> None:
        """Shows a menu on the client."""
        door.show_menu(self.socket, self.scene.client, title, items)

    def popup(self, project: str, *words: str) -> None:
        """Shows a command of ours in a popup on the client."""
        argv = [*environment.program("tmuxorch"), "-C", project, *words]
        door.show_popup(self.socket, self.scene.client, argv)


@group("tmux", hidden=True)
def tmux() -> None:
    """The keys and menus of the tmux plugin."""


def verb(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Declares what a key does. What goes wrong is said on the client, and is no failure of the command."""

    def declare(act: Callable[..., None]) -> click.Command:
        @tmux.command(name)
        @click.option("--plugin", required=True)
        @click.option("--client", required=True)
        @click.argument("words", nargs=-1)
        def command(plugin: str, client: str, words: tuple[str, ...]) -> None:
            socket = os.environ.get("TMUX", "").rsplit(",", 2)[0]
            if not socket:
                raise Refused("this is not in tmux", hint="tmuxorch --help")
            with _told(socket, client):
                act(Key(socket, look(socket, client), Plugin(plugin, client)), *words)

        return command

    return declare


@contextmanager
def _told(socket: str, client: str) -> Iterator[None]:
    try:
        yield
    except TmuxorchError as error:
        hint = f" ({error.hint})" if error.hint else ""
        door.show_message(socket, client, f"tmuxorch: {error.message}{hint}")


@verb("menu")
def menu(key: Key) -> None:
    """The main menu."""
    key.show("tmuxorch", main_menu(key.scene, fleet.see(key.scene.sessions), key.plugin))


@verb("card")
def card(key: Key, project: str, checkpoint: str) -> None:
    """The menu of a checkpoint."""
    point = _ask(project, "show", id=checkpoint)
    if point["state"] != "open":
        key.say(_ended(point))
        return
    title = f"{point['id']}  {point['kind']}  {point['source']}"
    key.show(title, card_menu(key.scene, project, point, key.plugin))


@verb("answer")
def answer(key: Key, project: str, checkpoint: str, digest: str, number: str) -> None:
    """Answers by the choice of that number on the card of that digest."""
    from tmuxorch.cli.inbox_state import numbered

    point = _ask(project, "show", id=checkpoint)
    field, choice, _ = numbered(point)[int(number) - 1]
    given = {"values": {field: choice}} if field else {"choice": choice}
    key.say(_ended(_ask(project, "answer", id=checkpoint, digest=digest, via=VIA, **given)))


def _ended(point: Json) -> str:
    from tmuxorch.cli.card import ended

    return f"{point['id']} {ended(point)}"


@verb("next")
def next(key: Key) -> None:
    """Goes to the window of the next checkpoint: the oldest, or from there the following one."""
    seen = fleet.see(key.scene.sessions)
    points = fleet.waiting(seen)
    places = list(dict.fromkeys(one.window for one in points if one.window))
    if not places:
        key.say(fleet.none_waits(seen))
        return
    at = places.index(key.scene.window) + 1 if key.scene.window in places else 0
    place = places[at % len(places)]
    go(key.socket, place, key.scene.client.name)
    here = [one for one in points if one.window == place]
    first = here[0].point
    more = f" (and {len(here) - 1} more here)" if len(here) > 1 else ""
    key.say(f"{first['id']} {first['kind']} of {first['source']}{more}: {first['title']}")


@verb("popup")
def popup(key: Key, project: str = "", checkpoint: str = "") -> None:
    """The card of a checkpoint, by itself the oldest, in a popup."""
    if not checkpoint:
        seen = fleet.see(key.scene.sessions)
        points = fleet.waiting(seen)
        if not points:
            key.say(fleet.none_waits(seen))
            return
        project, checkpoint = points[0].seen.session.project, points[0].point["id"]
    key.popup(project, "checkpoints", "--card", checkpoint)


@verb("inbox")
def inbox(key: Key, project: str = "") -> None:
    """The whole inbox of a project in a popup."""
    if not project:
        seen = fleet.see(key.scene.sessions)
        found = focused(key.scene, seen, fleet.waiting(seen))
        if found is None:
            raise Refused("no project runs on this tmux server", hint="tmuxorch up")
        project = found.session.project
    key.popup(project, "checkpoints", "--watch")


@verb("tui")
def tui(key: Key) -> None:
    """Swaps the view of the child whose window is shown for Codex's own TUI, or back."""
    found = child_in(key.scene, fleet.see(key.scene.sessions))
    if found is None:
        key.say(TUI_WHERE)
        return
    seen, name = found
    swapped = _ask(seen.session.project, "tui", name=name)
    key.say(f"{name}: {'Codex’s own TUI' if swapped['showing'] == 'tui' else 'the live view'}")


@verb("up")
def up(key: Key, project: str) -> None:
    """Starts a project, as `tmuxorch up` in its directory."""
    name = Path(project).name
    key.say(f"{name} is starting")
    argv = [*environment.program("tmuxorch"), "-C", project, "up"]
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    lines = done.stderr.strip().splitlines()
    key.say(f"{name} is up" if done.returncode == 0 else " ".join(map(str.strip, lines[:2])))


def _ask(project: str, method: str, **params: Any) -> Any:
    from tmuxorch.cli.client import connect

    with connect(ProjectPaths(Path(project))) as client:
        return client.call(method, params)

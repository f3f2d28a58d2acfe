"""What is done with the chosen row of the overview: requests to the controller, and windows shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from tmuxorch.cli.output import Json
from tmuxorch.cli.screens.agent_rows import LEAD
from tmuxorch.cli.screens.rows import Kind, Row
from tmuxorch.errors import TmuxorchError

if TYPE_CHECKING:
    from tmuxorch.cli.screens.overview import Overview

GONE = "no row is chosen: choose one with the arrow keys"


class Question(NamedTuple):
    """Something that is done only when somebody says yes."""

    words: str
    do: Callable[[], None]


class Deeds:
    """All take the row that was seen as chosen when the key was pressed, or None."""

    def __init__(self, screen: Overview) -> None:
        self._screen = screen
        self._asked: set[tuple[str, str]] = set()

    def open(self, row: Row | None) -> None:
        """Shows the window of the row."""
        if row is None:
            self._screen.say(GONE)
        elif row.kind is Kind.CHECKPOINT:
            self._screen.answer(row.id)
        elif row.window:
            self._screen.show_window(row.window)
        elif row.id == LEAD:
            self._screen.show_ours(LEAD)
        elif row.kind is Kind.WORKER:
            self._screen.say(f"{row.id} has no window: tmuxorch logs {row.id}")
        else:
            self._screen.say(f"{row.id} has no window of its own")

    def stop(self, row: Row | None) -> None:
        """Ends a worker, a run of a pattern or the turn of a child, once somebody has said yes."""
        match row:
            case None:
                self._screen.say(GONE)
            case (
                Row(kind=Kind.WORKER, of={"state": "exited"}) | Row(kind=Kind.PATTERN, of={"state": "ended"})
            ):
                self._screen.say(f"{row.id} has ended already")
            case Row(kind=Kind.WORKER):
                self._question(f"stop {row.id} {row.of['label']}?", "stop", {"id": row.id}, "was stopped")
            case Row(kind=Kind.PATTERN | Kind.STEP, of={"id": name, "pattern": pattern}):
                words = f"stop {name} {pattern} with all its workers?"
                self._question(words, "stop", {"id": name}, "was stopped")
            case Row(kind=Kind.CHILD, of={"state": "active" | "waiting"}):
                words = f"interrupt what {row.id} does now?"
                self._question(words, "interrupt", {"name": row.id}, "was interrupted")
            case Row(kind=Kind.CHILD):
                self._screen.say(f"{row.id} does nothing now; its server: tmuxorch child stop {row.id}")
            case _:
                self._screen.say("only workers, patterns and children can be stopped")

    def rerun(self, row: Row | None) -> None:
        """Starts a worker anew that has ended."""
        if row is None:
            self._screen.say(GONE)
        elif row.kind is not Kind.WORKER:
            self._screen.say("only workers are run again")
        elif row.of["state"] != "exited":
            self._screen.say(f"{row.id} still runs; s stops it")
        else:
            self._request("rerun", {"id": row.id}, lambda new: f"{new['id']} does again what {row.id} did")

    def mute(self, row: Row | None) -> None:
        """Turns notifications of a child or worker off, or on again."""
        if row is None:
            self._screen.say(GONE)
            return
        name = row.of["source"] if row.kind is Kind.CHECKPOINT else row.of.get("owner") or row.id
        if row.kind in (Kind.PATTERN, Kind.STEP):
            self._screen.say("only children and workers are muted")
        elif row.of.get("muted"):
            self._request("unmute", {"name": name}, lambda _: f"{name} is heard again")
        else:
            self._request("mute", {"name": name}, lambda _: f"{name} is muted")

    def tui(self, row: Row | None) -> None:
        """Shows Codex's own screen in the window of a child, or the view of it again."""
        if row is None:
            self._screen.say(GONE)
            return
        name = row.of["source"] if row.kind is Kind.CHECKPOINT else row.of.get("owner") or row.id
        if row.kind in (Kind.PATTERN, Kind.STEP, Kind.WORKER):
            self._screen.say("only children have Codex's own screen")
        else:
            self._request("tui", {"name": name}, lambda shown: self._swapped(name, shown))

    def _swapped(self, name: str, shown: Json) -> str:
        self._screen.show_window(shown["window"])
        return f"{name} shows Codex's own screen" if shown["showing"] == "tui" else f"{name} shows the view"

    def _question(self, words: str, method: str, params: Json, done: str) -> None:
        name = next(iter(params.values()))
        self._screen.ask(
            Question(
                self._screen.glyphs.line(words),
                lambda: self._request(method, params, lambda _: f"{name} {done}"),
            )
        )

    def _request(self, method: str, params: Json, told: Callable[[Any], str]) -> None:
        """Asks the controller; nothing while the same was asked and not answered yet."""
        key = (method, next(iter(params.values())))
        if key in self._asked:
            return
        self._asked.add(key)

        def then(result: Any) -> None:
            self._asked.discard(key)
            self._screen.say(told(result))

        def otherwise(error: TmuxorchError) -> None:
            self._asked.discard(key)
            self._screen.say(error.message + (f": {error.hint}" if error.hint else ""))

        self._screen.say(f"{method} {key[1]} {self._screen.glyphs['more']}")
        self._screen.subscription.ask(method, params, then, otherwise)

"""One agent's work as rows, whatever protocol tells of it: here is what a later word refers to."""

from __future__ import annotations

from tmuxorch.host import pieces
from tmuxorch.host.paint import Row
from tmuxorch.host.pulse import Pulse


class Drawing:
    """Remembers what has begun and not ended, the plan, what the turn changed, the last error. What a method returns
    is to be drawn. `now` is when a thing was told (seconds), None if long before; then nothing is timed by it."""

    def __init__(self, cwd: str = "") -> None:
        """Paths below `cwd` are shown from there on."""
        self.cwd = cwd
        self.pulse = Pulse()
        self._turn: float | None = None
        self._in_turn = False
        self._begun: dict[str, tuple[object, float | None]] = {}  # commands and calls, by item
        self._drawn_last = ""  # the item whose beginning was drawn last
        self._plan: pieces.Steps = []
        self._changed: dict[str, tuple[int, int]] = {}  # added and removed lines, by path
        self._error = ""

    # -- the turn

    def turn_begins(self, now: float | None) -> None:
        self._turn, self._in_turn = now, True
        self._plan, self._changed, self._error = [], {}, ""

    def turn_ends(
        self, how: str, now: float | None, seconds: float | None, spent: pieces.Tokens, error: str
    ) -> list[Row]:
        """`how` is "done", "failed" or "interrupted". The same error usually came by itself just before."""
        self._in_turn = False
        self._begun.clear()
        problem = [] if error == self._error else pieces.problem(error)
        seconds = _since(self._turn, now) if seconds is None else seconds
        files = pieces.changed(list(self._changed.values()))
        style = {"failed": "red", "interrupted": "yellow"}.get(how, "green")
        return [*problem, pieces.ended(f"turn {how}", style, seconds, files, pieces.tokens(spent))]

    def fails(self, message: str, passing: bool) -> list[Row]:
        """An error; `passing` if Codex tries again by itself."""
        if not passing:
            self._error = message
        return pieces.problem(message, "dim" if passing else "red")

    def beats(self, now: float | None, waits: str = "") -> None:
        """To be called after each word: what goes on from here, unless it is said with `waits`."""
        begun = [since for _, since in self._begun.values() if since is not None]
        if self._begun and not waits:
            self.pulse.heard(now, "still running", min(begun, default=None))
        else:
            self.pulse.heard(now, waits or ("the model is at work" if self._in_turn else ""), None)

    # -- its items

    def says(self, rows: list[Row]) -> list[Row]:
        """What needs no beginning: a message, a thought."""
        if rows:
            self._drawn_last = ""
        return rows

    def plans(self, steps: pieces.Steps) -> list[Row]:
        before, self._plan = self._plan, steps
        return self.says(pieces.plan(steps, before))

    def runs(self, item: str, command: str, now: float | None) -> list[Row]:
        """A command begins."""
        self._begins(item, command, now)
        return pieces.command(command)

    def ran(
        self, item: str, command: str, now: float | None, how: tuple[int | None, str, float | None, str]
    ) -> list[Row]:
        """The end of a command: exit code, status, seconds and output. It is named again if something came between."""
        code, status, seconds, output = how
        _, above, took = self._ends(item, command, now)
        again = [] if above else pieces.command(command, "dim")
        return again + pieces.result(code, status, took if seconds is None else seconds, output)

    def calls(self, item: str, call: list[Row], now: float | None) -> list[Row]:
        """A call of a tool begins; `call` says of which."""
        self._begins(item, call, now)
        return call

    def called(
        self, item: str, call: list[Row], now: float | None, how: tuple[str, float | None, str]
    ) -> list[Row]:
        """The end of a call: status, seconds and error. Of a short one that went well nothing is said."""
        status, seconds, error = how
        known, above, took = self._ends(item, call, now)
        end = pieces.returned(status, took if seconds is None else seconds, error)
        return (call if not known or (end and not above) else []) + end

    def _begins(self, item: str, what: object, now: float | None) -> None:
        self._begun[item] = what, now
        self._drawn_last = item

    def _ends(self, item: str, what: object, now: float | None) -> tuple[bool, bool, float | None]:
        """Whether it was drawn as this, whether right above, and how long it took."""
        before, since = self._begun.pop(item, (None, None))
        above = item == self._drawn_last
        self._drawn_last = ""
        return before == what, before == what and above, _since(since, now)

    def changes(self, files: list[tuple[str, str, str, str]], status: str) -> list[Row]:
        """Files that were changed, each with kind, path, new path and diff; or not, by the status."""
        rows = self.would_change(files)
        if status in ("declined", "failed"):
            return self.says([*rows, Row(status, "yellow", pieces.INDENT + pieces.BADLY)])
        for kind, path, moved, diff in files:
            added, removed = self._changed.get(moved or path, (0, 0))
            more, less = pieces.counts(kind, diff)
            self._changed[moved or path] = added + more, removed + less
        return self.says(rows)

    def would_change(self, files: list[tuple[str, str, str, str]]) -> list[Row]:
        return [pieces.change(*file, self.cwd) for file in files]


def _since(begun: float | None, now: float | None) -> float | None:
    return None if begun is None or now is None else now - begun

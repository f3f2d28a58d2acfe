"""Up to where a client has heard the news, so that a wait that names no number tells it each piece once."""

from __future__ import annotations


class Heard:
    """Of one session. Codex tells nobody when a turn is interrupted, and throws away what a call says that was under
    way: so what was told to a turn counts as heard only when that turn goes on, and is told again to another one.

    A client that names no turns has heard what it was told.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        self._turn = ""
        self._unsure: tuple[int | None] | None = None
        """Up to where it had surely heard, while it is not sure that it heard the rest."""

    def calls(self, turn: str) -> None:
        """That turn calls a tool: the same one has heard what it was told before."""
        if turn != self._turn and self._unsure:
            (self._number,) = self._unsure
        self._turn, self._unsure = turn, None

    def begins(self, at: int) -> None:
        """It knows where everything stood then, if it was told nothing yet."""
        if self._number is None:
            self._number = at

    def since(self) -> int | None:
        """After which news to go on; None: nothing was told yet."""
        return self._number

    def told(self, upto: int, turn: str) -> None:
        """That turn was told all news up to that number; nobody hears it if another turn has begun since."""
        if turn != self._turn:
            return
        if turn and self._unsure is None:
            self._unsure = (self._number,)
        self._number = upto

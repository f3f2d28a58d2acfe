"""What all full screens have in common: news of the controller, ages that go on, help, and the way out.

Colours are the terminal's own sixteen on its own background, so that a screen fits the person's theme, light or dark.
The mouse stays tmux's: what is selected with it is copied as everywhere else.
"""

from __future__ import annotations

import asyncio
import os
from typing import ClassVar, Protocol

from textual.app import App
from textual.binding import Binding, BindingType
from textual.worker import WorkerFailed

from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.help import Help
from tmuxorch.cli.streams import locale_has_unicode
from tmuxorch.cli.subscription import RETRY, Subscription
from tmuxorch.cli.terminal import is_the_window
from tmuxorch.errors import TmuxorchError
from tmuxorch.store.paths import ProjectPaths

TICK = 1.0
"""Seconds after which ages are drawn anew."""

STAYS = "this window stays; leave the session with your prefix key, then d"


class Follower(Protocol):
    """A part of the screen that is kept up to date as the frame is."""

    def news(self) -> None: ...

    def tick(self) -> None: ...


class Frame(App[None]):
    """A screen that is kept up to date. Who inherits draws in `news` and `tick`.

    In a window that was opened for it, it ends with the window only: the window would be dead without it.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: ansi_default; color: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("q", "leave", "quit"),
        Binding("ctrl+c", "leave", show=False, priority=True),
    ]

    def __init__(self, paths: ProjectPaths) -> None:
        for name in (
            "COLUMNS",
            "LINES",
        ):  # they would be believed more than the terminal, also after it was resized
            os.environ.pop(name, None)
        super().__init__(ansi_color=True)
        self.paths = paths
        self.glyphs = Glyphs(locale_has_unicode())
        self.subscription = Subscription(paths)
        self.fixed = is_the_window()
        self.followers: list[Follower] = []
        """Who is also told of news and ticks, after us."""
        self._watched: int | None = None
        self._wrong: BaseException | None = None

    def show(self) -> None:
        """Is on the terminal until it is left. Raises what went wrong in it, when the terminal is as it was before."""
        self.run(mouse=False)
        if self._wrong is not None:
            raise self._wrong

    def _handle_exception(self, error: Exception) -> None:
        """Ends the screen. Textual's own would print the values of variables too, such as what was just typed, and end
        as if nothing had been."""
        self._wrong = self._wrong or (error.error if isinstance(error, WorkerFailed) else error)
        self._close_messages_no_wait()

    # -- for who inherits

    def news(self) -> None:
        """The subscription has something new: a status, an answer to a request, or a problem."""
        raise NotImplementedError

    def tick(self) -> None:
        """A second has passed."""
        raise NotImplementedError

    def say(self, words: str) -> None:
        """Shows one line to the person, until the next key."""
        raise NotImplementedError

    # -- the loop

    def on_mount(self) -> None:
        self.theme = "ansi-dark"
        self._look()
        self.set_interval(RETRY, self._retry)
        self.set_interval(TICK, self._tick)

    def on_unmount(self) -> None:
        self._watch(None)
        self.subscription.close()

    def _look(self) -> None:
        new = self.subscription.look()
        self._watch(self.subscription.fileno())
        if new:
            self.news()
            for follower in self.followers:
                follower.news()

    def _tick(self) -> None:
        self.tick()
        for follower in self.followers:
            follower.tick()

    def _retry(self) -> None:
        if self.subscription.fileno() is None:
            self._look()

    def _watch(self, handle: int | None) -> None:
        """Has the loop tell when the controller says something."""
        loop = asyncio.get_running_loop()
        if self._watched is not None and self._watched != handle:
            loop.remove_reader(self._watched)
        if handle is not None and self._watched != handle:
            loop.add_reader(handle, self._heard)
        self._watched = handle

    def _heard(self) -> None:
        """The same as for Textual's own events: the loop by itself would go on."""
        try:
            self._look()
        except Exception as error:
            self._handle_exception(error)

    # -- keys

    def action_help(self) -> None:
        """Lists the keys."""
        self.push_screen(Help(self.glyphs, [one for one in self.BINDINGS if isinstance(one, Binding)]))

    def action_leave(self) -> None:
        """Ends the program, or says why not."""
        if self.fixed:
            self.say(STAYS)
        else:
            self.exit()

    def show_window(self, window_id: str) -> None:
        """Makes the person's terminal show a window of our session."""
        from tmuxorch.tmux.going import go

        status = self.subscription.status
        here = os.environ.get("TMUX", "").split(",")[0]
        socket = status["project"]["socket"] if status else ""
        try:
            if not here:
                self.say("this terminal is not in tmux: tmuxorch attach")
            elif os.path.realpath(here) != os.path.realpath(socket):
                self.say(
                    "this terminal is in another tmux than the session: tmuxorch attach in one of its own"
                )
            else:
                go(socket, window_id)
        except TmuxorchError as error:
            self.say(error.message)

    def show_ours(self, key: str) -> None:
        """The same for a window that no status names: `checkpoints`, `orchestrator`…"""
        from tmuxorch.tmux import server

        status = self.subscription.status
        if status is None:
            return
        try:
            place = server.Address(socket_path=status["project"]["socket"])
            session = server.find_session(place, str(self.paths.project))
            rows = server.list_windows(session) if session else []
        except TmuxorchError as error:
            self.say(error.message)
            return
        found = [row.window_id for row in rows if row.key == key]
        if found:
            self.show_window(found[0])
        else:
            self.say(f"there is no window {key}: tmuxorch up")

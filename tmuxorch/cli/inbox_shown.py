"""`tmuxorch checkpoints` with `--watch`, `--once` or `--card`: on a terminal as a screen, elsewhere as text."""

from __future__ import annotations

import os
import sys
import termios
import time
import tty

from tmuxorch.cli import output, render
from tmuxorch.cli.app import App
from tmuxorch.cli.card import NOTHING
from tmuxorch.cli.card import card as as_text
from tmuxorch.cli.output import Json
from tmuxorch.cli.terminal import is_interactive

RETRY = 0.5
"""Seconds after which a controller that is gone is looked for again."""


def all_of_them(app: App) -> None:
    """The window, until it is left; without a terminal the list, anew whenever it has changed, until Ctrl-C."""
    if is_interactive():
        from tmuxorch.cli.screens import inbox

        inbox.run(app.paths)
    else:
        _follow(app)


def one(app: App, wanted: str | None) -> None:
    """The card of `wanted` (None: of the oldest that is open) alone, until it has ended or is left. Raises NotFound for
    an id that is unknown, before anything is shown."""
    waiting: list[Json] = [] if wanted else app.look("checkpoints", all=False)
    if wanted is None and not waiting:
        _say_nothing(app)
        return
    card = app.look("show", id=wanted or waiting[0]["id"])
    if app.json or not is_interactive():
        app.show(card, lambda: as_text(card))
        return
    from tmuxorch.cli.screens import inbox

    inbox.run_card(app.paths, card, others=wanted is None)


def _say_nothing(app: App) -> None:
    """One line, which stays until a key where it would be gone with its window. Keys from before it do not count."""
    if app.json or not is_interactive():
        app.show([], lambda: NOTHING)
        return
    before = termios.tcgetattr(sys.stdin)
    # This throws away what was typed, so it comes before anybody can answer what is shown.
    tty.setcbreak(sys.stdin)
    try:
        app.show([], lambda: NOTHING)
        os.read(sys.stdin.fileno(), 64)
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _follow(app: App) -> None:
    from tmuxorch.cli.subscription import Subscription

    subscription = Subscription(app.paths)
    shown: list[Json] | None = None
    problem = ""
    while True:
        subscription.look()
        if subscription.problem != problem:
            problem = subscription.problem
            output.note(f"tmuxorch: {problem}" if problem else "tmuxorch: the controller is there again")
        status = subscription.status
        if status is not None and status["checkpoints"] != shown:
            shown = status["checkpoints"]
            output.data(output.table(render.checkpoint_rows(shown)) or NOTHING)
        _pause(subscription.fileno())


def _pause(handle: int | None) -> None:
    """Until the controller says something, or is to be looked for."""
    import select

    if handle is None:
        time.sleep(RETRY)
    else:
        select.select([handle], [], [])

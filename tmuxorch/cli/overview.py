"""`tmuxorch overview`."""

from __future__ import annotations

import select
import time

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command
from tmuxorch.cli.output import Json

PAUSE = 2.0
"""Seconds between two printed lists at the least, in a window that cannot be drawn on."""


@command("overview")
@click.pass_obj
def overview(app: App) -> None:
    """Watch the run, children, workers and checkpoints. q ends it."""
    from tmuxorch.cli.terminal import is_interactive, is_the_window

    if is_interactive() and not app.json:
        from tmuxorch.cli.screens.overview import Overview

        Overview(app.paths).show()
    elif is_the_window() and not app.json:
        _print_for_ever(app)
    else:
        _print(app)


def _print(app: App) -> None:
    found = app.look("status")

    def text() -> str:
        from tmuxorch.cli import standing

        return standing.status(found)

    app.show(found, text)


def _print_for_ever(app: App) -> None:
    """Prints the lists whenever something else than the time is another."""
    from tmuxorch.cli import standing
    from tmuxorch.cli.subscription import RETRY, Subscription

    subscription = Subscription(app.paths)
    printed: tuple[str, Json] = ("", {})
    while True:
        subscription.look()
        status = subscription.status or {}
        new = subscription.problem, {**status, "at": ""}
        if new != printed and (subscription.problem or status):
            output.data((subscription.problem or standing.status(status)) + "\n\n")
            printed = new
            time.sleep(PAUSE)
        handle = subscription.fileno()
        select.select([] if handle is None else [handle], [], [], RETRY)

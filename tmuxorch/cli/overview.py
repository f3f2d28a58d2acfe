"""`tmuxorch overview`: the live dashboard."""

from __future__ import annotations

import time

import click

from tmuxorch.cli.app import App, command
from tmuxorch.errors import Refused

TICK = 1.0
"""Seconds after which elapsed times are drawn anew."""

PAUSE = 0.2
"""Seconds between two drawings at the least."""


@command("overview")
@click.pass_obj
def overview(app: App) -> None:
    """Watch the run, children, workers and checkpoints. q ends it."""
    from tmuxorch.cli.terminal import is_interactive

    if app.json or not is_interactive():
        raise Refused("overview needs a terminal", hint="tmuxorch status")
    watch(app)


def watch(app: App) -> None:
    """Draws until q; in a window that was opened for it, for ever."""
    from tmuxorch.cli.dashboard import lines
    from tmuxorch.cli.subscription import Subscription
    from tmuxorch.cli.terminal import is_the_window, opened

    subscription, fixed = Subscription(app.paths), is_the_window()
    with opened() as terminal:
        drawn_at, dirty = 0.0, True
        while True:
            dirty |= subscription.look()
            if time.monotonic() >= drawn_at + (PAUSE if dirty else TICK):
                status, activity = subscription.status, subscription.activity
                terminal.draw(lines(status, activity, subscription.problem, *terminal.size, time.time()))
                drawn_at, dirty = time.monotonic(), False
            rest = drawn_at + (PAUSE if dirty else TICK) - time.monotonic()
            keys = terminal.wait(subscription.fileno(), max(rest, 0.0))
            if not fixed and ("q" in keys or "interrupt" in keys):
                break
            dirty |= bool(keys)
    subscription.close()

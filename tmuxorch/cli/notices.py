"""`tmuxorch mute` and `unmute`."""

from __future__ import annotations

import click

from tmuxorch.cli.app import App, command


@command("mute")
@click.argument("name")
@click.pass_obj
def mute(app: App, name: str) -> None:
    """Call nobody any more about a child, a worker, or the lead (orchestrator). What waits is shown as before."""
    found = app.ask("mute", name=name)
    app.show(found, lambda: f"{name} is muted: nobody is called about it")


@command("unmute")
@click.argument("name")
@click.pass_obj
def unmute(app: App, name: str) -> None:
    """Call people again about a child, a worker, or the lead (orchestrator)."""
    found = app.ask("unmute", name=name)
    app.show(found, lambda: f"{name} is not muted: people are called about it")

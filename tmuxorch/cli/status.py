"""`tmuxorch status`."""

from __future__ import annotations

import click

from tmuxorch.cli.app import App, command


@command("status")
@click.pass_obj
def status(app: App) -> None:
    """Show the project: its run, children, workers, and what waits for you."""
    found = app.look("status")

    def text() -> str:
        from tmuxorch.cli import standing

        return standing.status(found)

    app.show(found, text)

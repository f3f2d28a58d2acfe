"""`tmuxorch plan`."""

from __future__ import annotations

import os
import shlex
import subprocess

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, group
from tmuxorch.cli.output import Json
from tmuxorch.errors import PlanError, Refused, TmuxorchError


@group("plan")
def plan() -> None:
    """Show, check, approve or edit plan.md."""


@plan.command("show")
@click.pass_obj
def show(app: App) -> None:
    """Print plan.md."""
    found = _found(app)
    app.show(found, lambda: str(found["markdown"]))


@plan.command("validate")
@click.pass_obj
def validate(app: App) -> None:
    """Check plan.md: exit code 2 and the lines that are wrong, if it cannot be executed."""
    _check(app, _found(app))


@plan.command("approve")
@click.pass_obj
def approve(app: App) -> None:
    """Accept the plan that waits at the gate."""
    from tmuxorch.cli.card import ended

    waiting = [point for point in app.ask("checkpoints", all=False) if point["kind"] == "plan"]
    if not waiting:
        raise Refused("no plan waits to be approved", hint="tmuxorch status")
    point = app.ask("answer", id=waiting[0]["id"], choice="accept", text="", values={}, digest=None)
    app.show(point, lambda: f"{point['id']} {ended(point)}")


@plan.command("edit")
@click.pass_obj
def edit(app: App) -> None:
    """Open plan.md in $VISUAL or $EDITOR, then check it. Saving takes effect at once if it is valid."""
    path = _found(app)["path"]
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        done = subprocess.run([*shlex.split(editor), path], check=False)
    except OSError as error:
        raise TmuxorchError(
            f"the editor {editor} does not start: {error.strerror}", hint="set EDITOR"
        ) from error
    if done.returncode:
        raise TmuxorchError(f"{editor} ended with exit code {done.returncode}")
    _check(app, _found(app))


def _found(app: App) -> Json:
    found: Json = app.look("plan")
    return found


def _check(app: App, found: Json) -> None:
    problems = found["problems"]
    if problems:
        if not app.json:
            output.note(f"{found['path']} is not valid; the last good plan stays in force:")
        raise PlanError("\n".join(problems), hint="tmuxorch plan edit")
    app.show({"path": found["path"], "valid": True}, lambda: f"{found['path']} is valid")

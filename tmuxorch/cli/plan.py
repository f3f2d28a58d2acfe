"""`tmuxorch plan`."""

from __future__ import annotations

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, group
from tmuxorch.cli.output import Json
from tmuxorch.errors import PlanError, Refused


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
    from tmuxorch.cli import via
    from tmuxorch.cli.card import ended

    waiting = [point for point in app.ask("checkpoints", all=False) if point["kind"] == "plan"]
    if not waiting:
        raise Refused("no plan waits to be approved", hint="tmuxorch status")
    where = via.of_command()
    point = app.ask(
        "answer", id=waiting[0]["id"], choice="accept", text="", values={}, digest=None, via=where
    )
    app.show(point, lambda: f"{point['id']} {ended(point)}")


@plan.command("edit")
@click.option(
    "--fresh", is_flag=True, help="Begin with plan.md as it is, not with an edit that was left unfinished."
)
@click.pass_obj
def edit(app: App, fresh: bool) -> None:
    """Edit plan.md in $VISUAL or $EDITOR.

    It is a copy that is edited. When it is valid, it is in force at once and what has changed is shown; when it is not,
    nothing changes, and the next edit goes on from it.
    """
    from tmuxorch.cli import plan_edit

    plan_edit.edit(app, fresh=fresh)


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

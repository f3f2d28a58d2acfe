"""`tmuxorch runs`, `cancel` and `report`."""

from __future__ import annotations

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command
from tmuxorch.cli.output import Json
from tmuxorch.errors import NotFound
from tmuxorch.store.paths import ProjectPaths


@command("runs")
@click.pass_obj
def runs(app: App) -> None:
    """List all runs of the project."""
    from tmuxorch.cli import render

    found = app.look("runs")
    app.show(found, lambda: output.table(render.run_rows(found), render.RUNS_GIVE))


@command("cancel")
@click.argument("run")
@click.pass_obj
def cancel(app: App, run: str) -> None:
    """Give a run up. What was changed stays as it is."""
    from tmuxorch.cli import render

    with output.waiting(f"cancelling {run}"):
        found = app.ask("cancel", id=run)
    app.show(found, lambda: render.run_line(found))


@command("report")
@click.argument("run", required=False)
@click.pass_obj
def report(app: App, run: str | None) -> None:
    """Print the report of a run (of the newest one that has a report)."""
    found = find_report(app.paths, run)
    app.show(found, lambda: str(found["markdown"]))


def find_report(paths: ProjectPaths, run: str | None) -> Json:
    """Path and text of a report. Raises NotFound."""
    if run:
        path = paths.report(run) if run.isalnum() else None
    else:
        written = sorted(paths.reports.glob("R*.md"), key=lambda path: (len(path.name), path.name))
        path = written[-1] if written else None
    if path is None or not path.is_file():
        what = f"run {run} has no report" if run else "there is no report yet"
        raise NotFound(what, hint="tmuxorch runs")
    return {"path": str(path), "markdown": path.read_text(encoding="utf-8", errors="replace")}

"""`tmuxorch init`, `up` and `down`."""

from __future__ import annotations

from pathlib import Path

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command
from tmuxorch.errors import ControllerUnavailable
from tmuxorch.store.paths import ProjectPaths

FAILED = 1


@command("init")
@click.argument("children", nargs=-1, metavar="[NAME=PATH]...")
@click.pass_obj
def init(app: App, children: tuple[str, ...]) -> None:
    """Write orchestrator.config.yaml here, with these repos as children. Never overwrites one."""
    from tmuxorch.cli.kickoff import pairs
    from tmuxorch.store.setup import first_config

    paths = ProjectPaths(app.place)
    named = pairs(children, Path.cwd())
    first_config(paths, named)
    app.show({"path": str(paths.config), "children": list(named)}, lambda: f"wrote {paths.config}")
    if not app.json:
        output.note('next: tmuxorch up, then tmuxorch run "what is to be done"')


@command("up")
@click.option(
    "--resume-now", is_flag=True, help="End a pause after a usage limit, rate limit or missing login at once."
)
@click.pass_obj
def up(app: App, resume_now: bool) -> None:
    """Start the controller and every agent, or bring back what is not running."""
    from tmuxorch.cli import standing
    from tmuxorch.cli.start import start

    with output.waiting("starting controller and agents", "what was begun goes on: tmuxorch status"):
        start(app.paths)
        status = app.ask("resume_now" if resume_now else "status")
    app.show(status, lambda: standing.status(status))
    if failed := [child["name"] for child in status["children"] if child["state"] == "failed"]:
        if not app.json:
            output.note(f"tmuxorch: {', '.join(failed)} did not come up\n  try: tmuxorch checkpoints")
        raise click.exceptions.Exit(FAILED)
    if not app.json:
        output.note("look at it: tmuxorch attach")


def _end_demo(paths: ProjectPaths) -> None:
    """The scripted model of a demo that was kept is nobody else's to stop."""
    from tmuxorch.cli.demo_stage import Stage, clear, model_directory

    model = model_directory(paths)
    if model.is_dir():
        clear(Stage(paths=paths, model=model))


@command("down")
@click.option(
    "--kill-agents", is_flag=True, help="Stop App Servers, workers and checks too, and end the session."
)
@click.pass_obj
def down(app: App, kill_agents: bool) -> None:
    """Stop the controller; agents go on unless told otherwise, and `up` finds them again."""
    from tmuxorch.cli.client import OtherVersion, connect, dial
    from tmuxorch.cli.start import open_controller

    try:
        try:
            client = connect(app.paths)
        except OtherVersion:
            client = dial(app.paths)
    except ControllerUnavailable:
        if kill_agents and app.paths.journal.is_dir():
            client = open_controller(app.paths)  # only a controller knows what there is to stop
        else:
            app.show({"stopped": False}, lambda: "the controller was not running")
            return
    with client, output.waiting("stopping", "what was begun goes on: tmuxorch status"):
        client.end_controller(kill_agents=kill_agents)
        if kill_agents:
            _end_demo(app.paths)
    what = "the controller, all agents and the session" if kill_agents else "the controller; agents go on"
    app.show({"stopped": True}, lambda: f"stopped {what}")

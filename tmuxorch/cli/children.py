"""`tmuxorch child …`, `ask`, `steer`, `interrupt` and `tui`."""

from __future__ import annotations

from pathlib import Path

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command, group, read_text
from tmuxorch.cli.output import Json
from tmuxorch.errors import TmuxorchError

DOING = {
    "child_add": "starting {}",
    "child_start": "starting {}",
    "child_stop": "stopping {}",
    "child_restart": "restarting {}",
}
"""What is said of a request while it is waited for."""


@group("child")
def child() -> None:
    """List, add, remove, start and stop children."""


@child.command("ls")
@click.pass_obj
def ls(app: App) -> None:
    """List the children."""
    from tmuxorch.cli import render

    found = app.look("status")["children"]
    table = output.table(render.child_rows(found), render.CHILDREN_GIVE)
    app.show(found, lambda: "\n".join(filter(None, (table, *render.command_lines(found)))))


@child.command("add")
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--endpoint",
    default="",
    metavar="URL",
    help="An App Server that runs already: unix:///path or ws://host:port.",
)
@click.option(
    "--token-env", default="", metavar="NAME", help="The environment variable that holds its token."
)
@click.pass_obj
def add(app: App, name: str, path: Path, endpoint: str, token_env: str) -> None:
    """Add a repo as a child to the configuration, and start it (or connect to its App Server)."""
    from tmuxorch.cli.kickoff import pairs
    from tmuxorch.store.setup import add_children, attach_child

    if endpoint or token_env:
        attach_child(app.paths, name, path, endpoint, token_env)
    else:
        add_children(app.paths, pairs([f"{name}={path}"], Path.cwd()))
    _done(app, "child_add", name)


@child.command("rm")
@click.argument("name")
@click.pass_obj
def rm(app: App, name: str) -> None:
    """Stop a child and take it out of the configuration. Its repo is not touched."""
    from tmuxorch.cli.start import open_controller
    from tmuxorch.store.setup import drop_child

    # Without the others, because a child that is no repo any more keeps them from being started.
    with output.waiting(f"removing {name}"), open_controller(app.paths) as client:
        client.call("child_rm", {"name": name})
        drop_child(app.paths, name)
    app.show({"name": name}, lambda: f"removed {name}")


@child.command("start")
@click.argument("name")
@click.pass_obj
def start(app: App, name: str) -> None:
    """Start a child's App Server, or connect to one that is not ours."""
    _done(app, "child_start", name)


@child.command("stop")
@click.argument("name")
@click.pass_obj
def stop(app: App, name: str) -> None:
    """Stop a child's App Server, and keep it stopped; one that is not ours is only let go of."""
    _done(app, "child_stop", name)


@child.command("restart")
@click.argument("name")
@click.pass_obj
def restart(app: App, name: str) -> None:
    """Stop a child's App Server and start it again, or connect anew; its thread goes on."""
    _done(app, "child_restart", name)


def _done(app: App, method: str, name: str) -> None:
    from tmuxorch.cli import render

    doing = DOING[method].format(name)
    with output.waiting(doing, f"still {doing}; how it is: tmuxorch child ls"):
        found = app.ask(method, name=name)
    app.show(found, lambda: output.table(render.child_rows([found]), render.CHILDREN_GIVE))


@command("ask")
@click.argument("name")
@click.argument("prompt")
@click.option(
    "--timeout", type=click.FloatRange(min=0.001), metavar="S", help="Give up waiting after S seconds."
)
@click.pass_obj
def ask(app: App, name: str, prompt: str, timeout: float | None) -> None:
    """Give a child (or the lead: orchestrator) a read-only turn and print what it says. PROMPT - reads stdin."""
    words = read_text(prompt)
    with output.waiting(
        f"waiting for what {name} says", f"{name} goes on; end its turn: tmuxorch interrupt {name}"
    ):
        turn: Json = app.ask("ask", name=name, prompt=words, timeout=timeout)
    if turn["outcome"] != "completed" and not app.json:
        raise TmuxorchError(
            f"the turn of {name} {turn['outcome']}: {turn.get('error') or 'no reason given'}",
            hint=f"tmuxorch logs {name}",
        )
    app.show(turn, lambda: str(turn["message"]))
    if turn["outcome"] != "completed":
        raise click.exceptions.Exit(1)


@command("steer")
@click.argument("name")
@click.argument("text")
@click.pass_obj
def steer(app: App, name: str, text: str) -> None:
    """Add to what a child is doing right now. TEXT - reads stdin."""
    words = read_text(text)
    with output.waiting(f"telling {name}"):
        turn = app.ask("steer", name=name, text=words)
    app.show(turn, lambda: f"told {name}, in turn {turn['turn']}")


@command("interrupt")
@click.argument("name")
@click.pass_obj
def interrupt(app: App, name: str) -> None:
    """End what a child is doing right now."""
    with output.waiting(f"interrupting {name}"):
        turn = app.ask("interrupt", name=name)
    app.show(turn, lambda: f"interrupted turn {turn['turn']} of {name}")


@command("tui")
@click.argument("name")
@click.pass_obj
def tui(app: App, name: str) -> None:
    """Swap a child's live view for Codex's own TUI on the same thread, or back."""
    with output.waiting(f"swapping the pane of {name}"):
        found = app.ask("tui", name=name)
    shows = "Codex's own TUI" if found["showing"] == "tui" else "the live view"
    app.show(found, lambda: f"window {found['window']} of {name} shows {shows}")

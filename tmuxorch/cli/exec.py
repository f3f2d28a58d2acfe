"""`tmuxorch exec`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command, read_text
from tmuxorch.cli.output import Json
from tmuxorch.errors import UsageError

ROLES = ("reviewer", "researcher", "implementer", "verifier", "scout", "free")
SCOPES = ("read-only", "edit", "full")


@command("exec")
@click.argument("task")
@click.option("--role", type=click.Choice(ROLES), default="free", show_default=True)
@click.option("--label", metavar="TEXT", help="Name of its window (default: the role).")
@click.option(
    "--cd", "place", metavar="DIR", type=click.Path(path_type=Path), help="Where it works (default: here)."
)
@click.option("--scope", type=click.Choice(SCOPES), default="read-only", show_default=True)
@click.option("--path", "paths", multiple=True, metavar="P", help="What an editing worker may change.")
@click.option("--lens", default="", metavar="TEXT", help="What to look at it for.")
@click.option("--context", "context", multiple=True, metavar="FILE|KEY=TEXT", help="Of the Context Pack.")
@click.option("--schema", metavar="FILE", type=click.Path(path_type=Path), help="JSON Schema of its answer.")
@click.option("--model", default="", metavar="M")
@click.option("--timeout", type=click.FloatRange(min=0.001), metavar="S", help="Stop it after S seconds.")
@click.option("--wait", is_flag=True, help="Print its result, exit by its outcome.")
@click.pass_obj
def exec(
    app: App,
    task: str,
    role: str,
    label: str | None,
    place: Path | None,
    scope: str,
    paths: tuple[str, ...],
    lens: str,
    context: tuple[str, ...],
    schema: Path | None,
    model: str,
    timeout: float | None,
    wait: bool,
) -> None:
    """Start one `codex exec` worker in a window and print its id. TASK - reads stdin."""
    from tmuxorch.cli.context import pack

    if task == "-" and sys.stdin.isatty():
        output.note("type the task, then Ctrl-D")
    words = read_text(task)
    if not words.strip():
        raise UsageError("the task is empty", hint='tmuxorch exec "what is to be done"')
    where = app.place if place is None else _directory(place)
    worker: Json = app.ask(
        "exec",
        label=label or role,
        role=role,
        task=words,
        cd=str(where),
        scope=scope,
        paths=list(paths),
        lens=lens,
        context=pack(context, Path.cwd()),
        schema=_schema(schema),
        model=model,
        timeout=timeout,
    )
    if not wait:
        app.show(worker, lambda: str(worker["id"]))
        return
    from tmuxorch.cli.workers import finish

    output.note(f"{worker['id']} started; look at it: tmuxorch attach {worker['id']}")
    finish(app, worker["id"])


def _directory(place: Path) -> Path:
    path = (Path.cwd() / place.expanduser()).resolve()
    if not path.is_dir():
        raise UsageError(f"--cd: there is no directory {place}", hint="tmuxorch exec --cd DIR …")
    return path


def _schema(path: Path | None) -> Json | None:
    if path is None:
        return None
    try:
        schema = json.loads(path.expanduser().read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"--schema: {path} cannot be read as JSON: {error}") from None
    if not isinstance(schema, dict):
        raise UsageError(f"--schema: {path} is not a JSON object")
    return schema

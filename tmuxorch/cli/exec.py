"""`tmuxorch exec`."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command, look_at, read_text
from tmuxorch.cli.output import Json
from tmuxorch.errors import UsageError

SCOPES = ("read-only", "edit", "full")

CD = click.option(
    "--cd", "place", metavar="DIR", type=click.Path(path_type=Path), help="Where it works (default: here)."
)
CONTEXT = click.option(
    "--context",
    "context",
    multiple=True,
    metavar="FILE|KEY=TEXT",
    help="What it has to know: Goal=TEXT and so on, or a file of that.",
)
PATHS = click.option("--path", "paths", multiple=True, metavar="P", help="What an editing worker may change.")
MODEL = click.option("--model", default="", metavar="M", help="The model (default: Codex's own setting).")
TIMEOUT = click.option(
    "--timeout", type=click.FloatRange(min=0.001), metavar="S", help="Stop it after S seconds."
)
WORKTREE = click.option("--worktree", is_flag=True, help="Edit in a git worktree made for it.")
WAIT = click.option("--wait", is_flag=True, help="Print its result, exit by its outcome.")


@command("exec")
@click.argument("task")
@click.option(
    "--role",
    default="free",
    show_default=True,
    help="reviewer, researcher, implementer, verifier, scout, free, or one of your own.",
)
@click.option("--label", metavar="TEXT", help="Name of its window (default: the role).")
@CD
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="read-only",
    show_default=True,
    help="What it may do to files.",
)
@click.option("--yes-really-full", "really_full", is_flag=True, help="Allow --scope full: no sandbox at all.")
@PATHS
@click.option(
    "--lens", default="", metavar="TEXT", help="What to look at it for: a name, or words of your own."
)
@CONTEXT
@click.option("--schema", metavar="FILE", type=click.Path(path_type=Path), help="JSON Schema of its answer.")
@MODEL
@TIMEOUT
@WORKTREE
@click.option("--show-prompt", is_flag=True, help="Print what it would be told, and start nothing.")
@WAIT
@click.pass_obj
def exec(
    app: App,
    task: str,
    role: str,
    label: str | None,
    place: Path | None,
    scope: str,
    really_full: bool,
    paths: tuple[str, ...],
    lens: str,
    context: tuple[str, ...],
    schema: Path | None,
    model: str,
    timeout: float | None,
    worktree: bool,
    show_prompt: bool,
    wait: bool,
) -> None:
    """Start one `codex exec` worker in a window and print its id. TASK - reads stdin.

    \b
    tmuxorch exec "How is the API tested?" --wait
    tmuxorch exec --role reviewer --lens security "Review the last commit"
    tmuxorch exec --scope edit --path src --worktree "Fix the time-out"
    git diff | tmuxorch exec --role reviewer -
    """
    told = {
        "task": task_of(task, 'tmuxorch exec "what is to be done"'),
        "role": role,
        "scope": scope,
        "paths": list(paths),
        "lens": lens,
        "context": _pack(context),
        "schema": _schema(schema),
    }
    _check_names(app, role, lens)
    if show_prompt:
        found = app.look("prompt", **told)
        app.show(found, lambda: str(found["prompt"]))
        return
    cd = str(directory(app, place))
    with output.waiting("starting the worker"):
        worker: Json = app.ask(
            "exec",
            **told,
            label=label or role,
            cd=cd,
            model=model,
            timeout=timeout,
            worktree=worktree,
            really_full=really_full,
        )
    if not wait:
        app.show(worker, lambda: str(worker["id"]))
        if worker["waits_for"] and not app.json:
            output.note(_begun(worker))
        return
    from tmuxorch.cli.workers import finish

    output.note(_begun(worker))
    finish(app, worker["id"])


def _begun(worker: Json) -> str:
    """What is said of a worker that is waited for."""
    name = worker["id"]
    if worker["state"] != "queued":
        return f"{name} started; look at it: tmuxorch attach {name}"
    holders = ", ".join(worker["waits_for"])
    return f"{name} is queued" + (f": it waits for {holders}" if holders else "")


def _check_names(app: App, role: str, lens: str) -> None:
    """Raises UsageError for a role or lens that is not there, before anything is started."""
    from tmuxorch.store.templates import Templates

    templates = Templates(app.paths.project, os.environ)
    templates.role(role)
    if lens:
        templates.lens(lens)


def task_of(argument: str, hint: str) -> str:
    """The task in an argument, or on stdin if that is `-`. UsageError with `hint` when it is empty."""
    if argument == "-" and sys.stdin.isatty():
        output.note("type the task, then Ctrl-D")
    words = read_text(argument)
    if not words.strip():
        raise UsageError("the task is empty", hint=hint)
    return words


def directory(app: App, place: Path | None) -> Path:
    """Where to work: `place`, else where the caller is. UsageError when it is not there."""
    if place is None:
        return app.place
    path = (Path.cwd() / place.expanduser()).resolve()
    if not path.is_dir():
        raise UsageError(f"--cd: there is no directory {place}", hint=look_at(path))
    return path


def _pack(context: tuple[str, ...]) -> dict[str, str]:
    from tmuxorch.cli.context import pack

    return pack(context, Path.cwd())


def _schema(path: Path | None) -> Json | None:
    if path is None:
        return None
    from tmuxorch.codex.schemas import check_strict

    try:
        schema = json.loads(path.expanduser().read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"--schema: {path} cannot be read as JSON: {error}", hint=look_at(path)) from None
    if not isinstance(schema, dict):
        raise UsageError(f"--schema: {path} is not a JSON object", hint=_shows(path))
    if wrong := check_strict(schema):
        raise UsageError(
            f"--schema: {path} is not in OpenAI's strict form: {'; '.join(wrong)}", hint=_shows(path)
        )
    return schema


def _shows(path: Path) -> str:
    return shlex.join(["cat", str(path)])

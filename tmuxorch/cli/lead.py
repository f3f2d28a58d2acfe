"""`tmuxorch lead`."""

from __future__ import annotations

import os
import sys

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command, read_text
from tmuxorch.cli.output import Json
from tmuxorch.cli.streams import styled
from tmuxorch.errors import UsageError

WINDOW = "orchestrator"

FULL = """\
full autonomy: the lead has no sandbox and asks nobody. It can change, delete and send whatever you can.
It still cannot answer checkpoints or accept a plan, and children and workers stay as they are configured.
End it: tmuxorch lead, without the option"""


@command("lead")
@click.argument("problem", required=False)
@click.option("--no-attach", is_flag=True, help="Do not show the window in this terminal.")
@click.option("--stop", is_flag=True, help="End it: the lead is only given turns by tmuxorch again.")
@click.option(
    "--dangerously-bypass-approvals-and-sandbox",
    "full",
    is_flag=True,
    help="Let the lead do everything unasked, without a sandbox, until `tmuxorch lead` is typed without this.",
)
@click.pass_obj
def lead(app: App, problem: str | None, no_attach: bool, stop: bool, full: bool) -> None:
    """Talk to the lead in Codex's own TUI, with tmuxorch's tools and skill; PROBLEM is what it begins with.

    It plans, delegates to children and workers, and comes back when you are needed. You may detach: it goes on. Without
    PROBLEM nothing is asked of the model before you type. PROBLEM - reads stdin.

    \b
    tmuxorch lead
    tmuxorch lead "Connecting a device times out"
    """
    if stop:
        if problem is not None or full or no_attach:
            raise UsageError("--stop goes alone", hint="tmuxorch lead --stop")
        _stop(app)
    else:
        _open(app, "" if problem is None else _words(problem), full, no_attach)


def _words(problem: str) -> str:
    words = read_text(problem).strip()
    if not words:
        raise UsageError("there is no problem to begin with", hint="tmuxorch lead")
    return words


def _stop(app: App) -> None:
    with output.waiting("ending the lead's window"):
        closed: Json = app.ask("lead_close")
    app.show(
        closed, lambda: f"the lead is given turns by tmuxorch alone; window {WINDOW} shows its live view"
    )


def _open(app: App, problem: str, full: bool, no_attach: bool) -> None:
    from tmuxorch.cli.attach import attach_argv
    from tmuxorch.cli.start import start

    with output.waiting("starting the lead", f"still starting it; how it is: tmuxorch attach {WINDOW}"):
        start(app.paths)
        opened: Json = app.ask("lead_open", full=full, problem=problem)
    if full and not app.json:
        output.note(styled(FULL, "red", sys.stderr))
    if app.json or no_attach or not (sys.stdin.isatty() and sys.stdout.isatty()):
        app.show(opened, lambda: _where(opened))
        return
    argv = attach_argv(app.paths, WINDOW)
    os.execv(argv[0], argv)


def _where(opened: Json) -> str:
    begun = f", and begins turn {opened['turn']}" if opened["turn"] else ""
    return f"the lead is in window {WINDOW}{begun}; go there: tmuxorch attach {WINDOW}"

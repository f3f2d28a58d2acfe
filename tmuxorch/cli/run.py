"""`tmuxorch run`."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from pathlib import Path

import click
from msgspec.structs import replace

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command, look_at, read_text
from tmuxorch.cli.kickoff import Kickoff, is_pair, pairs, parse
from tmuxorch.cli.output import Json
from tmuxorch.errors import NotFound, UsageError

FAILED = 1


@command("run")
@click.argument("words", nargs=-1, metavar="[PROBLEM] [NAME=PATH]...")
@click.option(
    "-f",
    "file",
    metavar="KICKOFF.md",
    help="Problem, children, requests from a kickoff prompt (- reads stdin).",
)
@click.option("--logging", metavar="TEXT", help="Logging to be added: becomes items of the plan.")
@click.option("--instrumentation", metavar="TEXT", help="Instrumentation to be added, likewise.")
@click.option("--pre-tests", metavar="TEXT", help="Tests to be made before the work, likewise.")
@click.option(
    "--fresh", is_flag=True, help="Ask every child anew, also where nothing changed since a former run."
)
@click.option("--yes", is_flag=True, help="Execute a valid plan without asking.")
@click.option("--detach", is_flag=True, help="Print the run's id and return.")
@click.pass_obj
def run(
    app: App,
    words: tuple[str, ...],
    file: str | None,
    logging: str | None,
    instrumentation: str | None,
    pre_tests: str | None,
    fresh: bool,
    yes: bool,
    detach: bool,
) -> None:
    """Begin a run over the children and follow it: connect, understand, plan, gate, execute, verify, report.

    NAME=PATH takes a repo as a child (it is added to the configuration); without, all children take part. Without a
    problem, a kickoff prompt is read from what is piped in. Ctrl-C stops following; the run goes on.

    \b
    tmuxorch run "Connecting a device times out" api=../api app=../app
    tmuxorch run "Rename the field user to owner" --yes --detach
    tmuxorch run -f KICKOFF.md

    \b
    KICKOFF.md:
      The problem is: connecting a device times out
      The child repo directories are:
      - api=../api
    """
    kickoff = _kickoff(words, file)
    _take_children(app, kickoff)
    options = {"logging": logging, "instrumentation": instrumentation, "pre-tests": pre_tests}
    with output.waiting("starting the run"):
        begun: Json = app.ask(
            "run",
            problem=kickoff.problem,
            yes=yes,
            children=list(kickoff.children) or None,
            requests=[
                *({"kind": one.kind, "text": one.text} for one in kickoff.requests),
                *({"kind": kind, "text": text} for kind, text in options.items() if text),
            ],
            fresh=fresh,
        )
    if detach:
        app.show(begun, lambda: str(begun["id"]))
    else:
        _follow(app, begun)


def _follow(app: App, begun: Json) -> None:
    from tmuxorch.cli.follow import follow, heading
    from tmuxorch.cli.runs import find_report

    output.note(f"{heading(begun)}\nlook at it: tmuxorch attach · answer: tmuxorch attach checkpoints")
    try:
        ended = follow(app.paths, ("wait_run", {"id": begun["id"]}))
    except KeyboardInterrupt:
        output.note(
            f"\n{begun['id']} goes on; look at it: tmuxorch overview · give it up: tmuxorch cancel {begun['id']}"
        )
        raise

    def report() -> str:
        try:
            return str(find_report(app.paths, begun["id"])["markdown"])
        except NotFound:
            return ""

    app.show(ended, report)
    if ended["outcome"] != "succeeded":
        if not app.json:
            output.note(f"tmuxorch: {begun['id']} {ended['outcome']}")
        raise click.exceptions.Exit(FAILED)


def _kickoff(words: tuple[str, ...], file: str | None) -> Kickoff:
    """From a file or stdin the whole, else the problem in words; children also as arguments."""
    here = Path.cwd()
    named = pairs([word for word in words if is_pair(word)], here)
    problems = [word for word in words if not is_pair(word)]
    if len(problems) > 1:
        hint = shlex.join(["tmuxorch", "run", " ".join(problems)])
        raise UsageError(f"the problem is one argument, not {len(problems)}", hint=hint)
    if problems and file is not None:
        raise UsageError(
            "the problem is given twice, as an argument and by -f",
            hint=shlex.join(["tmuxorch", "run", "-f", file]),
        )
    if problems and problems[0] != "-":
        kickoff = Kickoff(problem=problems[0].strip())
    elif file is not None:
        kickoff = parse(_read(file), here)
    else:
        kickoff = parse(read_text("-"), here) if problems or _piped() else Kickoff(problem="")
    if not kickoff.problem:
        raise UsageError("there is no problem to work on", hint='tmuxorch run "what is to be done"')
    return replace(kickoff, children={**kickoff.children, **named})


def _piped() -> bool:
    """Whether stdin is a pipe or a file, so that reading it asks nobody at a terminal."""
    try:
        kind = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(kind) or stat.S_ISREG(kind)


def _read(file: str) -> str:
    if file == "-":
        return read_text(file)
    try:
        return Path(file).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"-f: {file} cannot be read: {error}", hint=look_at(Path(file))) from None


def _take_children(app: App, kickoff: Kickoff) -> None:
    from tmuxorch.store.config import load
    from tmuxorch.store.setup import add_children

    if kickoff.children:
        add_children(app.paths, kickoff.children)
    elif not load(app.paths.config).children:
        raise UsageError("the project has no children", hint="tmuxorch child add backend ../backend")

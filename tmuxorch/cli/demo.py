"""`tmuxorch demo`: the whole product on sample repos and a scripted model."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command
from tmuxorch.cli.output import Json
from tmuxorch.errors import ControllerUnavailable, NotFound, Refused, TmuxorchError
from tmuxorch.store.paths import ProjectPaths

if TYPE_CHECKING:
    from tmuxorch.cli.client import Client
    from tmuxorch.cli.demo_stage import Stage
    from tmuxorch.demo.stories import Aside, Story

FAILED = 1


@command("demo")
@click.option(
    "--dir", "directory", metavar="DIR", type=click.Path(path_type=Path), help="Default: a new one."
)
@click.option(
    "--story",
    type=click.Choice(("onboarding", "checkout", "review", "lead")),
    default="onboarding",
    show_default=True,
    help="What is done in it.",
)
@click.option("--auto", is_flag=True, help="Answer the checkpoints too; needs no terminal.")
@click.option("--keep", is_flag=True, help="Leave agents and session running at the end.")
@click.pass_obj
def demo(app: App, directory: Path | None, story: str, auto: bool, keep: bool) -> None:
    """Show a whole run: three sample repos, a scripted model, the real Codex and tmux. No account is needed.

    In the story `onboarding` agents work in the repos themselves, beside two exec workers. In `checkout` they work in
    worktrees and their work is committed, a contract changes on the way, and the plan with it. `review` shows
    patterns: reviewers whose findings become one list, then a change that is verified. In `lead` Codex itself leads, in
    the window `orchestrator`: it is told the problem, plans, delegates, asks you, and is woken when something is done.

    Your own Codex and tmux settings are neither read nor changed.
    """
    if not auto and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("the demo needs a terminal for your answers", hint="tmuxorch demo --auto")
    from tmuxorch.demo.stories import STORIES

    _check_tools()
    place = Path(tempfile.mkdtemp(prefix="tmuxorch-", dir="/tmp")) if directory is None else directory
    with _ends_as_interrupt():
        ended = _play(place, STORIES[story], auto, keep)
    if app.json:
        output.as_json(ended)
    if any(one["outcome"] != "succeeded" for one in (ended["run"], *ended["patterns"]) if one):
        raise click.exceptions.Exit(FAILED)


def _play(place: Path, story: Story, auto: bool, keep: bool) -> Json:
    from tmuxorch.cli import demo_patterns, demo_stage

    output.note(f"project {place} · sample repos, and a SCRIPTED model: its answers were written in advance")
    stage = demo_stage.prepare(place, story)
    kept, run, patterns = False, None, list[Json]()
    try:
        if story.extras.patterns:
            patterns = demo_patterns.play(stage.paths, story, auto)
            demo_patterns.tell(stage.paths, patterns)
        else:
            run, workers = _run(stage, story, auto)
            _tell(stage.paths, run, workers)
        kept = keep
        if not keep:
            output.note("with --keep, the session stays for you to attach to")
    finally:
        if not kept:
            _clear(stage)
    if kept:
        output.note(f"still running; look at it: tmuxorch -C {stage.paths.project} attach")
        output.note(f"to end it: tmuxorch -C {stage.paths.project} down --kill-agents")
    return {"dir": str(stage.paths.project), "run": run, "patterns": patterns}


def _run(stage: Stage, story: Story, auto: bool) -> tuple[Json, list[str]]:
    """Starts everything and follows it to its end; the run object, and the workers beside it."""
    from tmuxorch.cli import demo_lead, kickoff
    from tmuxorch.cli.client import connect
    from tmuxorch.cli.demo_answers import Answerer
    from tmuxorch.cli.follow import follow
    from tmuxorch.cli.start import start

    paths = stage.paths
    with output.waiting("starting the controller and three App Servers"):
        start(paths)
    with connect(paths) as client:
        if story.extras.led:
            run: Json = demo_lead.begin(client, story)
        else:
            begun = kickoff.parse(story.kickoff, paths.project)
            requests = [asdict(request) for request in begun.requests]
            run = client.call("run", {"problem": begun.problem, "requests": requests})
        workers = [_exec(client, paths, aside) for aside in story.extras.workers]
    beside = f" and the exec workers {', '.join(workers)}" if workers else ""
    output.note(f"run {run['id']}{beside} begins")
    if auto:
        ended = follow(paths, ("wait_run", {"id": run["id"]}), Answerer(paths, story).look)
    else:
        _attach(paths, "orchestrator" if story.extras.led else "checkpoints")
        ended = follow(paths, ("wait_run", {"id": run["id"]}))
    with connect(paths) as client:
        if story.extras.led:
            demo_lead.has_reported(client)
        client.call("wait", {"ids": workers, "any": False, "timeout": None})
    return ended, workers


def _exec(client: Client, paths: ProjectPaths, aside: Aside) -> str:
    params = {**asdict(aside), "label": aside.role, "cd": str(paths.project / "repos")}
    worker: Json = client.call("exec", params)
    return str(worker["id"])


def _attach(paths: ProjectPaths, window: str) -> None:
    """Shows the session, first that window, until the user detaches."""
    from tmuxorch.cli.attach import attach_argv

    output.note("answer in the window `checkpoints`; to leave the session, also at the end: Ctrl-B, then d")
    # The session is on a server of its own: a tmux around us is no reason not to attach.
    env = {name: value for name, value in os.environ.items() if name not in ("TMUX", "TMUX_PANE")}
    subprocess.run(attach_argv(paths, window), env=env, check=False)
    output.note(f"attach again: tmuxorch -C {paths.project} attach checkpoints")


def _tell(paths: ProjectPaths, run: Json, workers: list[str]) -> None:
    """The report, and what else there is to look at."""
    from tmuxorch.cli.runs import find_report

    with contextlib.suppress(NotFound):
        output.note("\n" + str(find_report(paths, run["id"])["markdown"]))
    here, repo = paths.project, f"{paths.project}/repos/backend"
    output.note(f"{run['id']} {run['outcome']}. Look at:")
    branches = [place["branch"] for place in run["places"] if place["worktree"]]
    changed = f"git -C {repo} log -p main..{branches[0]}" if branches else f"git -C {repo} diff"
    rows = [
        [f"{here}/plan.md", "the plan, with what became of each item"],
        [f"{here}/runs.md", "the log of the run"],
        [str(paths.report(run["id"])), "the report"],
        [changed, "what an agent changed (also in the other repos)"],
        [f"tmuxorch -C {here} status", "the last state"],
        *([f"tmuxorch -C {here} result {worker}", "what an exec worker said"] for worker in workers),
        [f"tmuxorch -C {here} journal", "everything that happened"],
    ]
    for line in output.aligned(rows):
        output.note(f"  {line}")


def _clear(stage: Stage) -> None:
    """Stops agents, controller, model and session; says what could not be stopped."""
    from tmuxorch.cli import demo_stage
    from tmuxorch.cli.client import connect

    with output.waiting("stopping agents and session"):
        try:
            with connect(stage.paths) as client:
                client.end_controller(kill_agents=True)
        except ControllerUnavailable:
            pass
        except TmuxorchError as error:
            output.note(f"agents may still run: {error.message}")
        demo_stage.clear(stage)
    output.note(f"stopped; everything it made is in {stage.paths.project}")


def _check_tools() -> None:
    """Raises ToolMissing before anything is made."""
    from tmuxorch.codex import binary
    from tmuxorch.tmux.binary import find_tmux

    find_tmux()
    binary.find()


@contextlib.contextmanager
def _ends_as_interrupt() -> Iterator[None]:
    """Being told to end, or losing the terminal, is as Ctrl-C: everything is stopped first."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

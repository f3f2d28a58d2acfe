"""`tmuxorch ls`, `result`, `wait`, `stop`, `rerun`, `resume` and `prune`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command, read_text
from tmuxorch.cli.output import Json
from tmuxorch.errors import NotFound, Refused

FAILED = 1

ENDED = ("exited", "ended")
"""States of workers, and of patterns, that have ended."""


@command("ls")
@click.pass_obj
def ls(app: App) -> None:
    """List the workers: who waits for whom, what each may write; and the patterns that they work for."""
    from tmuxorch.cli import render

    found = app.look("status")
    room = output.columns()
    lines = (
        *render.pattern_lines(found["patterns"], room=room),
        *render.worker_lines(found["workers"], room),
    )
    app.show(found["workers"], lambda: "\n".join(lines))


@command("result")
@click.argument("worker", metavar="ID")
@click.option("--sarif", is_flag=True, help="Of a pattern that reviews: its findings as SARIF 2.1.0.")
@click.pass_obj
def result(app: App, worker: str, sarif: bool) -> None:
    """Print the last message of a worker that has ended, or the one result of a pattern."""
    found = app.look("result", id=worker)
    if sarif:
        path = Path(found["path"]).with_suffix(".sarif")
        if not path.is_file():
            raise NotFound(f"{worker} has no findings in SARIF", hint=f"tmuxorch result {worker}")
        output.data(path.read_text(encoding="utf-8"))
        return
    app.show(found, lambda: str(found["message"]))
    if app.json:
        return
    if "worker" in found:
        tell_changes(found["worker"])
    else:
        tell_changes_for(app.look("status"), [worker])


@command("wait")
@click.argument("workers", nargs=-1, required=True, metavar="ID...")
@click.option("--any", "any_", is_flag=True, help="Until one has ended, not all.")
@click.option("--timeout", type=click.FloatRange(min=0.001), metavar="S", help="Give up after S seconds.")
@click.pass_obj
def wait(app: App, workers: tuple[str, ...], any_: bool, timeout: float | None) -> None:
    """Wait until workers or patterns have ended; exit code 1 if one of them failed."""
    from tmuxorch.cli import render

    names = " ".join(workers)
    with output.waiting(f"waiting for {names}", f"nothing was stopped; wait again: tmuxorch wait {names}"):
        found: list[Json] = app.ask("wait", ids=list(workers), any=any_, timeout=timeout)
    app.show(found, lambda: "\n".join(map(render.end_line, found)))
    if any(worker["state"] in ENDED and worker["outcome"] != "succeeded" for worker in found):
        raise click.exceptions.Exit(FAILED)


@command("stop")
@click.argument("workers", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def stop(app: App, workers: tuple[str, ...]) -> None:
    """Stop workers, or patterns with theirs; returns when nothing of them is alive."""
    from tmuxorch.cli import render

    with output.waiting(f"stopping {' '.join(workers)}", "they are being stopped: tmuxorch ls"):
        sent = [app.client.send("stop", {"id": worker}) for worker in workers]
        while not all(map(app.client.answered, sent)):
            app.client.pump()
        found = [app.client.taken(number) for number in sent]
    app.show(found if len(found) > 1 else found[0], lambda: "\n".join(map(render.end_line, found)))


@command("rerun")
@click.argument("worker")
@click.option("--context", default="", metavar="TEXT", help="Added to what it was told. - reads stdin.")
@click.pass_obj
def rerun(app: App, worker: str, context: str) -> None:
    """Do a worker's task again, in a new worker whose id is printed."""
    added = read_text(context)
    with output.waiting(f"starting what {worker} did again"):
        found = app.ask("rerun", id=worker, context=added)
    app.show(found, lambda: str(found["id"]))


@command("resume")
@click.argument("worker")
@click.argument("text")
@click.pass_obj
def resume(app: App, worker: str, text: str) -> None:
    """Go on in a worker's thread with TEXT (- reads stdin), in a new worker whose id is printed."""
    told = read_text(text)
    with output.waiting(f"going on in the thread of {worker}"):
        found = app.ask("resume", id=worker, text=told)
    app.show(found, lambda: str(found["id"]))


@command("prune")
@click.pass_obj
def prune(app: App) -> None:
    """Close the windows of everything that has ended. Logs stay."""
    with output.waiting("closing windows"):
        found = app.ask("prune")
    app.show(found, lambda: f"closed {len(found['closed'])} windows")


def finish(app: App, worker: str) -> None:
    """Waits for a worker, prints its result, and ends the command by its outcome."""
    with output.waiting(f"waiting for {worker}", f"{worker} goes on; wait again: tmuxorch wait {worker}"):
        ended: Json = app.ask("wait", ids=[worker], any=False, timeout=None)[0]
    try:
        found = app.ask("result", id=worker)
    except Refused:
        found = {"worker": ended, "message": "", "path": None}
    app.show(found, lambda: str(found["message"]))
    if not app.json:
        tell_changes(ended)
    if ended["outcome"] != "succeeded":
        if not app.json:
            output.note(f"tmuxorch: {worker} {_why(ended)}")
            output.note(f"  try: tmuxorch logs {worker}")
        raise click.exceptions.Exit(FAILED)


def tell_changes(worker: Json) -> None:
    """Says on stderr how to merge what an editing worker did in its worktree, and what it changed unasked."""
    if worker["violations"]:
        output.note(f"{worker['id']} changed outside of its paths: {', '.join(worker['violations'])}")
    if worker["merge"]:
        output.note(
            "\n".join([f"to merge what {worker['id']} did, type:", *(f"  {one}" for one in worker["merge"])])
        )


def tell_changes_for(status: Json, runs: Sequence[str]) -> None:
    """As `tell_changes`, of each worker of those runs of patterns."""
    for worker in status["workers"]:
        if worker["pattern"] in runs:
            tell_changes(worker)


def _why(worker: Json) -> str:
    reason = worker.get("reason") or ""
    return str(worker["outcome"]) + (f": {reason}" if reason else "")

"""`tmuxorch` alone: where things stand in a few lines, and what to type next. Looks, and starts nothing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from tmuxorch.cli import output, render
from tmuxorch.cli.app import App
from tmuxorch.cli.output import Json, aligned, cell, columns, fitted, flowed, wrapped
from tmuxorch.cli.standing import place
from tmuxorch.cli.streams import styled

Step = tuple[str, str]
"""A command, and what it is good for."""

WELL = (None, "succeeded", "cancelled")
"""Outcomes of workers that need no look."""

LABEL = re.compile(r"[A-Za-z0-9_-]{1,40}")

FEW = 3
"""Things of one kind that are named; others are counted."""

REPOS = 4
"""Repos that are proposed as children."""

DEFAULT = "backend=../backend"


def stand(app: App) -> None:
    """Prints it."""
    if not (app.paths.config.is_file() or app.paths.journal.is_dir()):
        steps = first_steps(app.paths.project)
        head = wrapped(
            "no project here: no orchestrator.config.yaml in this directory or above it", columns()
        )
        found: Json = {"project": None}
    else:
        found = app.look("status")
        steps = next_steps(found, reported=any(app.paths.reports.glob("R*.md")))
        head = _brief(found)
    typed = [(app.typed(command), about) for command, about in steps]

    def text() -> str:
        rows = [["next:" if not at else "", *one] for at, one in enumerate(typed)]
        return "\n".join([*head, "", *aligned(rows, columns(), wrap=True), "all commands: tmuxorch --help"])

    app.show({**found, "next": [command for command, _ in steps]}, text)


def first_steps(here: Path) -> list[Step]:
    """What to do where there is no project: the repos below or beside `here` are proposed as children."""
    repos = _repos(here, "") or ([] if (here / ".git").exists() else _repos(here.parent, "../"))
    named = " ".join(f"{name}={shlex.quote(path)}" for name, path in repos)
    return [
        (f"tmuxorch init {named or DEFAULT}", "make this directory a project, with these repos"),
        ("tmuxorch demo", "or see it work first, on sample repos"),
    ]


def _repos(directory: Path, prefix: str) -> list[tuple[str, str]]:
    try:
        found = sorted(one.name for one in directory.iterdir() if (one / ".git").exists())
    except OSError:
        return []
    return [(name, f"{prefix}{name}") for name in islice(filter(LABEL.fullmatch, found), REPOS)]


def next_steps(of: Json, *, reported: bool) -> list[Step]:
    """What is useful now, the most useful first. `reported`: a run has left a report."""
    steps: list[Step] = []
    run = of["run"] or {}
    busy = of["counts"]["running"] + of["counts"]["queued"] > 0 or (run and not run.get("outcome"))
    if of["project"]["controller"] is None:
        steps.append(("tmuxorch up", "start it: what was going on goes on"))
    if waiting := of["checkpoints"]:
        steps.append((f"tmuxorch show {waiting[0]['id']}", "look at what waits for you, and how to answer"))
    if failed := _failed(of):
        steps.append((f"tmuxorch logs {failed[-1]}", "see why it failed"))
    if busy and of["project"]["controller"]:
        steps.append(("tmuxorch attach", "watch"))
    if run.get("outcome") and reported:
        steps.append(("tmuxorch report", f"read what {run['id']} came to"))
    if not busy:
        steps.append(('tmuxorch run "what is to be done"', "begin a run"))
    return steps


def _failed(of: Json) -> list[str]:
    """Children and workers, the newest last."""
    return [
        *(one["name"] for one in of["children"] if one["state"] == "failed"),
        *(one["id"] for one in of["workers"] if one["outcome"] not in WELL),
    ]


def _brief(of: Json) -> list[str]:
    lines = [flowed(place(of))]
    if of["paused"]:
        lines.append(styled(flowed(map(cell, render.pause(of["paused"]))), "yellow"))
    if of["run"]:
        lines.append(fitted(cell(render.run_line(of["run"])), columns()))
    if waiting := of["checkpoints"]:
        rows = aligned(render.checkpoint_rows(waiting[:FEW]), columns() - 2, render.CHECKPOINTS_GIVE)
        lines.append(styled(f"{_counted(waiting)} for you", "yellow"))
        lines += [f"  {row}" for row in rows]
    if failed := _failed(of):
        lines.append(styled(f"failed: {_first(failed)}", "red"))
    counts = of["counts"]
    at_work = [f"{counts[word]} {word}" for word in ("running", "queued") if counts[word]]
    return [*lines, output.joined(at_work)] if at_work else lines


def _counted(waiting: Sequence[Json]) -> str:
    return "1 waits" if len(waiting) == 1 else f"{len(waiting)} wait"


def _first(names: Sequence[str]) -> str:
    """The newest few."""
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[: -FEW - 1 : -1]) + more

"""`tmuxorch logs`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import click

from tmuxorch.cli.app import App, command
from tmuxorch.errors import NotFound
from tmuxorch.store.paths import ProjectPaths


class Log(NamedTuple):
    """A file and how it is drawn: one of the host's views."""

    path: Path
    view: str


@command("logs")
@click.argument("name", metavar="ID")
@click.option("-f", "--follow", is_flag=True, help="Go on as it grows, until Ctrl-C.")
@click.option("--raw", is_flag=True, help="The file as it is (JSON lines).")
@click.pass_obj
def logs(app: App, name: str, follow: bool, raw: bool) -> None:
    """Print what a worker (W3), a check (K2), a child, or the controller did."""
    from tmuxorch.host import records

    log = find(app.paths, name)
    if raw or app.json:
        copy_for_ever(log.path) if follow else copy(log.path)
    elif follow:
        argv = [*records.command(), "view", log.view, str(log.path), "--title", name]
        os.execv(argv[0], argv)
    else:
        draw(log)


def find(paths: ProjectPaths, name: str) -> Log:
    """The log of `name`. Raises NotFound; names with a slash are nobody's."""
    if "/" not in name and name not in ("", ".", ".."):
        for log in (
            Log(_newest_try(paths, name) / "events.jsonl", "exec"),
            Log(paths.check(name) / "output.log", "log"),
            Log(paths.frames(name), "frames"),
        ):
            if log.path.is_file():
                return log
        if name == "controller" and paths.controller_log.is_file():
            return Log(paths.controller_log, "log")
    raise NotFound(f"there is no log of {name!r}", hint="tmuxorch status")


def _newest_try(paths: ProjectPaths, worker: str) -> Path:
    """The directory of a worker's newest try that has begun."""
    number = 1
    while (paths.attempt(worker, number + 1) / "start.json").is_file():
        number += 1
    return paths.attempt(worker, number)


def draw(log: Log) -> None:
    """Prints a readable rendering of all there is."""
    from tmuxorch.host import views
    from tmuxorch.host.feed import Feed
    from tmuxorch.host.follow import Follower
    from tmuxorch.host.screen import Screen

    feed, follower, screen = Feed(views.renderer(log.view, "")), Follower(str(log.path)), Screen()
    try:
        while (grown := follower.read()).data:
            screen.draw(feed.rows(grown, None))
            screen.settle(60.0)
        screen.draw(feed.last(None))
        screen.settle(60.0)
    finally:
        follower.close()
        screen.leave()


def copy(path: Path) -> None:
    """Copies the file to stdout, byte by byte."""
    with path.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def copy_for_ever(path: Path) -> None:
    """As `copy`, and what the file grows by, until Ctrl-C."""
    import asyncio

    asyncio.run(copy_on(path))


async def copy_on(path: Path) -> None:
    """As `copy`, and for ever what the file grows by."""
    from tmuxorch.store.watch import watch

    with path.open("rb") as file:
        async for _ in watch(path.parent):
            shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()

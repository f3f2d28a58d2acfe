"""`tmuxorch journal` and `runs-md`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmuxorch.cli import output
from tmuxorch.cli.app import App, command
from tmuxorch.errors import NotFound

if TYPE_CHECKING:
    from tmuxorch.store.segments import Record


CHUNK = 500
"""Records that are written together."""


@command("journal")
@click.option(
    "--since", type=click.IntRange(min=0), default=0, metavar="SEQ", help="Only what came after SEQ."
)
@click.option("-f", "--follow", is_flag=True, help="Go on as it grows, until Ctrl-C.")
@click.pass_obj
def journal(app: App, since: int, follow: bool) -> None:
    """Print the record of everything that happened: one JSON object per line."""
    from tmuxorch.store.reading import Cursor

    if not app.paths.journal.is_dir():
        raise NotFound("this project has no journal yet", hint="tmuxorch up")
    if follow:
        import asyncio

        asyncio.run(_follow(app.paths.journal, since))
    else:
        records = Cursor(app.paths.journal, since).read()
        while chunk := "".join(map(_line, islice(records, CHUNK))):
            output.write(chunk)


async def _follow(directory: Path, since: int) -> None:
    from tmuxorch.store.reading import follow

    async for record in follow(directory, since):
        output.write(_line(record))


def _line(record: Record) -> str:
    at = datetime.fromtimestamp(record.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"seq": record.seq, "at": at, "event": json.loads(bytes(record.e))}) + "\n"


@command("runs-md")
@click.pass_obj
def runs_md(app: App) -> None:
    """Print runs.md."""
    path = app.paths.runs
    if not path.is_file():
        raise NotFound(f"there is no {path} yet", hint="tmuxorch up")
    text = path.read_text(encoding="utf-8", errors="replace")
    app.show({"path": str(path), "markdown": text}, lambda: text)

"""The status as the sections of the overview."""

from __future__ import annotations

from tmuxorch.cli.output import Json
from tmuxorch.cli.screens import agent_rows, item_rows
from tmuxorch.cli.screens.cells import Known, age
from tmuxorch.cli.screens.rows import Group, Kind, Row, Section


def sections(known: Known) -> list[Section]:
    """What there is, in the order of the screen; none is empty."""
    made = (
        _checkpoints(known),
        item_rows.plan(known),
        agent_rows.children(known),
        agent_rows.patterns(known),
        agent_rows.workers(known),
    )
    return [section for section in made if section.rows]


def _checkpoints(known: Known) -> Section:
    waiting = [point for point in known.status["checkpoints"] if point["state"] == "open"]
    return Section(
        title="waiting for you",
        told="",
        rows=[_checkpoint(known, point) for point in waiting],
        keeps=(0, 2, 1),
    )


def _checkpoint(known: Known, of: Json) -> Row:
    item = f" item {of['item']}" if of.get("item") else ""
    words = ((known.line(of["title"]), "bold"),)
    return Row(
        id=of["id"],
        kind=Kind.CHECKPOINT,
        group=Group.WAITING,
        style="yellow",
        lead=known.sign("waiting", of["id"]),
        cells=(of["kind"], known.line(f"{of['source']}{item}"), age(of["opened"])),
        words=lambda now: words,
        window=None,
        of=of,
    )

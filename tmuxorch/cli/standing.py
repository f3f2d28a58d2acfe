"""How things stand, as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxorch.cli import render
from tmuxorch.cli.output import Json, aligned, cell, columns, duration, fitted, flowed, seconds_since
from tmuxorch.cli.streams import styled


def status(of: Json) -> str:
    """The whole status."""
    parts = [_project(of)]
    if full := render.full(of):
        parts.append(styled(flowed(full), "red"))
    if of.get("paused"):
        parts.append(styled(flowed(map(cell, render.pause(of["paused"]))), "yellow"))
    if of.get("run"):
        parts.append(fitted(cell(render.run_line(of["run"])), columns()))
    for title, rows, gives_way in (
        ("plan", render.item_rows(of.get("run") or {}), render.ITEMS_GIVE),
        ("children", render.child_rows(of["children"]), render.CHILDREN_GIVE),
        ("workers", render.worker_rows(of["workers"]), render.WORKERS_GIVE),
    ):
        if rows:
            parts += [styled(title, "bold"), *_coloured(rows, gives_way)]
    if active := [one for one in of.get("patterns") or () if one["state"] != "ended"]:
        parts += [styled("patterns", "bold"), *_indented(render.pattern_lines(active, room=columns() - 2))]
    if waiting := of["checkpoints"]:
        lines = aligned(render.checkpoint_rows(waiting), columns() - 2, render.CHECKPOINTS_GIVE)
        parts += [styled("waiting for you", "bold"), *_indented(lines)]
        ways = (f"look at one: tmuxorch show {waiting[0]['id']}", "all: tmuxorch attach checkpoints")
        parts += _indented(flowed(ways, columns() - 2).splitlines())
    return "\n".join(parts)


def _project(of: Json) -> str:
    return flowed(place(of))


def place(of: Json) -> list[str]:
    """Which project, session and controller."""
    project = of["project"]
    controller = project.get("controller")
    running = (
        f"controller {controller['pid']}, up {duration(seconds_since(controller['since']))}"
        if controller
        else "controller not running: tmuxorch up"
    )
    session = f"session {project['session']}" if project.get("session") else ""
    lead = "talk to the lead: tmuxorch attach orchestrator" if (of.get("lead") or {}).get("open") else ""
    return [styled(cell(render.short_path(project["dir"])), "bold"), session, running, lead]


def _coloured(rows: Sequence[Sequence[str]], gives_way: Sequence[int]) -> list[str]:
    """A table, each line in the colour of the word in its second column."""
    lines = _indented(aligned(rows, columns() - 2, gives_way))
    return [styled(line, render.STYLES.get(row[1], "")) for row, line in zip(rows, lines, strict=True)]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]

"""The first lines of the overview: how it stands in a word, the run, and what is wrong as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxorch.cli import render
from tmuxorch.cli.output import Json, count, duration, joined
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.lines import Line, Part, columns, cut_line
from tmuxorch.cli.screens.rows import SIGNS, UNKNOWN

COUNTS = (
    ("running", "working", "at work", "bold cyan"),
    ("waiting", "waiting", "waiting for you", "bold yellow"),
    ("failed", "failed", "failed", "bold red"),
    ("queued", "queued", "queued", ""),
)
"""Of the status: which count, its sign, its words, its style."""

GAP = 3
"""Blanks between the counts and the project."""

LEAST = 12
"""Cells in which it is worth while to name the project."""

BAR = 12
"""Cells of the bar of a run, twice as many where there is room."""


def head(status: Json | None, problem: str, width: int, now: float, glyphs: Glyphs) -> list[Line]:
    """The lines above the sections. `status` is None before the first came; `problem` says why it may be old."""
    lines: list[Line] = []
    if status is not None:
        lines += [_top(status, width, glyphs), _run(status, width, now, glyphs)]
    if problem:
        dot = glyphs["dot"]
        words = f"{glyphs['failed']} {glyphs.line(problem)} {dot} tmuxorch up"
        lines.append(_filled([(words, "bold red reverse")], width, "bold red reverse", glyphs))
    elif status is None:
        lines.append((("connecting", "dim"), (glyphs["more"], "dim")))
    if full := render.full(status or {}):
        words = glyphs.line(joined(full))
        lines.append(_filled([(words, "bold red reverse")], width, "bold red reverse", glyphs))
    if status and status.get("paused"):
        words = glyphs.line(render.pause_line(status["paused"], now))
        lines.append(_filled([(words, "yellow reverse")], width, "yellow reverse", glyphs))
    return lines


def _top(status: Json, width: int, glyphs: Glyphs) -> Line:
    counts = status.get("counts") or {}
    parts: list[Part] = []
    for key, sign, words, style in COUNTS:
        if counts.get(key):
            parts += [("   " if parts else "", ""), (f"{glyphs[sign]} {counts[key]} {words}", style)]
    if not parts:
        parts = [("nobody is at work", "dim")]
    project = status["project"]
    place: list[Part] = [(glyphs.line(render.short_path(project["dir"])), "bold")]
    if project.get("session"):
        place.append((f" {glyphs['dot']} session {glyphs.line(project['session'])}", "dim"))
    if (status.get("lead") or {}).get("open"):
        place.append((f" {glyphs['dot']} lead open", "dim"))
    rest = max(width - columns(tuple(parts)) - GAP, 0)
    while len(place) > 1 and columns(tuple(place)) > rest:
        place.pop()
    place = list(cut_line(place, rest, glyphs["more"])) if rest > LEAST else []
    blanks = width - columns(tuple(parts)) - columns(tuple(place)) if place else 0
    return cut_line([*parts, (" " * blanks, ""), *place], width, glyphs["more"])


def _run(status: Json, width: int, now: float, glyphs: Glyphs) -> Line:
    run = status.get("run")
    if not run:
        return cut_line(
            [("no run yet", "dim"), (': tmuxorch run "what is to be done"', "dim")], width, glyphs["more"]
        )
    items = run.get("items") or ()
    done = sum(item["status"] in ("done", "skipped") for item in items)
    state = run.get("outcome") or run["phase"]
    style = SIGNS.get(state, UNKNOWN)[1] if run.get("outcome") else "bold cyan"
    parts: list[Part] = [(f"{glyphs.line(run['id'])} ", "bold"), (f"{state} ", style)]
    if items:
        parts += [*_bar(done, len(items), width, glyphs), (f" {done}/{len(items)}", "")]
    spent = run.get("tokens") or {}
    number = (spent.get("input") or 0) + (spent.get("output") or 0)
    words = run.get("reason") or run["problem"]
    told = [
        f"led by {glyphs.line(run['led'])}" if run.get("led") else "",
        duration(render.elapsed(run, now)),
        f"{count(number)} tokens" if number else "",
        glyphs.line(render.first_line(words)[:500]),
    ]
    parts += [(f" {glyphs['dot']} {one}", "") for one in told if one]
    return cut_line(parts, width, glyphs["more"])


def _bar(done: int, total: int, width: int, glyphs: Glyphs) -> Sequence[Part]:
    room = BAR * 2 if width >= 100 else BAR
    full = room * done // total
    return [(glyphs["full"] * full, "green"), (glyphs["empty"] * (room - full), "dim")]


def _filled(parts: Sequence[Part], width: int, style: str, glyphs: Glyphs) -> Line:
    line = cut_line(parts, width, glyphs["more"])
    return (*line, (" " * (width - columns(line)), style))

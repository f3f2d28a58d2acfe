"""The overview as lines: what happens now, most urgent first, however small the terminal."""

from __future__ import annotations

from rich.text import Text

from tmuxorch.cli import render
from tmuxorch.cli.output import Json, aligned, joined
from tmuxorch.codex.visible import visible_line

KEPT_WORKERS, KEPT_PATTERNS = 8, 3
"""Finished workers and runs of patterns that are shown; the living ones are always."""

Section = tuple[str, list[Text]]


def lines(
    status: Json | None, activity: dict[str, str], problem: str, width: int, height: int, now: float
) -> list[Text]:
    """The whole screen. `status` is None before the first one came; `problem` says why it may be old."""
    head = [Text(_top(status), style="bold")]
    if problem:
        head.append(Text(f"{visible_line(problem)} — tmuxorch up", style="bold red"))
    if status is None:
        return head if problem else [*head, Text("connecting…", style="dim")]
    if status.get("paused"):
        head.append(Text(visible_line(render.pause_line(status["paused"], now)), style="yellow"))
    if status.get("run"):
        head.append(Text(visible_line(render.run_line(status["run"], now))))
    waiting = [point for point in status["checkpoints"] if point["state"] == "open"]
    sections: list[Section] = [
        ("waiting for you", [Text(line, "yellow") for line in aligned(render.checkpoint_rows(waiting, now))]),
        ("plan", _styled(render.item_rows(status.get("run") or {}))),
        ("children", _styled(_children(status, activity))),
        ("patterns", _patterns(status, now)),
        ("workers", _styled(_workers(status, activity, now))),
    ]
    return head + _fitted([section for section in sections if section[1]], height - len(head))


def _top(status: Json | None) -> str:
    if status is None:
        return "tmuxorch"
    told = [f"{number} {word}" for word, number in (status.get("counts") or {}).items() if number]
    return visible_line(joined([render.short_path(status["project"]["dir"]), *told]))


def _children(status: Json, activity: dict[str, str]) -> list[list[str]]:
    children = status["children"]
    return [
        [*row[:4], activity.get(child["name"], "")]
        for row, child in zip(render.child_rows(children), children, strict=True)
    ]


def _workers(status: Json, activity: dict[str, str], now: float) -> list[list[str]]:
    living = [worker for worker in status["workers"] if worker["state"] != "exited"]
    ended = [worker for worker in status["workers"] if worker["state"] == "exited"]
    shown = [*living, *reversed(ended[-KEPT_WORKERS:])]
    return [
        [f"{row[0]} {worker['label']}", *row[1:4], activity.get(worker["id"], "")]
        for row, worker in zip(render.worker_rows(shown, now), shown, strict=True)
    ]


def _patterns(status: Json, now: float) -> list[Text]:
    runs = status.get("patterns") or []
    ended = [run for run in runs if run["state"] == "ended"]
    shown = [*(run for run in runs if run["state"] != "ended"), *reversed(ended[-KEPT_PATTERNS:])]
    styles = {run["id"]: render.STYLES.get(run["outcome"] or run["state"], "") for run in shown}
    return [
        Text(line, styles.get(line.split(maxsplit=1)[0], "")) for line in render.pattern_lines(shown, now)
    ]


def _styled(rows: list[list[str]]) -> list[Text]:
    """Rows as lines, each in the style of the word in its second column."""
    return [Text(line, render.STYLES.get(row[1], "")) for row, line in zip(rows, aligned(rows), strict=True)]


def _fitted(sections: list[Section], height: int) -> list[Text]:
    """The sections under their titles, in `height` lines: of the longest ones what does not fit is counted."""
    shown = [len(rows) for _, rows in sections]
    while shown and sum(shown) + len(shown) > height and max(shown) > 1:
        shown[shown.index(max(shown))] -= 1
    found: list[Text] = []
    for (title, rows), number in zip(sections, shown, strict=True):
        more = len(rows) - number
        found.append(Text(f"{title} ({more} more)" if more else title, style="dim"))
        found += [Text("  ") + row for row in rows[:number]]
    return found

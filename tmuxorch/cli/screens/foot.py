"""The last line of the overview: what the keys do with the chosen row."""

from __future__ import annotations

from tmuxorch.cli.screens.board import FILTERS, Board
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.lines import Line, Part, columns, cut_line
from tmuxorch.cli.screens.rows import Kind, Row

Key = tuple[str, str]


def foot(said: str, board: Board, fixed: bool, width: int, glyphs: Glyphs) -> Line:
    """What was `said` to the person; else the keys, those for the chosen row first, as far as they fit."""
    if said:
        return cut_line([(said, "bold")], width, glyphs["more"])
    always = [("?", "help")] if fixed else [("?", "help"), ("q", "quit")]
    shown: list[Key] = []
    for key in [*_filter(board), *_of(board.row), ("/", "find"), ("f", "filter")]:
        if columns(_line([*shown, key, *always])) <= width:
            shown.append(key)
    return cut_line(_line([*shown, *always]), width, glyphs["more"])


def _line(keys: list[Key]) -> Line:
    parts: list[Part] = []
    for key, words in keys:
        parts += [("   " if parts else "", ""), (key, "bold"), (f" {words}", "dim")]
    return tuple(parts)


def _filter(board: Board) -> list[Key]:
    if not board.filtered:
        return []
    told = [f"/{board.words}"] if board.words else []
    if board.filter:
        told.append(FILTERS[board.filter][0])
    return [("only", " ".join(told)), ("Esc", "all")]


def _of(row: Row | None) -> list[Key]:
    if row is None:
        return []
    match row.kind:
        case Kind.CHECKPOINT:
            return [("Enter", "answer")]
        case Kind.ITEM:
            return [("Enter", "window")] if row.window else []
        case Kind.CHILD:
            keys = [("Enter", "window")] if row.window else []
            stop = [("s", "interrupt")] if row.of["state"] in ("active", "waiting") else []
            return [*keys, *stop, ("t", "TUI"), _mute(row)]
        case Kind.PATTERN | Kind.STEP:
            return [("s", "stop")] if row.of["state"] != "ended" else []
        case Kind.WORKER:
            keys = [("Enter", "window")] if row.window else []
            again = ("r", "rerun") if row.of["state"] == "exited" else ("s", "stop")
            return [*keys, again, _mute(row)]


def _mute(row: Row) -> Key:
    return ("m", "unmute" if row.of.get("muted") else "mute")

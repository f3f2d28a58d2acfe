"""Who gets how many lines where there is not room for all."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxorch.cli.screens.rows import URGENT, Row


def shares(sections: Sequence[Sequence[Row]], room: int, chosen: int, first: bool) -> list[int]:
    """How many rows of each section are shown in `room` lines.

    First come those that are urgent: of the `first` section, if so, in up to half of the room, then of all in turns.
    Then each has one, if that is possible. What is left is for the section that has the `chosen` row (-1: none has it),
    then for the others.
    """
    shown = [0] * len(sections)
    totals = [len(rows) for rows in sections]
    half = [min(totals[0], room // 2) if first and not at else 0 for at in range(len(sections))]
    one = [min(1, total) if at == chosen else 0 for at, total in enumerate(totals)]
    mine = [total if at == chosen else 0 for at, total in enumerate(totals)]
    for limits in (one, half, [urgent(rows) for rows in sections], [min(1, n) for n in totals], mine, totals):
        _fill(shown, limits, room)
    return shown


def urgent(rows: Sequence[Row]) -> int:
    """How many rows come before all others."""
    return sum(row.group <= URGENT for row in rows)


def _fill(shown: list[int], limits: Sequence[int], room: int) -> None:
    """One more for each in turns, up to its limit."""
    left = room - sum(shown)
    while left > 0:
        wanting = [at for at, limit in enumerate(limits) if shown[at] < limit]
        if not wanting:
            return
        for at in wanting[:left]:
            shown[at] += 1
        left -= len(wanting)


def visible(rows: Sequence[Row], number: int, chosen: int, offset: int) -> tuple[list[int], int]:
    """Which `number` rows are shown, and where a list that is moved through begins by now.

    Where one is `chosen` (else -1) those around it are, and as few as possible move; else the most urgent ones.
    """
    if number >= len(rows):
        return list(range(len(rows))), 0
    if chosen < 0:
        by_need = sorted(range(len(rows)), key=lambda at: (rows[at].group, at))
        return sorted(by_need[:number]), offset
    offset = min(max(offset, chosen - number + 1), chosen, len(rows) - number)
    return list(range(offset, offset + number)), offset
